{{ config(schema='internal') }}

with

rates as (

    select * from {{ ref('bookings_raw_currency_rates') }}

)

select
    currency,
    cast(valid_from as date) as valid_from,
    lead(cast(valid_from as date), 1, cast('2999-12-31' as date)) over (
        partition by currency order by valid_from
    ) as valid_until,
    cast(rate as decimal(18, 8)) as rate
from rates
