{{ config(materialized='published_view') }}

with

customer_segments as (

    select * from {{ ref('retail_customer_segments') }}

),

segment_profile as (

    select * from {{ ref('retail_segment_profile') }}

),

customer_rfm as (

    select * from {{ ref('retail_customer_rfm') }}

),

segment_names as (

    select * from {{ ref('retail_segment_names') }}

),

segment_history as (

    select * from {{ ref('retail_segment_history') }}

),

changes as (

    select
        customer_id,
        max_by(segment_id, from_date) filter (where to_date is not null) as previous_segment_id,
        max(from_date) filter (where to_date is null) as current_since
    from segment_history
    group by customer_id

)

select
    customer_segments.customer_id,
    customer_segments.as_of_date,
    customer_segments.segment_id,
    segment_profile.segment_name,
    segment_profile.activity,
    segment_profile.value,
    segment_profile.recommended_action,
    changes.previous_segment_id,
    segment_names.segment_name as previous_segment_name,
    case when changes.previous_segment_id is not null then changes.current_since end as changed_at,
    customer_rfm.rfm_cell,
    customer_rfm.rfm_class,
    customer_segments.distance_to_centroid,
    customer_segments.runner_up_segment_id,
    customer_segments.distance_to_runner_up,
    customer_segments.model_id
from customer_segments
left join segment_profile on customer_segments.segment_id = segment_profile.segment_id
left join customer_rfm on customer_segments.customer_id = customer_rfm.customer_id
left join changes on customer_segments.customer_id = changes.customer_id
left join segment_names on changes.previous_segment_id = segment_names.segment_id
