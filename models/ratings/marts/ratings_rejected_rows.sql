{{ config(materialized='published_view') }}

with

judged_ratings as (

    select * from {{ ref('int_ratings__judged_ratings') }}

),

judged_items as (

    select * from {{ ref('int_ratings__judged_items') }}

)

select
    'ratings' as raw_table,
    rejection_reason,
    user_id,
    item_id,
    cast(rating as double) as rating,
    cast(rated_at as date) as row_date,
    rated_at_text as row_date_text,
    case when rejection_reason = 'unparsable_rating' then rating_text end as value_text
from judged_ratings
where rejection_reason is not null
union all
select
    'items' as raw_table,
    rejection_reason,
    cast(null as string) as user_id,
    item_id,
    cast(null as double) as rating,
    cast(null as date) as row_date,
    cast(null as string) as row_date_text,
    case when rejection_reason = 'duplicate_item' then title end as value_text
from judged_items
where rejection_reason is not null
