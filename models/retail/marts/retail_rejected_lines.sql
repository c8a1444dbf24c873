{{ config(materialized='published_view') }}

with

judged_lines as (

    select * from {{ ref('int_retail__judged_lines') }}

)

select
    order_line_id,
    rejection_reason,
    invoice_id,
    product_id,
    description,
    quantity_text,
    ordered_at_text,
    unit_price_text,
    amount_text,
    malformed_line,
    quantity,
    order_date,
    unit_price,
    line_amount,
    customer_id,
    country,
    currency,
    exchange_rate,
    is_return,
    is_anonymous
from judged_lines
where rejection_reason is not null
