{{ config(materialized='published_view', schema='internal') }}

{% set given = given_columns('retail_order_lines') %}

with

raw_order_lines as (

    select
        {{ raw_columns('retail_order_lines') }}
    from {{ raw_table('retail_order_lines') }}

),

renamed as (

    select
        {{ raw_text('invoice_id') }} as invoice_text,
        {{ raw_text('product_id') }} as product_text,
        {{ raw_text('description') }} as description,
        {{ raw_number_text('retail_order_lines', 'quantity') }} as quantity_text,
        {{ raw_timestamp('retail_order_lines', 'ordered_at') }} as ordered_at_typed,
        case
            when {{ raw_timestamp('retail_order_lines', 'ordered_at') }} is null then {{ raw_text('ordered_at') }}
        end as ordered_at_text,
        {{ raw_number_text('retail_order_lines', 'unit_price') }} as unit_price_text,
        {{ raw_number_text('retail_order_lines', 'line_amount') }} as line_amount_text,
        {{ raw_number_text('retail_order_lines', 'order_amount') }} as order_amount_text,
        {{ raw_text('customer_id') }} as customer_text,
        {{ raw_text('country') }} as country,
        {{ raw_text('currency') }} as currency_text,
        is_selected as is_order,
        malformed_line
    from raw_order_lines

),

-- What stands on one line of an order only, its other lines take from there.
carried as (

    select
        invoice_text,
        product_text,
        description,
        quantity_text,
        {{ retail_of_the_order('ordered_at', 'ordered_at_typed') }} as ordered_at_typed,
        {{ retail_of_the_order('ordered_at', 'ordered_at_text') }} as ordered_at_text,
        unit_price_text,
        line_amount_text,
        order_amount_text,
        {{ retail_of_the_order('customer_id', 'customer_text') }} as customer_text,
        {{ retail_of_the_order('country', 'country') }} as country,
        {{ retail_of_the_order('currency', 'currency_text') }} as currency_text,
        {% if setting('retail_columns_of_the_order') -%}
        is_order and (invoice_text is null or min(is_order) over (partition by invoice_text)) as is_order,
        {% else -%}
        is_order,
        {% endif -%}
        malformed_line
    from renamed

),

typed as (

    select
        {{ clean_identifier('invoice_text') }} as invoice_id,
        {{ clean_identifier('product_text') }} as product_id,
        description,
        quantity_text,
        {% if 'quantity' in given -%}
        {{ parse_whole_number('quantity_text', raw_numbers('retail_order_lines')) }} as quantity,
        {% else -%}
        1 as quantity,
        {% endif -%}
        ordered_at_text,
        coalesce(
            ordered_at_typed,
            {{ parse_timestamp(
                'ordered_at_text', setting('retail_ordered_at_format'), raw_time_zone('retail_order_lines')
            ) }}
        ) as ordered_at,
        unit_price_text,
        {{ parse_decimal('unit_price_text', 18, 4, raw_numbers('retail_order_lines')) }} as unit_price,
        line_amount_text,
        {% if 'line_amount' in given -%}
        {{ parse_decimal('line_amount_text', 28, 4, raw_numbers('retail_order_lines')) }} as line_amount,
        {% else -%}
        cast(null as decimal(28, 4)) as line_amount,
        {% endif -%}
        order_amount_text,
        {% if 'order_amount' in given -%}
        {{ parse_decimal('order_amount_text', 18, 2, raw_numbers('retail_order_lines')) }} as order_amount,
        {% else -%}
        cast(null as decimal(18, 2)) as order_amount,
        {% endif -%}
        {{ clean_identifier('customer_text') }} as customer_id,
        country,
        {{ currency_code('currency_text') }} as currency,
        is_order,
        malformed_line
    from carried

),

{% if raw_source_kind('retail_rates') != 'absent' -%}
exchange_rates as (

    select * from {{ ref('stg_retail__rates') }}

),

-- The newest rate up to the day of the order.
rated as (

    select
        typed.*,
        {% if setting('retail_reporting_currency') -%}
        case
            when typed.currency = {{ string_literal(setting('retail_reporting_currency')) }}
                then cast(1 as decimal(16, 8))
            else exchange_rates.rate
        end as exchange_rate
        {% else -%}
        exchange_rates.rate as exchange_rate
        {% endif -%}
    from typed
    left join exchange_rates
        on
            typed.currency = exchange_rates.currency
            and cast(typed.ordered_at as date) >= exchange_rates.valid_from
            and cast(typed.ordered_at as date) < exchange_rates.valid_until

)
{% else -%}
rated as (

    select
        *,
        cast(null as decimal(16, 8)) as exchange_rate
    from typed

)
{% endif %}
select
    invoice_id,
    product_id,
    description,
    quantity_text,
    quantity,
    ordered_at_text,
    cast(ordered_at as timestamp) as ordered_at,
    cast(ordered_at as date) as order_date,
    unit_price_text,
    unit_price,
    line_amount_text,
    line_amount,
    order_amount_text,
    order_amount,
    customer_id,
    country,
    currency,
    exchange_rate,
    is_order,
    malformed_line
from rated
