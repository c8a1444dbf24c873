{{ config(schema='internal', before_publication='bookings_check_judged_customers') }}

with

customers as (

    select * from {{ ref('stg_bookings__customers') }}

),

-- Rows of customers who were erased count, and have nothing that says whose they are.
known as (

    {{ rows_with_erased_cleared(
        'customers',
        owner='customer_id',
        kept=['is_selected', 'is_malformed'],
        cleared=[
            'customer_id', 'gender_text', 'birth_date_text', 'birth_date', 'birth_year_text', 'birth_year', 'country_text',
            'language_text', 'signed_up_at_text', 'signed_up_on', 'email_consent_text', 'sms_consent_text',
        ],
    ) }}

),

hashed as (

    select
        *,
        md5(concat_ws(
            '\u0001',
            coalesce(customer_id, '\u0002'),
            coalesce(gender_text, '\u0002'),
            coalesce(birth_date_text, cast(birth_date as string), '\u0002'),
            coalesce(birth_year_text, '\u0002'),
            coalesce(country_text, '\u0002'),
            coalesce(language_text, '\u0002'),
            coalesce(signed_up_at_text, cast(signed_up_on as string), '\u0002'),
            coalesce(email_consent_text, '\u0002'),
            coalesce(sms_consent_text, '\u0002')
        )) as content_hash
    from known

),

judged as (

    select
        *,
        coalesce(customer_id, content_hash) as customer_key,
        {{ bucket_of('coalesce(customer_id, content_hash)') }} as key_bucket,
        case
            when is_erased then 'erased'
            when is_malformed then 'malformed_line'
            when not is_selected then 'not_a_customer'
            when customer_id is null then 'missing_customer'
        end as row_reason
    from hashed

),

-- Of rows with one id the one that signed up last counts. Equal rows have equal hashes and so stand side by side.
compared as (

    select
        *,
        {{ copies('customer_key', 'row_reason is not null asc, signed_up_on desc nulls last, content_hash asc') }}
    from judged

)

select
    concat(content_hash, '-', cast(copy_number as string)) as customer_row_id,
    case
        when row_reason is not null then row_reason
        when copy_number > 1 then 'exact_duplicate'
        when is_repeated then 'duplicate_customer'
    end as rejection_reason,
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
from compared
