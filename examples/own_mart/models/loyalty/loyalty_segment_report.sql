with

segments as (

    select * from {{ ref('loyalty_customer_segments') }}

),

names as (

    select * from {{ ref('loyalty_segment_names') }}

),

members as (

    select * from {{ ref('loyalty_features') }}

)

select
    segments.segment_id,
    names.segment_name,
    count(*) as members,
    round(100 * count(*) / sum(count(*)) over (), 1) as percent_of_members,
    round(100 * sum(members.amount_spent) / sum(sum(members.amount_spent)) over (), 1) as percent_of_amount,
    round(avg(members.visits), 1) as mean_visits,
    round(avg(members.days_since_last_visit), 1) as mean_days_since_last_visit
from segments
inner join names on segments.segment_id = names.segment_id
inner join members on segments.member_id = members.member_id
group by segments.segment_id, names.segment_name
