{{ config(schema='internal') }}

with

items as (

    select * from {{ ref('ratings_items') }}

),

ratings as (

    select * from {{ ref('ratings_ratings') }}

),

counted as (

    select
        item_id,
        count(*) as number_of_ratings
    from ratings
    group by item_id

)

select
    items.item_id,
    coalesce(counted.number_of_ratings, 0) as number_of_ratings,
    case
        when counted.item_id is null then 'no_ratings'
        when counted.number_of_ratings < {{ setting('ratings_least_ratings_of_item') }} then 'few_ratings'
    end as left_out_reason
from items
left join counted on items.item_id = counted.item_id
