{{ config(schema='internal', before_publication='ratings_check_judged_items') }}

with

items as (

    select * from {{ ref('stg_ratings__items') }}

),

judged as (

    select
        *,
        case
            when is_malformed then 'malformed_line'
            when not is_selected then 'not_an_item'
            when item_id is null then 'missing_item'
        end as item_reason,
        array_join(genres, '\u0001') as genres_key
    from items

),

-- Of items with one id the one counts that has a title, of several the one that sorts first.
compared as (

    select
        *,
        row_number() over (
            partition by item_id
            order by item_reason is not null asc, title asc nulls last, genres_key desc
        ) as place,
        rank() over (
            partition by item_id
            order by item_reason is not null asc, title asc nulls last, genres_key desc
        ) as place_of_first_copy
    from judged

)

select
    case
        when item_reason is not null then item_reason
        when place > place_of_first_copy then 'exact_duplicate'
        when place > 1 then 'duplicate_item'
    end as rejection_reason,
    item_id,
    title,
    genres
from compared
