{% set given = given_columns('retail_order_lines') %}
-- Every raw line, and the money of every raw line that has a quantity and a price, is accepted or rejected, once.
with

raw_lines as (

    select
        count(*) as line_count,
        coalesce(sum(cast(coalesce(line_amount, quantity * unit_price) as decimal(28, 4))), 0) as money
    from {{ ref('stg_retail__order_lines') }}

),

-- Once an order, however many of its lines have it; a row without an invoice is an order.
order_amounts as (

    {% if 'order_amount' in given -%}
    select coalesce(sum(single_amount), 0) as money
    from (
        select if(abs(min(order_amount)) > max(order_amount), min(order_amount), max(order_amount)) as single_amount
        from {{ ref('stg_retail__order_lines') }}
        where invoice_id is not null and order_amount is not null
        group by invoice_id
        union all
        select order_amount as single_amount
        from {{ ref('stg_retail__order_lines') }}
        where invoice_id is null and order_amount is not null
    ) as amounts
    {%- else -%}
    select cast(0 as decimal(28, 4)) as money
    {%- endif %}

),

accepted_lines as (

    select
        count(*) as line_count,
        coalesce(sum(line_amount), 0) as money
    from {{ ref('retail_order_lines') }}

),

rejected_lines as (

    select
        count(*) as line_count,
        coalesce(sum(line_amount), 0) as money
    from {{ ref('retail_rejected_lines') }}

)

select
    raw_lines.line_count as raw_line_count,
    accepted_lines.line_count as accepted_line_count,
    rejected_lines.line_count as rejected_line_count,
    raw_lines.money + order_amounts.money as raw_money,
    accepted_lines.money as accepted_money,
    rejected_lines.money as rejected_money
from raw_lines
cross join order_amounts
cross join accepted_lines
cross join rejected_lines
where
    raw_lines.line_count != accepted_lines.line_count + rejected_lines.line_count
    or raw_lines.money + order_amounts.money != accepted_lines.money + rejected_lines.money
