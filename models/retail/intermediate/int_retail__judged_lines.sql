{{ config(schema='internal', before_publication='retail_check_judged_lines') }}

{% set given = given_columns('retail_order_lines') %}

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

-- Lines of customers who were erased count with their money, and with nothing that says whose they are.
known as (

    {{ rows_with_erased_cleared(
        'owned',
        owner='owner_id',
        kept=['quantity', 'unit_price', 'line_amount', 'order_amount', 'currency', 'exchange_rate', 'is_order'],
        hashed=['invoice_id'],
        cleared=[
            'product_id', 'description', 'quantity_text', 'ordered_at_text', 'ordered_at', 'order_date', 'unit_price_text',
            'line_amount_text', 'order_amount_text', 'customer_id', 'owner_id', 'country', 'malformed_line',
        ],
    ) }}

),

-- Brings together what is compared below, before most is computed of it: a whole file may be read by one task. Lines of
-- nobody have no other lines to be compared with but their own copies, which share a key.
distributed as (

    select
        *,
        if(owner_id is null, xxhash64(invoice_id, product_id, malformed_line), 0) as nobody_key
    from known
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
        line_amount,
        {{ in_reporting_currency('order_amount', 2, 'retail_rates') }} as order_amount,
        country,
        currency,
        exchange_rate,
        customer_id is null as is_anonymous,
        owner_id as customer_id,
        is_erased,
        is_order,
        nobody_key,
        case when quantity is null then quantity_text end as quantity_text,
        case when order_date is null then ordered_at_text end as ordered_at_text,
        case when unit_price is null then unit_price_text end as unit_price_text,
        case when line_amount is null then line_amount_text end as line_amount_text,
        case when order_amount is null then order_amount_text end as order_amount_text,
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
            coalesce(malformed_line, '\u0002'),
            if(is_order, null, 'not_an_order'),
            line_amount_text,
            order_amount_text,
            currency
        )) as content_hash
    from distributed

),

-- The money of the line: the amount that the raw data gives, else quantity times unit price. The latter, with which the
-- amount is compared, stays in the currency of the raw data.
priced as (

    select
        *,
        {{ in_reporting_currency('coalesce(line_amount, quantity * unit_price)', 4, 'retail_rates') }} as own_amount,
        cast(quantity * unit_price as decimal(28, 4)) as computed_amount
    from hashed

),

described as (

    select
        *,
        coalesce(
            {{ has_prefix('invoice_id', setting('retail_adjustment_prefix')) }}
            or array_contains(array({{ string_literals(setting('retail_adjustment_product_ids')) }}), product_id),
            false
        ) as is_adjustment,
        coalesce(
            {{ has_prefix('invoice_id', setting('retail_cancellation_prefix')) }}
            or quantity < 0
            or (unit_price is null and own_amount < 0),
            false
        ) as is_return
    from priced

),

-- One reason a line, the first that applies: what cannot be read, then what is no sale, then what a policy rejects.
judged as (

    select
        *,
        case
            when is_erased then 'erased'
            when malformed_line is not null then 'malformed_line'
            when not is_order then 'not_an_order'
            {% if 'invoice_id' in given -%}
            when invoice_id is null then 'missing_invoice'
            {% endif -%}
            {% if 'product_id' in given -%}
            when product_id is null then 'missing_product'
            {% endif -%}
            when quantity is null then if(quantity_text is null, 'missing_quantity', 'unparsable_quantity')
            when order_date is null then if(ordered_at_text is null, 'missing_date', 'unparsable_date')
            {% if raw_source_kind('retail_rates') != 'absent' -%}
            when exchange_rate is null then 'missing_rate'
            {% endif -%}
            when line_amount_text is not null or order_amount_text is not null then 'unparsable_price'
            when own_amount is null then if(unit_price_text is null, 'missing_price', 'unparsable_price')
            when order_date > date'{{ run_date() }}' then 'future_date'
            {% if setting('as_of_date') %}
            when order_date > date'{{ setting("as_of_date") }}' then 'after_as_of_date'
            {% endif %}
            when is_adjustment then 'adjustment'
            when quantity = 0 then 'zero_quantity'
            {% if setting('retail_zero_price_lines') == 'reject' %}
            when own_amount = 0 then 'zero_price'
            {% endif %}
            {% if setting('retail_negative_price_lines') == 'reject' %}
            when unit_price < 0 then 'negative_price'
            {% endif %}
            {% if setting('retail_returns') == 'excluded' %}
            when is_return then 'return_excluded'
            {% endif %}
            when is_return and own_amount > 0 then 'positive_return'
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

),

{% if 'order_amount' in given -%}
-- Money of the whole order stands on one of its lines or on each of them; it counts once, and goes to its lines.
order_amounts as (

    select
        *,
        coalesce(invoice_id, content_hash) as order_key,
        max(order_amount) over (partition by coalesce(invoice_id, content_hash)) as greatest_amount,
        min(order_amount) over (partition by coalesce(invoice_id, content_hash)) as least_amount
    from compared

),

order_totals as (

    select
        *,
        coalesce(if(abs(least_amount) > greatest_amount, least_amount, greatest_amount), 0) as order_total,
        if(is_return, 0, coalesce(abs(own_amount), 0)) as weight
    from order_amounts

),

order_parts as (

    select
        *,
        {{ spread('order_total', 'weight', 'order_key', 'content_hash, place') }} as order_part
    from order_totals

),

amounts as (

    select
        *,
        case
            when own_amount is not null or order_part != 0
                then cast(coalesce(own_amount, 0) + order_part as decimal(28, 4))
        end as total_amount
    from order_parts

)
{% else -%}
amounts as (

    select
        *,
        own_amount as total_amount
    from compared

)
{% endif %}
select
    concat(content_hash, '-', cast(place - place_of_first_copy + 1 as string)) as order_line_id,
    case
        when line_reason is not null then line_reason
        {% if setting('retail_exact_duplicates') == 'drop' and 'invoice_id' in given %}
        when place > place_of_first_copy then 'exact_duplicate'
        {% endif %}
        when is_return and customer_id is not null and not customer_has_purchase then 'return_without_purchase'
    end as rejection_reason,
    {% if 'invoice_id' in given -%}
    invoice_id,
    {% else -%}
    concat(content_hash, '-', cast(place - place_of_first_copy + 1 as string)) as invoice_id,
    {% endif -%}
    product_id,
    description,
    quantity,
    ordered_at,
    order_date,
    -- By way of six decimals: engines give a quotient six or more.
    cast(
        coalesce(
            {{ in_reporting_currency('unit_price', 4, 'retail_rates') }},
            cast(own_amount / nullif(quantity, 0) as decimal(38, 6))
        ) as decimal(18, 4)
    ) as unit_price,
    total_amount as line_amount,
    case
        when abs(line_amount - computed_amount) > 0.005 * abs(quantity) + 0.005
            then {{ in_reporting_currency('line_amount - computed_amount', 4, 'retail_rates') }}
    end as amount_difference,
    customer_id,
    country,
    currency,
    exchange_rate,
    is_return,
    is_anonymous,
    quantity_text,
    ordered_at_text,
    unit_price_text,
    coalesce(line_amount_text, order_amount_text) as amount_text,
    malformed_line
from amounts
