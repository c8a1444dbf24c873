{#
  The rates of the raw table `name`, with the columns rate_date, currency and rate, as one row per currency and the days that
  its rate holds for: currency, in capitals; valid_from, its own day; valid_until, the day of the currency's next rate,
  exclusive; rate, the money of the reporting currency that one unit is worth.
#}
{% macro exchange_rates(name) -%}
with

raw_rates as (

    select
        {{ customer_segmentation.raw_columns(name) }}
    from {{ customer_segmentation.raw_table(name) }}

),

texts as (

    select
        {{ customer_segmentation.raw_text('currency') }} as currency_text,
        {{ customer_segmentation.raw_timestamp(name, 'rate_date') }} as rate_time,
        {{ customer_segmentation.raw_text('rate_date') }} as rate_date_text,
        {{ customer_segmentation.raw_number_text(name, 'rate') }} as rate_text
    from raw_rates

),

typed as (

    select
        {{ customer_segmentation.currency_code('currency_text') }} as currency,
        cast(coalesce(
            rate_time,
            {{ customer_segmentation.parse_timestamp('rate_date_text', customer_segmentation.setting(customer_segmentation.raw_table_entry(name)['times']['rate_date'])) }}
        ) as date) as valid_from,
        {{ customer_segmentation.parse_decimal('rate_text', 16, 8, customer_segmentation.raw_numbers(name)) }} as rate
    from texts

)

select
    currency,
    valid_from,
    coalesce(
        lead(valid_from) over (partition by currency order by valid_from), date'3000-01-01'
    ) as valid_until,
    rate
from typed
{%- endmacro %}


{#
  An amount in the reporting currency with that many decimals: `amount` times the column exchange_rate where the raw table
  `rates` is given, else as it is. Twenty digits times sixteen are exact in either engine.
#}
{% macro in_reporting_currency(amount, scale, rates) -%}
  {%- if customer_segmentation.raw_source_kind(rates) == 'absent' -%}
    cast({{ amount }} as decimal(28, {{ scale }}))
  {%- else -%}
    cast(cast({{ amount }} as decimal(20, 4)) * exchange_rate as decimal(28, {{ scale }}))
  {%- endif -%}
{%- endmacro %}
