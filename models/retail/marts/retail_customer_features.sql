{{ config(before_publication='retail_check_customers') }}

with

order_lines as (

    select * from {{ ref('retail_order_lines') }}

),

customer_months as (

    select * from {{ ref('retail_customer_months') }}

),

as_of as (

    {% if setting('as_of_date') -%}
    select date'{{ setting("as_of_date") }}' as as_of_date
    {%- else -%}
    select max(order_date) as as_of_date from order_lines
    {%- endif %}

),

-- The 12 calendar months of the pivot are counted back from this one, which is month 00.
month_window as (

    {% if setting('retail_month_window_end') -%}
    select date'{{ setting("retail_month_window_end") }}-01' as last_month
    {%- else -%}
    select cast(date_trunc('month', as_of_date) as date) as last_month from as_of
    {%- endif %}

),

customer_orders as (

    select
        customer_id,
        invoice_id,
        max({{ newest_key('ordered_at', 'invoice_id', 'country') }}) as newest_line,
        max(case when not is_return then order_date end) as last_sale_date,
        min(case when not is_return then order_date end) as first_sale_date,
        sum(case when not is_return then quantity else 0 end) as sold_units,
        sum(quantity) as net_units,
        sum(case when not is_return then line_amount else 0 end) as gross_revenue,
        sum(line_amount) as net_revenue
    from order_lines
    where customer_id is not null
    group by customer_id, invoice_id

),

customer_products as (

    select
        customer_id,
        count(distinct product_id) as distinct_products
    from order_lines
    where customer_id is not null and not is_return
    group by customer_id

),

-- Sales make the order features; returns only lower the net ones.
customer_totals as (

    select
        customer_id,
        {{ value_of_newest_key('max(newest_line)') }} as country,
        max(last_sale_date) as last_order_date,
        min(first_sale_date) as first_order_date,
        count(first_sale_date) as orders,
        sum(sold_units) as sold_units,
        sum(net_units) as net_units,
        sum(gross_revenue) as gross_revenue,
        sum(gross_revenue) - sum(net_revenue) as returned_revenue,
        sum(net_revenue) as net_revenue
    from customer_orders
    group by customer_id

),

windowed_months as (

    select
        customer_months.customer_id,
        customer_months.orders,
        customer_months.net_revenue,
        cast(months_between(month_window.last_month, customer_months.order_month) as int) as months_ago
    from customer_months
    cross join month_window

),

customer_pivot as (

    select
        customer_id,
        {%- for m in range(12) %}
        sum(case when months_ago = {{ m }} then orders else 0 end) as orders_{{ m }},
        sum(case when months_ago = {{ m }} then net_revenue else 0 end) as net_revenue_{{ m }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from windowed_months
    group by customer_id

)

select
    customer_totals.customer_id,
    as_of.as_of_date,
    customer_totals.country,
    customer_totals.first_order_date,
    customer_totals.last_order_date,
    cast(datediff(as_of.as_of_date, customer_totals.last_order_date) as int) as days_since_last_order,
    cast(datediff(as_of.as_of_date, customer_totals.first_order_date) as int) as tenure_days,
    cast(datediff(customer_totals.last_order_date, customer_totals.first_order_date) as int) as order_span_days,
    cast(customer_totals.orders as int) as orders_lifetime,
    cast(customer_products.distinct_products as int) as distinct_products_lifetime,
    cast(customer_totals.net_units as bigint) as units_lifetime,
    cast(customer_totals.gross_revenue as decimal(28, 4)) as gross_revenue_lifetime,
    cast(customer_totals.returned_revenue as decimal(28, 4)) as returned_revenue_lifetime,
    cast(customer_totals.net_revenue as decimal(28, 4)) as net_revenue_lifetime,
    -- By way of six decimals: engines give a quotient six or more, and what is rounded twice must be rounded alike.
    cast(
        cast(customer_totals.gross_revenue / customer_totals.sold_units as decimal(38, 6)) as decimal(18, 4)
    ) as average_unit_price,
    cast(
        cast(customer_totals.sold_units / customer_totals.orders as decimal(38, 6)) as decimal(28, 4)
    ) as average_units_per_order,
    cast(
        cast(customer_totals.gross_revenue / customer_totals.orders as decimal(38, 6)) as decimal(28, 4)
    ) as average_order_value,
    {% for m in range(12) -%}
    cast(customer_pivot.orders_{{ m }} as int) as orders_months_ago_{{ '%02d' % m }},
    {% endfor -%}
    {% for m in range(12) -%}
    cast(customer_pivot.net_revenue_{{ m }} as decimal(28, 4)) as net_revenue_months_ago_{{ '%02d' % m }}
    {%- if not loop.last %},{% endif %}
    {% endfor -%}
from customer_totals
inner join customer_products on customer_totals.customer_id = customer_products.customer_id
inner join customer_pivot on customer_totals.customer_id = customer_pivot.customer_id
cross join as_of
