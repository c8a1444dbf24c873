with

judged_customers as (

    select * from {{ ref('int_bookings__judged_customers') }}

),

judged_bookings as (

    select * from {{ ref('int_bookings__judged_bookings') }}

),

campaign_events as (

    select * from {{ ref('bookings_campaign_events') }}

),

countries as (

    select * from {{ ref('bookings_countries') }}

),

generations as (

    select * from {{ ref('bookings_generations') }}

),

-- A country may be written as its name or as either of its codes.
country_names as (

    select {{ bookings_level('country_code') }} as country_name, country, country_group from countries
    union all
    select {{ bookings_level('country_code_3') }} as country_name, country, country_group from countries
    union all
    select {{ bookings_level('country') }} as country_name, country, country_group from countries

),

accepted_bookings as (

    select
        customer_id,
        booking_id,
        arrival_date,
        country_text
    from judged_bookings
    where rejection_reason is null

),

newest_dates as (

    select max(arrival_date) as newest_date
    from accepted_bookings
    union all
    select max(occurred_on) as newest_date
    from campaign_events

),

as_of as (

    select
        coalesce(
            {{ "date'" ~ setting('as_of_date') ~ "'" if setting('as_of_date') else 'null' }}, max(newest_date)
        ) as as_of_date
    from newest_dates

),

registered as (

    select
        customer_id,
        gender_text,
        birth_date_text,
        birth_date,
        birth_year_text,
        birth_year,
        country_text,
        language_text,
        signed_up_at_text,
        signed_up_on,
        email_consent_text,
        sms_consent_text
    from judged_customers
    where rejection_reason is null

),

guests as (

    select
        customer_id,
        count(*) as bookings,
        max({{ newest_key('cast(arrival_date as timestamp)', 'booking_id', 'country_text') }}) as newest_booking
    from accepted_bookings
    where customer_id is not null
    group by customer_id

),

-- Who is in the table of customers, and who booked without being there.
known as (

    select
        coalesce(registered.customer_id, guests.customer_id) as customer_id,
        registered.customer_id is not null as is_registered,
        coalesce(guests.bookings, 0) as bookings,
        registered.gender_text,
        registered.birth_date_text,
        registered.birth_date,
        registered.birth_year_text,
        registered.birth_year,
        coalesce(registered.country_text, {{ value_of_newest_key('guests.newest_booking') }}) as country_text,
        registered.language_text,
        registered.signed_up_at_text,
        registered.signed_up_on,
        registered.email_consent_text,
        registered.sms_consent_text
    from registered
    full outer join guests on registered.customer_id = guests.customer_id

),

-- A birth date and a birth year that differ say nothing; one of them is enough.
born as (

    select
        known.*,
        as_of.as_of_date,
        coalesce(year(known.birth_date) != known.birth_year, false) as is_contradictory_birth,
        coalesce(year(known.birth_date), known.birth_year) as year_of_birth,
        case
            when known.birth_date is not null
                then cast(floor(months_between(as_of.as_of_date, known.birth_date) / 12) as int)
            else year(as_of.as_of_date) - known.birth_year
        end as age_in_years
    from known
    cross join as_of

),

aged as (

    select
        *,
        coalesce(not is_contradictory_birth and age_in_years between 16 and 100, false) as is_age_known
    from born

),

placed as (

    select
        aged.*,
        country_names.country,
        country_names.country_group
    from aged
    left join country_names on {{ bookings_level('aged.country_text') }} = country_names.country_name

)

select
    placed.customer_id,
    placed.as_of_date,
    placed.is_registered,
    cast(placed.bookings as int) as bookings,
    {{ bookings_gender('placed.gender_text') }} as gender,
    case when placed.is_age_known then placed.year_of_birth end as birth_year,
    case when placed.is_age_known then placed.age_in_years end as age,
    coalesce(generations.generation, 'Unknown') as generation,
    coalesce(placed.country, 'Unknown') as country,
    coalesce(placed.country_group, 'Unknown') as country_group,
    coalesce({{ bookings_level('placed.language_text') }}, 'unknown') as preferred_language,
    case when placed.signed_up_on <= placed.as_of_date then placed.signed_up_on end as signed_up_on,
    {{ bookings_consent('placed.email_consent_text') }} as has_email_consent,
    {{ bookings_consent('placed.sms_consent_text') }} as has_sms_consent,
    {{ bookings_rules_used({
        'customer_not_registered': 'not placed.is_registered',
        'missing_gender': 'placed.is_registered and placed.gender_text is null',
        'unlisted_gender': 'placed.gender_text is not null and ' ~ bookings_gender('placed.gender_text') ~ " = 'unknown'",
        'missing_birth': 'placed.is_registered and placed.age_in_years is null'
            ~ ' and placed.birth_date_text is null and placed.birth_year_text is null',
        'unparsable_birth': 'placed.age_in_years is null'
            ~ ' and (placed.birth_date_text is not null or placed.birth_year_text is not null)',
        'contradictory_birth': 'placed.is_contradictory_birth',
        'impossible_age': 'not placed.is_contradictory_birth and not placed.is_age_known and placed.age_in_years is not null',
        'missing_country': 'placed.country_text is null',
        'unlisted_country': 'placed.country_text is not null and placed.country is null',
        'missing_language': 'placed.is_registered and placed.language_text is null',
        'missing_signup': 'placed.is_registered and placed.signed_up_on is null',
        'signup_after_as_of_date': 'placed.signed_up_on > placed.as_of_date',
        'missing_email_consent': 'placed.is_registered and placed.email_consent_text is null',
        'missing_sms_consent': 'placed.is_registered and placed.sms_consent_text is null',
    }) }} as rules_used
from placed
left join generations
    on placed.is_age_known and placed.year_of_birth between generations.birth_year_from and generations.birth_year_to
