{{ config(materialized='published_view') }}

with

judged_events as (

    select * from {{ ref('int_bookings__judged_campaign_events') }}

)

select
    customer_id,
    campaign_id,
    campaign_type,
    event,
    occurred_at,
    occurred_on
from judged_events
where rejection_reason is null
