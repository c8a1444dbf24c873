{#
  One row per segment and numeric column of the mart: how the segment differs in it from all customers. A segment of fewer
  entities than `smallest` has no figures, nor have as many others as keep it from being had by subtraction from those of all.

  mart:     one row per entity
  assigned: the segment of every entity in the newest scoring
  key:      the column that identifies an entity
  smallest: the smallest number of entities that may be published
#}
{% macro segment_features(mart, assigned, key, smallest=0) -%}
{%- set columns = customer_segmentation.numeric_columns(mart, key) -%}
with

mart as (

    select * from {{ mart }}

),

assigned as (

    select * from {{ assigned }} where segment_id is not null

),

sizes as (

    select
        'entities' as breakdown,
        'all' as part,
        segment_id,
        count(*) as entities
    from assigned
    group by segment_id

),

judged as (
    {% if smallest in [0, 1] %}
    select
        segment_id,
        false as is_hidden
    from sizes
    {% else %}
    {{ customer_segmentation.hidden_cells('sizes', 'breakdown', 'segment_id', 'part', 'entities', smallest) }}
    {% endif %}
),

stacked as (

    select
        assigned.segment_id,
        stack(
            {{ [columns | length, 1] | max }}
            {%- for column in columns %},
            {{ customer_segmentation.string_literal(column) }}, cast(mart.{{ customer_segmentation.backticked(column) }} as double)
            {%- else %},
            cast(null as string), cast(null as double)
            {%- endfor %}
        ) as (feature, feature_value)
    from mart
    left join assigned on mart.{{ key }} = assigned.{{ key }}

),

-- What is no number counts for nothing; Sail's percentile breaks off at it.
feature_values as (

    select
        segment_id,
        feature,
        case when not isnan(feature_value) then feature_value end as feature_value
    from stacked

),

all_customers as (

    select
        feature,
        avg(feature_value) as feature_mean,
        stddev_pop(feature_value) as feature_deviation
    from feature_values
    group by feature

),

by_segment as (

    select
        segment_id,
        feature,
        sum(feature_value) as feature_sum,
        avg(feature_value) as feature_mean,
        percentile(feature_value, 0.5) as feature_median
    from feature_values
    where segment_id is not null
    group by segment_id, feature

)

select
    by_segment.segment_id,
    by_segment.feature,
    judged.is_hidden,
    case when not judged.is_hidden then round(by_segment.feature_sum, 4) end as feature_sum,
    case when not judged.is_hidden then round(by_segment.feature_mean, 4) end as feature_mean,
    case when not judged.is_hidden then round(by_segment.feature_median, 4) end as feature_median,
    round(all_customers.feature_mean, 4) as all_customers_mean,
    case
        when not judged.is_hidden
            then round(100 * by_segment.feature_mean / nullif(all_customers.feature_mean, 0), 2)
    end as index_to_all,
    case
        when not judged.is_hidden
            then round(
                (by_segment.feature_mean - all_customers.feature_mean) / nullif(all_customers.feature_deviation, 0), 4
            )
    end as standardised_difference
from by_segment
inner join all_customers on by_segment.feature = all_customers.feature
inner join judged on by_segment.segment_id = judged.segment_id
{%- endmacro %}


{# The numeric columns of a relation, in its order, without its key; none while parsing, or where it is not there. #}
{% macro numeric_columns(relation, key=none) -%}
  {{ return(customer_segmentation.columns_of_type(relation, 'tinyint|smallint|int|bigint|float|double|decimal', key)) }}
{%- endmacro %}


{# The columns of a relation whose type is, but for its size, in the pattern `types`; in its order, without `key`. #}
{% macro columns_of_type(relation, types, key=none) -%}
  {%- set names = [] -%}
  {%- set whole = customer_segmentation.whole_relation(relation) if execute else none -%}
  {%- for column in (adapter.get_columns_in_relation(whole) if execute else []) -%}
    {#- With the end of the word: an interval is no int. -#}
    {%- if column.name != key and modules.re.match('(' ~ types ~ ')\\b', column.dtype) -%}
      {%- do names.append(column.name) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(names) }}
{%- endmacro %}
