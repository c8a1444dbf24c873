{{ config(schema='internal', before_publication='bookings_check_judged_bookings') }}

{% set given = given_columns('bookings_bookings') %}
{% set has_rates = 'currency' in given and raw_source_kind('bookings_rates') != 'absent' %}

with

bookings as (

    select * from {{ ref('stg_bookings__bookings') }}

),

{% if has_rates -%}
rates as (

    select * from {{ ref('stg_bookings__rates') }}

),
{% endif %}
-- Rows of customers who were erased count, and have nothing that says whose they are.
known as (

    {{ rows_with_erased_cleared(
        'bookings',
        owner="coalesce(customer_id, concat('booking-', booking_id))",
        kept=['revenue_in_currency', 'currency', 'is_selected', 'is_malformed'],
        cleared=[
            'booking_id', 'customer_id', 'property_id', 'stay_type', 'visit_category', 'booked_at_text', 'booked_at',
            'booked_on', 'arrival_date_text', 'arrival_date', 'nights_text', 'nights', 'guests_text', 'guests', 'channel',
            'status_text', 'revenue_text', 'country_text',
        ],
    ) }}

),

hashed as (

    select
        *,
        md5(concat_ws(
            '\u0001',
            coalesce(booking_id, '\u0002'),
            coalesce(customer_id, '\u0002'),
            coalesce(property_id, '\u0002'),
            coalesce(stay_type, '\u0002'),
            coalesce(visit_category, '\u0002'),
            coalesce(booked_at_text, cast(unix_micros(booked_at) as string), '\u0002'),
            coalesce(arrival_date_text, cast(arrival_date as string), '\u0002'),
            coalesce(nights_text, '\u0002'),
            coalesce(guests_text, '\u0002'),
            coalesce(channel, '\u0002'),
            coalesce(status_text, '\u0002'),
            coalesce(revenue_text, '\u0002'),
            coalesce(currency, '\u0002'),
            coalesce(country_text, '\u0002')
        )) as content_hash
    from known

),

keyed as (

    select
        *,
        coalesce(booking_id, content_hash) as booking_key,
        {{ bucket_of('coalesce(booking_id, content_hash)') }} as key_bucket,
        {{ bookings_status('status_text') }} as status
    from hashed

),

-- Brings together what is compared below, before most is computed of it: a whole file may be read by one task.
distributed as (

    select *
    from keyed
    {{ distribute_by('key_bucket') }}

),

-- The rate of the day of arrival.
{% if has_rates -%}
rated as (

    select
        distributed.*,
        {% if setting('bookings_reporting_currency') -%}
        case
            when distributed.currency = {{ string_literal(setting('bookings_reporting_currency')) }}
                then cast(1 as decimal(16, 8))
            else rates.rate
        end as exchange_rate
        {% else -%}
        rates.rate as exchange_rate
        {% endif -%}
    from distributed
    left join rates
        on
            distributed.currency = rates.currency
            and distributed.arrival_date >= rates.valid_from
            and distributed.arrival_date < rates.valid_until

),
{% else -%}
rated as (

    select
        *,
        cast(1 as decimal(16, 8)) as exchange_rate
    from distributed

),
{% endif %}
priced as (

    select
        *,
        cast(cast(revenue_in_currency as decimal(20, 4)) * exchange_rate as decimal(28, 4)) as revenue
    from rated

),

-- One reason a booking, the first that applies: what cannot be read, then what is no stay, then what a policy rejects.
judged as (

    select
        *,
        case
            when is_erased then 'erased'
            when is_malformed then 'malformed_line'
            when not is_selected then 'not_a_booking'
            {% if 'booking_id' in given -%}
            when booking_id is null then 'missing_booking'
            {% endif -%}
            when arrival_date is null then if(arrival_date_text is null, 'missing_arrival', 'unparsable_arrival')
            when booked_on is null and booked_at_text is not null then 'unparsable_booked_at'
            when nights is null then if(nights_text is null, 'missing_nights', 'unparsable_nights')
            when status is null then if(status_text is null, 'missing_status', 'unknown_status')
            when revenue_in_currency is null then if(revenue_text is null, 'missing_revenue', 'unparsable_revenue')
            {% if has_rates -%}
            when currency is null then 'missing_currency'
            {% endif -%}
            when booked_on > date'{{ run_date() }}' then 'future_date'
            {% if setting('as_of_date') -%}
            when arrival_date > date'{{ setting("as_of_date") }}' then 'not_yet_arrived'
            {% endif -%}
            when arrival_date > date'{{ run_date() }}' then 'not_yet_arrived'
            when arrival_date < booked_on then 'arrival_before_booking'
            when revenue is null then 'missing_rate'
            {% if setting('bookings_negative_revenue') == 'reject' %}
            when revenue_in_currency < 0 then 'negative_revenue'
            {% endif %}
            when nights < {{ 1 if setting('bookings_zero_nights') == 'reject' else 0 }} then 'zero_nights'
        end as booking_reason
    from priced

),

-- Of bookings with one id the one that was booked last counts. Equal rows have equal hashes and so stand side by side.
compared as (

    select
        *,
        {{ copies('booking_key', 'booking_reason is not null asc, booked_at desc nulls last, content_hash asc') }}
    from judged

),

identified as (

    select
        *,
        concat(content_hash, '-', cast(copy_number as string)) as booking_row_id,
        {% if 'booking_id' in given -%}
        booking_id as booking_number,
        case
            when booking_reason is not null then booking_reason
            when copy_number > 1 then 'exact_duplicate'
            when is_repeated then 'duplicate_booking'
        end as rejection_reason
        {% else -%}
        concat(content_hash, '-', cast(copy_number as string)) as booking_number,
        booking_reason as rejection_reason
        {% endif -%}
    from compared

)

select
    booking_row_id,
    rejection_reason,
    booking_number as booking_id,
    {% if setting('bookings_without_customer') == 'customer_per_booking' -%}
    if(rejection_reason = 'erased', null, coalesce(customer_id, concat('booking-', booking_number))) as customer_id,
    {% else -%}
    customer_id,
    {% endif -%}
    coalesce(property_id, 'Unknown') as property_id,
    coalesce(stay_type, 'unknown') as stay_type,
    coalesce(visit_category, 'unknown') as visit_category,
    booked_at,
    booked_on,
    arrival_date,
    nights,
    case when guests >= 1 then guests end as guests,
    coalesce(channel, 'unknown') as channel,
    status,
    revenue,
    revenue_in_currency,
    currency,
    exchange_rate,
    country_text,
    {{ bookings_rules_used({
        'missing_property': 'property_id is null',
        'missing_stay_type': 'stay_type is null',
        'unlisted_stay_type': bookings_listed_level('stay_type', 'stay_type') ~ " = 'other' and stay_type is not null",
        'missing_visit_category': 'visit_category is null',
        'unlisted_visit_category': bookings_listed_level('visit_category', 'visit_category')
            ~ " = 'other' and visit_category is not null",
        'missing_booked_at': 'booked_at is null',
        'missing_guests': 'guests is null',
        'impossible_guests': 'guests < 1',
        'missing_channel': 'channel is null',
    }) }} as rules_used,
    booked_at_text,
    arrival_date_text,
    nights_text,
    status_text,
    revenue_text
from identified
