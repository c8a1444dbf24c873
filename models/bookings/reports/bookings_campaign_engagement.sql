with

customer_engagement as (

    select * from {{ ref('int_bookings__customer_engagement') }}

),

customer_segments as (

    select * from {{ ref('bookings_customer_segments') }}

),

segment_names as (

    select * from {{ ref('bookings_segment_names') }}

),

totalled as (

    select
        'campaign_type' as breakdown,
        customer_engagement.campaign_type,
        coalesce(customer_segments.segment_id, 0) as segment_id,
        count(*) as guests,
        sum(customer_engagement.sent) as sent,
        sum(customer_engagement.opened) as opened,
        sum(customer_engagement.clicked) as clicked,
        sum(customer_engagement.converted) as converted,
        sum(customer_engagement.unsubscribed) as unsubscribed,
        sum(customer_engagement.responses_without_sent) as responses_without_sent
    from customer_engagement
    left join customer_segments on customer_engagement.customer_id = customer_segments.customer_id
    group by customer_engagement.campaign_type, coalesce(customer_segments.segment_id, 0)

),

all_values as (

    select distinct
        breakdown,
        campaign_type
    from totalled

),

all_segments as (

    select distinct segment_id from totalled

),

-- Also the cells in which nobody is: that a cell is empty would give its neighbours away.
cells as (

    select
        all_values.breakdown,
        all_values.campaign_type,
        all_segments.segment_id,
        coalesce(totalled.guests, 0) as guests,
        coalesce(totalled.sent, 0) as sent,
        coalesce(totalled.opened, 0) as opened,
        coalesce(totalled.clicked, 0) as clicked,
        coalesce(totalled.converted, 0) as converted,
        coalesce(totalled.unsubscribed, 0) as unsubscribed,
        coalesce(totalled.responses_without_sent, 0) as responses_without_sent
    from all_values
    cross join all_segments
    left join totalled
        on
            all_values.breakdown = totalled.breakdown
            and all_values.campaign_type = totalled.campaign_type
            and all_segments.segment_id = totalled.segment_id

),

judged as (

    {{ hidden_cells(
        'cells', 'breakdown', 'campaign_type', 'segment_id', 'guests', setting('bookings_smallest_group')
    ) }}

)

select
    judged.campaign_type,
    judged.segment_id,
    coalesce(segment_names.segment_name, 'No segment') as segment_name,
    case when not judged.is_hidden then judged.guests end as guests,
    case when not judged.is_hidden then judged.sent end as sent,
    case when not judged.is_hidden then judged.opened end as opened,
    case when not judged.is_hidden then judged.clicked end as clicked,
    case when not judged.is_hidden then judged.converted end as converted,
    case when not judged.is_hidden then judged.unsubscribed end as unsubscribed,
    case when not judged.is_hidden then judged.responses_without_sent end as responses_without_sent,
    case when not judged.is_hidden then round({{ ratio('judged.opened', 'judged.sent') }}, 6) end as open_rate,
    case when not judged.is_hidden then round({{ wilson_bound('judged.opened', 'judged.sent', 'lower') }}, 6) end
        as open_rate_lower,
    case when not judged.is_hidden then round({{ wilson_bound('judged.opened', 'judged.sent', 'upper') }}, 6) end
        as open_rate_upper,
    case when not judged.is_hidden then round({{ ratio('judged.clicked', 'judged.sent') }}, 6) end as click_rate,
    case when not judged.is_hidden then round({{ wilson_bound('judged.clicked', 'judged.sent', 'lower') }}, 6) end
        as click_rate_lower,
    case when not judged.is_hidden then round({{ wilson_bound('judged.clicked', 'judged.sent', 'upper') }}, 6) end
        as click_rate_upper,
    case when not judged.is_hidden then round({{ ratio('judged.converted', 'judged.sent') }}, 6) end as conversion_rate,
    case when not judged.is_hidden then round({{ wilson_bound('judged.converted', 'judged.sent', 'lower') }}, 6) end
        as conversion_rate_lower,
    case when not judged.is_hidden then round({{ wilson_bound('judged.converted', 'judged.sent', 'upper') }}, 6) end
        as conversion_rate_upper,
    judged.is_hidden
from judged
left join segment_names on judged.segment_id = segment_names.segment_id
