{{ config(materialized='published_view') }}

with

judged_lines as (

    select * from {{ ref('int_retail__judged_lines') }}

)

select
    order_line_id,
    invoice_id,
    product_id,
    description,
    quantity,
    ordered_at,
    order_date,
    unit_price,
    line_amount,
    amount_difference,
    customer_id,
    country,
    currency,
    exchange_rate,
    is_return,
    is_anonymous
from judged_lines
where rejection_reason is null
