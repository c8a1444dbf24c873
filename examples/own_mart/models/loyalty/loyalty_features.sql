with

visits as (

    select * from {{ ref('raw_visits') }}

),

as_of as (

    select max(visited_on) as as_of_date from visits

)

select
    visits.member_id,
    as_of.as_of_date,
    datediff(as_of.as_of_date, max(visits.visited_on)) as days_since_last_visit,
    count(*) as visits,
    avg(visits.amount) as amount_per_visit,
    sum(visits.amount) as amount_spent,
    min(visits.visited_on) as first_visit_on,
    max(visits.store) as store
from visits
cross join as_of
group by visits.member_id, as_of.as_of_date
