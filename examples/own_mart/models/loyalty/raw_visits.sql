-- Stands in for a table of your own: visits of 600 members of a loyalty programme, the same in every build. Of three
-- members one comes often and spends little, one comes seldom and spends much, one has stopped coming.
with

members as (

    select
        id as member_number,
        cast(id % 3 as int) + 1 as habit
    from range(1, 601)

),

habits as (

    select
        member_number,
        pmod(xxhash64(member_number), 20) as spread,
        element_at(array(0, 15, 150), habit) as days_away,
        element_at(array(40, 8, 10), habit) as most_visits,
        element_at(array(5, 40, 12), habit) as usual_amount
    from members

),

visits as (

    select
        *,
        explode(sequence(1, cast(most_visits - most_visits * spread / 40 as int))) as visit_number
    from habits

)

select
    concat('M', lpad(member_number, 4, '0')) as member_id,
    date_sub(date '2025-06-30', cast(days_away + spread + 5 * (visit_number - 1) as int)) as visited_on,
    cast(
        usual_amount * (0.5 + pmod(xxhash64(member_number, visit_number), 100) / 100) as decimal(12, 2)
    ) as amount,
    element_at(array('Harbour', "King's Road", 'Station'), cast(member_number % 7 % 3 as int) + 1) as store
from visits
