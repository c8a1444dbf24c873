{{ config(schema='internal') }}

with

ratings as (

    select * from {{ ref('ratings_ratings') }}

),

rated_items as (

    select
        item_id,
        left_out_reason is null as is_kept_item
    from {{ ref('int_ratings__rated_items') }}

),

-- Decimals add up to the same sum in any order; of a square they have room for a rating of nine digits.
rated as (

    select
        ratings.user_id,
        rated_items.is_kept_item,
        cast(ratings.rated_at as date) as rated_on,
        cast(ratings.rating as decimal(19, 6)) as rating
    from ratings
    inner join rated_items on ratings.item_id = rated_items.item_id

),

users as (

    select
        user_id,
        count(*) as number_of_ratings,
        count_if(is_kept_item) as ratings_of_kept_items,
        sum(case when is_kept_item then rating end) as sum_of_ratings,
        sum(case when is_kept_item then rating * rating end) as sum_of_squares,
        min(case when is_kept_item then rated_on end) as first_rated_on,
        max(case when is_kept_item then rated_on end) as last_rated_on
    from rated
    group by user_id

),

averaged as (

    select
        *,
        cast(sum_of_ratings as double) / nullif(ratings_of_kept_items, 0) as mean_rating,
        cast(sum_of_squares as double) / nullif(ratings_of_kept_items, 0) as mean_square
    from users

)

select
    user_id,
    number_of_ratings,
    ratings_of_kept_items,
    case
        when number_of_ratings < {{ setting('ratings_least_ratings_of_user') }} then 'few_ratings'
        when ratings_of_kept_items < {{ [setting('ratings_least_ratings_of_user') | int, 1] | max }}
            then 'few_ratings_of_kept_items'
    end as left_out_reason,
    mean_rating,
    -- A product, as engines differ in the last digit of a power. Without a mean null, which greatest would make 0.
    case
        when mean_rating is not null then sqrt(greatest(mean_square - mean_rating * mean_rating, cast(0 as double)))
    end as rating_spread,
    first_rated_on,
    last_rated_on
from averaged
