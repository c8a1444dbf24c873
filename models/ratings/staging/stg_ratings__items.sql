{{ config(materialized='published_view', schema='internal') }}

with

raw_items as (

    select
        {{ raw_columns('ratings_items') }}
    from {{ raw_table('ratings_items') }}

),

renamed as (

    select
        {{ raw_text('item_id') }} as item_text,
        {{ raw_text('title') }} as title,
        {{ raw_text('genres') }} as genres_text,
        is_selected,
        malformed_line is not null as is_malformed
    from raw_items

),

-- A part that is empty or stands for none is no genre, and one that is there twice is one.
typed as (

    select
        {{ clean_identifier('item_text') }} as item_id,
        title,
        array_distinct(filter(
            transform(split(coalesce(genres_text, ''), {{ ratings_genre_separator() }}), part -> trim(part)),
            part -> part != '' and not ({{ is_missing_text('part') }})
        )) as genres,
        is_selected,
        is_malformed
    from renamed

)

select
    item_id,
    title,
    genres,
    is_selected,
    is_malformed
from typed
