with

kept_users as (

    select * from {{ ref('int_ratings__rating_users') }}
    where left_out_reason is null

),

ratings as (

    select * from {{ ref('ratings_ratings') }}

),

-- Also of ratings that the least numbers leave out: it is the day of what is accepted.
as_of as (

    select
        coalesce(
            {{ "date'" ~ setting('as_of_date') ~ "'" if setting('as_of_date') else 'null' }},
            cast(max(rated_at) as date)
        ) as as_of_date
    from ratings

)

select
    kept_users.user_id,
    as_of.as_of_date,
    kept_users.ratings_of_kept_items as number_of_ratings,
    kept_users.mean_rating,
    kept_users.rating_spread,
    kept_users.first_rated_on as first_rated_at,
    kept_users.last_rated_on as last_rated_at,
    datediff(as_of.as_of_date, kept_users.last_rated_on) as days_since_last_rating
from kept_users
cross join as_of
