{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_names(
    'retail', assigned=ref('retail_customer_segments'), totals=ref('int_retail__segment_totals'),
    playbook=ref('retail_segment_playbook'), measures=['recency_ratio', 'revenue_ratio'], first='net_revenue desc'
) }}
