{{ config(schema='internal') }}

{% set has_items = raw_source_kind('ratings_items') != 'absent' %}

with

ratings as (

    select * from {{ ref('stg_ratings__ratings') }}

),

{% if has_items -%}
known_items as (

    select item_id as known_item_id
    from {{ ref('int_ratings__judged_items') }}
    where rejection_reason is null

),
{% endif %}
-- Rows of users who were erased count, and have nothing that says whose they are.
known as (

    {{ rows_with_erased_cleared(
        'ratings',
        owner='user_id',
        kept=['is_selected', 'is_malformed'],
        cleared=['user_id', 'item_id', 'rating_text', 'rating', 'rated_at_text', 'rated_at'],
    ) }}

),

{% if has_items -%}
looked_up as (

    select
        known.*,
        known_items.known_item_id is not null as is_known_item
    from known
    left join known_items on known.item_id = known_items.known_item_id

),
{% else -%}
looked_up as (

    select
        *,
        true as is_known_item
    from known

),
{% endif %}
-- One reason a rating, the first that applies: what cannot be read, then what cannot be.
judged as (

    select
        *,
        case
            when is_erased then 'erased'
            when is_malformed then 'malformed_line'
            when not is_selected then 'not_a_rating'
            when user_id is null then 'missing_user'
            when item_id is null then 'missing_item'
            when not is_known_item then 'unknown_item'
            when rating is null then if(rating_text is null, 'missing_rating', 'unparsable_rating')
            {% if setting('ratings_lowest') != '' -%}
            when rating < {{ setting('ratings_lowest') }} then 'out_of_range'
            {% endif -%}
            {% if setting('ratings_highest') != '' -%}
            when rating > {{ setting('ratings_highest') }} then 'out_of_range'
            {% endif -%}
            {% if setting('ratings_value') == 'log1p' -%}
            when rating < 0 then 'negative_rating'
            {% endif -%}
            when rated_at is null and rated_at_text is not null then 'unparsable_time'
            when rated_at >= date'{{ run_date() }}' + interval 1 day then 'future_date'
            {% if setting('as_of_date') -%}
            when rated_at >= date'{{ setting("as_of_date") }}' + interval 1 day then 'after_as_of_date'
            {% endif -%}
        end as rating_reason
    from looked_up

)

select
    rating_reason,
    user_id,
    item_id,
    rating,
    case when rating is null then rating_text end as rating_text,
    rated_at,
    case when rated_at is null then rated_at_text end as rated_at_text
from judged
