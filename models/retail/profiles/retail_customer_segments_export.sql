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

)

select
    customer_segments.customer_id,
    customer_segments.as_of_date,
    customer_segments.segment_id,
    segment_profile.segment_name,
    segment_profile.activity,
    segment_profile.value,
    segment_profile.recommended_action,
    customer_rfm.rfm_cell,
    customer_rfm.rfm_class,
    customer_segments.distance_to_centroid,
    customer_segments.runner_up_segment_id,
    customer_segments.distance_to_runner_up,
    customer_segments.model_id
from customer_segments
left join segment_profile on customer_segments.segment_id = segment_profile.segment_id
left join customer_rfm on customer_segments.customer_id = customer_rfm.customer_id
