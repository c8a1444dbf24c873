{% set has_ratings = 'rating' in given_columns('ratings_ratings') %}
{% set repeated = setting('ratings_repeated') if has_ratings else 'sum' %}

with

judged_ratings as (

    select * from {{ ref('int_ratings__judged_ratings') }}

),

-- By `last` and `max` the one rating of a pair that is accepted. Decimals add up to the same sum in any order.
pairs as (

    select
        user_id,
        item_id,
        sum(rating) as sum_of_ratings,
        max(rated_at) as rated_at,
        count(*) as number_of_ratings
    from judged_ratings
    where rejection_reason is null
    group by user_id, item_id

)

select
    user_id,
    item_id,
    {% if repeated == 'mean' -%}
    cast(sum_of_ratings as double) / number_of_ratings as rating,
    {% else -%}
    cast(sum_of_ratings as double) as rating,
    {% endif -%}
    rated_at,
    number_of_ratings
from pairs
