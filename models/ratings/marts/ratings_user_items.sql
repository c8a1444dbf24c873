{% set value = setting('ratings_value') %}

with

ratings as (

    select * from {{ ref('ratings_ratings') }}

),

kept_items as (

    select item_id
    from {{ ref('int_ratings__rated_items') }}
    where left_out_reason is null

),

kept_users as (

    select
        user_id,
        mean_rating
    from {{ ref('int_ratings__rating_users') }}
    where left_out_reason is null

)

select
    ratings.user_id,
    ratings.item_id,
    ratings.rating,
    {% if value == 'binary' -%}
    cast(1 as double) as value
    {% elif value == 'log1p' -%}
    -- The last digit of a logarithm is not the same on each engine.
    round(ln(1 + ratings.rating), 12) as value
    {% elif value == 'centred' -%}
    ratings.rating - kept_users.mean_rating as value
    {% else -%}
    ratings.rating as value
    {% endif %}
from ratings
inner join kept_items on ratings.item_id = kept_items.item_id
inner join kept_users on ratings.user_id = kept_users.user_id
