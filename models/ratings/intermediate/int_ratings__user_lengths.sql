{{ config(schema='internal') }}

with

user_items as (

    select * from {{ ref('ratings_user_items') }}

),

item_weights as (

    select * from {{ ref('int_ratings__item_weights') }}

),

weighted as (

    select
        user_items.user_id,
        user_items.value * item_weights.idf as weight
    from user_items
    inner join item_weights on user_items.item_id = item_weights.item_id

)

-- The Euclidean length of a user's row: who rates much weighs as much as who rates little.
select
    user_id,
    count(*) as ratings,
    sqrt(sum(weight * weight)) as row_length
from weighted
group by user_id
