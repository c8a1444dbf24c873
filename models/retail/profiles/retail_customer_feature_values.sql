{{ config(materialized='published_view') }}

with

customer_features as (

    select * from {{ ref('retail_customer_features') }}

)

select
    customer_id,
    stack(
        12,
        'days_since_last_order', cast(days_since_last_order as double),
        'tenure_days', cast(tenure_days as double),
        'order_span_days', cast(order_span_days as double),
        'orders_lifetime', cast(orders_lifetime as double),
        'distinct_products_lifetime', cast(distinct_products_lifetime as double),
        'units_lifetime', cast(units_lifetime as double),
        'gross_revenue_lifetime', cast(gross_revenue_lifetime as double),
        'returned_revenue_lifetime', cast(returned_revenue_lifetime as double),
        'net_revenue_lifetime', cast(net_revenue_lifetime as double),
        'average_unit_price', cast(average_unit_price as double),
        'average_units_per_order', cast(average_units_per_order as double),
        'average_order_value', cast(average_order_value as double)
    ) as (feature, feature_value)
from customer_features
