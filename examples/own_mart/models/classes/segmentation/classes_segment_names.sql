{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_names('classes', assigned=ref('classes_customer_segments')) }}
