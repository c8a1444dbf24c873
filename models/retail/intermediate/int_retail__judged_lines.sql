{{ config(schema='internal', post_hook="{{ require_accepted_lines(this) }}") }}

with

order_lines as (

    select * from {{ ref('stg_retail__order_lines') }}

),

owned as (

    select
        *,
        {% if setting('retail_anonymous_lines') == 'customer_per_invoice' -%}
        coalesce(customer_id, concat('anonymous-', invoice_id)) as owner_id
        {% else -%}
        customer_id as owner_id
        {% endif -%}
    from order_lines

),

-- Brings together what is compared below, before most is computed of it: a whole file may be read by one task. Lines of
-- nobody have no other lines to be compared with but their own copies, which share a key.
distributed as (

    select
        *,
        if(owner_id is null, xxhash64(invoice_id, product_id, malformed_line), 0) as nobody_key
    from owned
    {{ distribute_by('owner_id, nobody_key') }}

),

-- Of two columns named alike md5() reads the one of distributed: the whole raw line.
hashed as (

    select
        invoice_id,
        product_id,
        description,
        quantity,
        ordered_at,
        order_date,
        unit_price,
        country,
        customer_id is null as is_anonymous,
        owner_id as customer_id,
        nobody_key,
        case when quantity is null then quantity_text end as quantity_text,
        case when order_date is null then ordered_at_text end as ordered_at_text,
        case when unit_price is null then unit_price_text end as unit_price_text,
        malformed_line,
        md5(concat_ws(
            '\u0001',
            coalesce(invoice_id, '\u0002'),
            coalesce(product_id, '\u0002'),
            coalesce(description, '\u0002'),
            coalesce(quantity_text, '\u0002'),
            coalesce(ordered_at_text, cast(unix_micros(ordered_at) as string), '\u0002'),
            coalesce(unit_price_text, '\u0002'),
            coalesce(customer_id, '\u0002'),
            coalesce(country, '\u0002'),
            coalesce(malformed_line, '\u0002')
        )) as content_hash
    from distributed

),

described as (

    select
        *,
        cast(quantity * unit_price as decimal(28, 4)) as line_amount,
        coalesce(
            {{ has_prefix('invoice_id', setting('retail_adjustment_prefix')) }}
            or array_contains(array({{ string_literals(setting('retail_adjustment_product_ids')) }}), product_id),
            false
        ) as is_adjustment,
        coalesce(
            {{ has_prefix('invoice_id', setting('retail_cancellation_prefix')) }} or quantity < 0,
            false
        ) as is_return
    from hashed

),

-- One reason a line, the first that applies: what cannot be read, then what is no sale, then what a policy rejects.
judged as (

    select
        *,
        case
            when malformed_line is not null then 'malformed_line'
            when invoice_id is null then 'missing_invoice'
            when product_id is null then 'missing_product'
            when quantity is null then if(quantity_text is null, 'missing_quantity', 'unparsable_quantity')
            when order_date is null then if(ordered_at_text is null, 'missing_date', 'unparsable_date')
            when unit_price is null then if(unit_price_text is null, 'missing_price', 'unparsable_price')
            when order_date > date'{{ run_date() }}' then 'future_date'
            {% if setting('as_of_date') %}
            when order_date > date'{{ setting("as_of_date") }}' then 'after_as_of_date'
            {% endif %}
            when is_adjustment then 'adjustment'
            when quantity = 0 then 'zero_quantity'
            {% if setting('retail_zero_price_lines') == 'reject' %}
            when unit_price = 0 then 'zero_price'
            {% endif %}
            {% if setting('retail_negative_price_lines') == 'reject' %}
            when unit_price < 0 then 'negative_price'
            {% endif %}
            {% if setting('retail_returns') == 'excluded' %}
            when is_return then 'return_excluded'
            {% endif %}
            when is_return and line_amount > 0 then 'positive_return'
        end as line_reason
    from described

),

-- What depends on the customer's other lines. Equal lines have equal hashes and so stand side by side, in any order.
compared as (

    select
        *,
        row_number() over (partition by customer_id, nobody_key order by content_hash) as place,
        rank() over (partition by customer_id, nobody_key order by content_hash) as place_of_first_copy,
        {{ any_of_partition('line_reason is null and not is_return', 'customer_id, nobody_key', 'content_hash') }}
            as customer_has_purchase
    from judged

)

select
    concat(content_hash, '-', cast(place - place_of_first_copy + 1 as string)) as order_line_id,
    case
        when line_reason is not null then line_reason
        {% if setting('retail_exact_duplicates') == 'drop' %}
        when place > place_of_first_copy then 'exact_duplicate'
        {% endif %}
        when is_return and customer_id is not null and not customer_has_purchase then 'return_without_purchase'
    end as rejection_reason,
    invoice_id,
    product_id,
    description,
    quantity,
    ordered_at,
    order_date,
    unit_price,
    line_amount,
    customer_id,
    country,
    is_return,
    is_anonymous,
    quantity_text,
    ordered_at_text,
    unit_price_text,
    malformed_line
from compared
