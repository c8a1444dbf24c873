{{ config(materialized='published_view') }}

with

customer_features as (

    select * from {{ ref('retail_customer_features') }}

)

select
    customer_id,
    stack(
        36,
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
        'average_order_value', cast(average_order_value as double),
        'orders_months_ago_00', cast(orders_months_ago_00 as double),
        'orders_months_ago_01', cast(orders_months_ago_01 as double),
        'orders_months_ago_02', cast(orders_months_ago_02 as double),
        'orders_months_ago_03', cast(orders_months_ago_03 as double),
        'orders_months_ago_04', cast(orders_months_ago_04 as double),
        'orders_months_ago_05', cast(orders_months_ago_05 as double),
        'orders_months_ago_06', cast(orders_months_ago_06 as double),
        'orders_months_ago_07', cast(orders_months_ago_07 as double),
        'orders_months_ago_08', cast(orders_months_ago_08 as double),
        'orders_months_ago_09', cast(orders_months_ago_09 as double),
        'orders_months_ago_10', cast(orders_months_ago_10 as double),
        'orders_months_ago_11', cast(orders_months_ago_11 as double),
        'net_revenue_months_ago_00', cast(net_revenue_months_ago_00 as double),
        'net_revenue_months_ago_01', cast(net_revenue_months_ago_01 as double),
        'net_revenue_months_ago_02', cast(net_revenue_months_ago_02 as double),
        'net_revenue_months_ago_03', cast(net_revenue_months_ago_03 as double),
        'net_revenue_months_ago_04', cast(net_revenue_months_ago_04 as double),
        'net_revenue_months_ago_05', cast(net_revenue_months_ago_05 as double),
        'net_revenue_months_ago_06', cast(net_revenue_months_ago_06 as double),
        'net_revenue_months_ago_07', cast(net_revenue_months_ago_07 as double),
        'net_revenue_months_ago_08', cast(net_revenue_months_ago_08 as double),
        'net_revenue_months_ago_09', cast(net_revenue_months_ago_09 as double),
        'net_revenue_months_ago_10', cast(net_revenue_months_ago_10 as double),
        'net_revenue_months_ago_11', cast(net_revenue_months_ago_11 as double)
    ) as (feature, feature_value)
from customer_features
