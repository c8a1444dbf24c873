{{ config(materialized='published_view') }}

with

items as (

    select * from {{ ref('ratings_items') }}

),

genres_of_items as (

    select
        item_id,
        explode(genres) as genre
    from items

)

select
    item_id,
    genre
from genres_of_items
