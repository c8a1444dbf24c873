{{ config(materialized='published_view', schema='internal') }}

{{ exchange_rates('bookings_rates') }}
