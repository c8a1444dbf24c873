{{ config(schema='internal') }}

with

user_items as (

    select * from {{ ref('ratings_user_items') }}

),

item_genres as (

    select * from {{ ref('ratings_item_genres') }}

)

-- A rating of an item counts once for each of its genres.
select
    user_items.user_id,
    item_genres.genre,
    count(*) as ratings,
    sum(user_items.rating) as sum_of_ratings,
    sum(user_items.value) as sum_of_values
from user_items
inner join item_genres on user_items.item_id = item_genres.item_id
group by user_items.user_id, item_genres.genre
