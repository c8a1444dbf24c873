{{ config(before_publication='ratings_check_left_out') }}

with

rated_items as (

    select * from {{ ref('int_ratings__rated_items') }}

),

rating_users as (

    select * from {{ ref('int_ratings__rating_users') }}

),

user_items as (

    select * from {{ ref('ratings_user_items') }}

),

items_in_matrix as (

    select item_id
    from user_items
    group by item_id

),

-- An item that stays is out when all who have rated it are left out.
items_out as (

    select
        rated_items.item_id,
        rated_items.number_of_ratings,
        coalesce(rated_items.left_out_reason, 'all_users_left_out') as left_out_reason
    from rated_items
    left anti join items_in_matrix on rated_items.item_id = items_in_matrix.item_id

)

select
    'item' as kind,
    item_id as id,
    cast(null as string) as user_id,
    number_of_ratings,
    left_out_reason as reason
from items_out
union all
select
    'user' as kind,
    user_id as id,
    user_id,
    number_of_ratings,
    left_out_reason as reason
from rating_users
where left_out_reason is not null
