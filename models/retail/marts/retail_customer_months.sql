with

order_lines as (

    select * from {{ ref('retail_order_lines') }}

),

customer_lines as (

    select
        customer_id,
        cast(date_trunc('month', order_date) as date) as order_month,
        invoice_id,
        quantity,
        line_amount,
        is_return
    from order_lines
    where customer_id is not null

)

select
    customer_id,
    order_month,
    cast(count(distinct case when not is_return then invoice_id end) as int) as orders,
    cast(sum(quantity) as bigint) as units,
    cast(coalesce(sum(case when not is_return then line_amount end), 0) as decimal(28, 4)) as gross_revenue,
    cast(coalesce(-sum(case when is_return then line_amount end), 0) as decimal(28, 4)) as returned_revenue,
    cast(sum(line_amount) as decimal(28, 4)) as net_revenue
from customer_lines
group by customer_id, order_month
