-- Stands in for a table of your own: which of 24 classes each member took, and when. Classes 1 to 8 are of one kind,
-- 9 to 16 and 17 to 24 of two others; a member takes most classes of one kind, and now and then one of another.
with

pairs as (

    select
        members.id as member_number,
        classes.id as class_number,
        int((classes.id - 1) / 8) = pmod(xxhash64(members.id, 7), 3) as is_liked,
        pmod(xxhash64(members.id, classes.id), 10) as draw
    from range(1, 601) as members
    cross join range(1, 25) as classes

),

visits as (

    select
        member_number,
        class_number,
        draw,
        explode(sequence(1, if(is_liked, 3, 1))) as visit_number
    from pairs
    where draw < if(is_liked, 7, 1)

)

select
    concat('M', lpad(member_number, 4, '0')) as member_id,
    concat('C', lpad(class_number, 2, '0')) as class_id,
    date_sub(date '2025-06-30', cast(7 * visit_number + draw as int)) as visited_on
from visits
