{{ config(materialized='published_view', schema='internal') }}

{{ exchange_rates('retail_rates') }}
