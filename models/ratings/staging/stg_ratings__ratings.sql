{{ config(materialized='published_view', schema='internal') }}

{% set given = given_columns('ratings_ratings') %}

with

raw_ratings as (

    select
        {{ raw_columns('ratings_ratings') }}
    from {{ raw_table('ratings_ratings') }}

),

renamed as (

    select
        {{ raw_text('user_id') }} as user_text,
        {{ raw_text('item_id') }} as item_text,
        {% if 'rating' in given -%}
        {{ raw_number_text('ratings_ratings', 'rating') }} as rating_text,
        {% else -%}
        '1' as rating_text,
        {% endif -%}
        {{ raw_timestamp('ratings_ratings', 'rated_at') }} as rated_at_typed,
        case
            when {{ raw_timestamp('ratings_ratings', 'rated_at') }} is null then {{ raw_text('rated_at') }}
        end as rated_at_text,
        is_selected,
        malformed_line is not null as is_malformed
    from raw_ratings

),

typed as (

    select
        {{ clean_identifier('user_text') }} as user_id,
        {{ clean_identifier('item_text') }} as item_id,
        rating_text,
        {{ parse_decimal('rating_text', 18, 6, raw_numbers('ratings_ratings')) }} as rating,
        rated_at_text,
        coalesce(
            rated_at_typed,
            {{ parse_timestamp(
                'rated_at_text', setting('ratings_rated_at_format'), raw_time_zone('ratings_ratings')
            ) }}
        ) as rated_at,
        is_selected,
        is_malformed
    from renamed

)

select
    user_id,
    item_id,
    rating_text,
    rating,
    rated_at_text,
    cast(rated_at as timestamp) as rated_at,
    is_selected,
    is_malformed
from typed
