-- All users with an accepted rating and all items are in the matrix or left out; the users of the matrix are those of
-- the features, with as many ratings.
with

matrix as (

    select
        user_id,
        item_id
    from {{ ref('ratings_user_items') }}

),

left_out as (

    select
        count_if(kind = 'user') as user_count,
        count_if(kind = 'item') as item_count
    from {{ ref('ratings_left_out') }}

),

in_matrix as (

    select
        count(distinct user_id) as user_count,
        count(distinct item_id) as item_count,
        count(*) as ratings
    from matrix

),

accepted as (

    select count(distinct user_id) as user_count
    from {{ ref('ratings_ratings') }}

),

items as (

    select count(*) as item_count
    from {{ ref('ratings_items') }}

),

features as (

    select
        count(*) as user_count,
        coalesce(sum(number_of_ratings), 0) as ratings
    from {{ ref('ratings_user_features') }}

)

select
    accepted.user_count as accepted_users,
    items.item_count as all_items,
    in_matrix.user_count as users_in_matrix,
    in_matrix.item_count as items_in_matrix,
    left_out.user_count as users_left_out,
    left_out.item_count as items_left_out,
    features.user_count as users_with_features
from accepted
cross join items
cross join in_matrix
cross join left_out
cross join features
where
    accepted.user_count != in_matrix.user_count + left_out.user_count
    or items.item_count != in_matrix.item_count + left_out.item_count
    or features.user_count != in_matrix.user_count
    or features.ratings != in_matrix.ratings
