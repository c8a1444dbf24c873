{% set has_items = raw_source_kind('ratings_items') != 'absent' %}

with

{% if has_items -%}
judged_items as (

    select * from {{ ref('int_ratings__judged_items') }}

),

items as (

    select
        item_id,
        coalesce(title, item_id) as title,
        genres
    from judged_items
    where rejection_reason is null

)
{% else -%}
ratings as (

    select * from {{ ref('ratings_ratings') }}

),

items as (

    select
        item_id,
        item_id as title,
        cast(array() as array<string>) as genres
    from ratings
    group by item_id

)
{% endif %}
select
    item_id,
    title,
    genres
from items
