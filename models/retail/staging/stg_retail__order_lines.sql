{{ config(materialized='published_view', schema='internal') }}

with

raw_order_lines as (

    select * from {{ raw_table('retail_order_lines') }}

),

renamed as (

    select
        {{ raw_text('retail_order_lines', 'invoice_id') }} as invoice_text,
        {{ raw_text('retail_order_lines', 'product_id') }} as product_text,
        {{ raw_text('retail_order_lines', 'description') }} as description,
        {{ raw_text('retail_order_lines', 'quantity') }} as quantity_text,
        {{ raw_timestamp('retail_order_lines', 'ordered_at') }} as ordered_at_typed,
        case
            when {{ raw_timestamp('retail_order_lines', 'ordered_at') }} is null
                then {{ raw_text('retail_order_lines', 'ordered_at') }}
        end as ordered_at_text,
        {{ raw_text('retail_order_lines', 'unit_price') }} as unit_price_text,
        {{ raw_text('retail_order_lines', 'customer_id') }} as customer_text,
        {{ raw_text('retail_order_lines', 'country') }} as country,
        {{ malformed_line('retail_order_lines') }} as malformed_line
    from raw_order_lines

),

typed as (

    select
        {{ clean_identifier('invoice_text') }} as invoice_id,
        {{ clean_identifier('product_text') }} as product_id,
        description,
        quantity_text,
        {{ parse_whole_number('quantity_text') }} as quantity,
        ordered_at_text,
        coalesce(
            ordered_at_typed,
            {{ parse_timestamp('ordered_at_text', setting('retail_ordered_at_format')) }}
        ) as ordered_at,
        unit_price_text,
        {{ parse_decimal('unit_price_text', 12, 4) }} as unit_price,
        {{ clean_identifier('customer_text') }} as customer_id,
        country,
        malformed_line
    from renamed

)

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
    customer_id,
    country,
    malformed_line
from typed
