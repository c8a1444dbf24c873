{{ config(schema='internal') }}

with

user_items as (

    select * from {{ ref('ratings_user_items') }}

),

user_features as (

    select * from {{ ref('ratings_user_features') }}

),

all_users as (

    select count(*) as users from user_features

),

rated as (

    select
        item_id,
        count(*) as raters
    from user_items
    group by item_id

)

-- Smooth idf, as if one more user had rated every item: an item that all have rated keeps the weight 1.
select
    rated.item_id,
    rated.raters,
    all_users.users,
    round(ln((1 + all_users.users) / (1 + rated.raters)) + 1, 12) as idf
from rated
cross join all_users
