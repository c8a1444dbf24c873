-- Accepted ratings and their users are those of the segments, and each rating of the matrix is in one cell of a segment
-- and an item. What a report hides is missing in its sum: then there must be no more than there is.
with

ratings as (

    select * from {{ ref('ratings_ratings') }}

),

user_items as (

    select * from {{ ref('ratings_user_items') }}

),

segment_profile as (

    select * from {{ ref('ratings_segment_profile') }}

),

segment_months as (

    select * from {{ ref('ratings_segment_months') }}

),

segment_items as (

    select * from {{ ref('int_ratings__segment_items') }}

),

customer_segments as (

    select * from {{ ref('ratings_customer_segments') }}

),

accepted as (

    select
        count(*) as accepted_ratings,
        count(distinct user_id) as accepted_users,
        count(rated_at) as ratings_with_time
    from ratings

),

in_matrix as (

    select
        count(*) as matrix_ratings,
        count(distinct user_id) as matrix_users
    from user_items

),

hidden as (

    select coalesce(max(is_hidden), false) as is_profile_hidden from segment_profile

),

published as (

    select
        'ratings of ratings_segment_profile' as figure,
        sum(segment_profile.ratings) as amount,
        max(accepted.accepted_ratings) as expected,
        max(hidden.is_profile_hidden) as is_part_hidden
    from segment_profile
    cross join accepted
    cross join hidden
    union all
    select
        'users of ratings_segment_profile' as figure,
        sum(segment_profile.users) as amount,
        max(accepted.accepted_users) as expected,
        max(hidden.is_profile_hidden) as is_part_hidden
    from segment_profile
    cross join accepted
    cross join hidden
    union all
    select
        'ratings of ratings_segment_months' as figure,
        sum(segment_months.ratings) as amount,
        max(accepted.ratings_with_time) as expected,
        true as is_part_hidden
    from segment_months
    cross join accepted
    union all
    select
        'ratings of int_ratings__segment_items' as figure,
        sum(segment_items.raters) as amount,
        max(in_matrix.matrix_ratings) as expected,
        false as is_part_hidden
    from segment_items
    cross join in_matrix
    union all
    select
        'users of ratings_customer_segments' as figure,
        count(customer_segments.user_id) as amount,
        max(in_matrix.matrix_users) as expected,
        false as is_part_hidden
    from customer_segments
    cross join in_matrix

)

select
    figure,
    amount,
    expected
from published
where not coalesce(amount = expected or (is_part_hidden and coalesce(amount, 0) <= expected), false)
