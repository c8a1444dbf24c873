{#
  On the segment of every entity: recomputes from the published tables how each entity of the mart stands to every segment,
  by the rule of the model that scored: squared distance to the centroid, or the criterion of a Gaussian mixture. Fails with
  one row per entity that is in no segment, or whose segment comes after another one, whose distance, runner-up,
  margin, push or component is wrong, or that is noise within the radius limit.

  Of a model of a matrix the components are added up anew from the model's loadings; an entity without an item that the
  model knows has to be in no segment.

  mart:   one row per entity, with the features
  models: the table of trained models
  key:    the column that identifies an entity
  matrix: the long mart, one row per entity and item, where the specification has a matrix
  entity, item, value: its columns, by default `key`, item_id and value
#}
{% test recomputed_segments(model, mart, models, key, matrix=none, entity=none, item='item_id', value='value') %}
{%- set used = customer_segmentation.feature_columns(models) -%}
{%- set numbers = customer_segmentation.numeric_columns(mart, key) | select('in', used) | list -%}
{%- set texts = customer_segmentation.columns_of_type(mart, 'string|varchar|char|boolean', key)
    | select('in', used) | list -%}
{%- set components = [] -%}
{%- for column in customer_segmentation.numeric_columns(model, key) if matrix and column.startswith('component_') -%}
  {%- do components.append(column) -%}
{%- endfor %}

with

-- Without segments any model will do to find that all customers lack theirs.
scoring as (

    select coalesce(max(customer_segments.model_id), max(segment_models.model_id)) as model_id
    from {{ models }} as segment_models
    left join {{ model }} as customer_segments
        on segment_models.model_id = customer_segments.model_id

),

{%- if matrix %}

centres as (

    select
        centre.feature as item,
        centre.centre
    from {{ models }} as segment_models
        lateral view inline(segment_models.reduction.centres) centre
    where segment_models.model_id = (select scoring.model_id from scoring) and segment_models.matrix is not null

),

components as (

    select
        component.position,
        component.loadings
    from {{ models }} as segment_models
        lateral view inline(segment_models.reduction.components) component
    where segment_models.model_id = (select scoring.model_id from scoring) and segment_models.matrix is not null

),

loadings as (

    select
        components.position,
        weight.feature as item,
        weight.loading
    from components
        lateral view inline(loadings) weight

),

constants as (

    select
        loadings.position,
        sum(centres.centre * loadings.loading) as constant
    from loadings
    inner join centres on loadings.item = centres.item
    group by loadings.position

),

scores as (

    select
        entries.{{ entity or key }} as {{ key }},
        loadings.position,
        sum(cast(entries.{{ value }} as double) * loadings.loading) as total
    from {{ matrix }} as entries
    inner join loadings on cast(entries.{{ item }} as string) = loadings.item
    group by entries.{{ entity or key }}, loadings.position

),

component_lists as (

    select
        scores.{{ key }},
        collect_list(named_struct(
            'name', concat('component_', cast(scores.position as string)), 'score', scores.total - constants.constant
        )) as components
    from scores
    inner join constants on scores.position = constants.position
    group by scores.{{ key }}

),

-- Sail mixes the values of map_from_entries up where rows do not have their keys in one order.
component_maps as (

    select
        {{ key }},
        map_from_arrays(transform(components, c -> c.name), transform(components, c -> c.score)) as component_of
    from component_lists

),
{%- endif %}

mart_entities as (

    select
        {{ key }},
        cast(map(
            {%- for column in numbers %}
            {{ customer_segmentation.string_literal(column) }}, cast({{ customer_segmentation.backticked(column) }} as double)
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        ) as map<string, double>) as number_of,
        cast(map(
            {%- for column in texts %}
            {{ customer_segmentation.string_literal(column) }}, cast({{ customer_segmentation.backticked(column) }} as string)
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        ) as map<string, string>) as text_of
    from {{ mart }}

),

entities as (

    {% if matrix -%}
    select
        mart_entities.{{ key }},
        map_concat(mart_entities.number_of, coalesce(component_maps.component_of, cast(map() as map<string, double>)))
            as number_of,
        mart_entities.text_of,
        component_maps.component_of is not null as has_items
    from mart_entities
    left join component_maps on mart_entities.{{ key }} = component_maps.{{ key }}
    {%- else -%}
    select
        *,
        true as has_items
    from mart_entities
    {%- endif %}

),

current_model as (

    select
        features,
        -- Of a matrix its components are features, and nothing else is reduced.
        if(matrix is null, reduction, null) as reduction,
        matrix is not null as has_matrix,
        assignment_rule = 'gaussian' as is_gaussian,
        transform(
            segments,
            s -> named_struct(
                'segment_id', s.segment_id,
                'centroid', if(reduction is null or matrix is not null, transform(s.centroid, c -> c.scaled), s.reduced_centroid),
                'scaled', transform(s.centroid, c -> c.scaled),
                'radius_limit', s.radius_limit,
                'offset', s.offset,
                'factor', s.precision_cholesky
            )
        ) as segments
    from {{ models }}
    where model_id = (select scoring.model_id from scoring)

),

customers as (

    select
        entities.{{ key }},
        entities.has_items or not current_model.has_matrix as is_scorable,
        current_model.features,
        current_model.reduction,
        current_model.is_gaussian,
        current_model.segments,
        transform(
            current_model.features,
            f -> case
                when f.indicator is null then entities.number_of[f.name]
                when f.indicator.kind = 'number'
                    then cast(entities.number_of[f.indicator.column] = cast(f.indicator.level as double) as double)
                when f.indicator.level = '(other)'
                    then cast(not array_contains(f.indicator.levels, entities.text_of[f.indicator.column]) as double)
                else cast(entities.text_of[f.indicator.column] = f.indicator.level as double)
            end
        ) as unscaled
    from entities
    cross join current_model

),

scaled_customers as (

    select
        {{ key }},
        is_scorable,
        reduction,
        is_gaussian,
        segments,
        transform(
            features,
            (f, i) -> (
                case f.transform
                    when 'log1p' then signum(get(unscaled, i)) * log1p(abs(get(unscaled, i)))
                    when 'winsorize' then least(greatest(get(unscaled, i), f.lower), f.upper)
                    else get(unscaled, i)
                end - f.centre
            ) / f.scale
        ) as scaled
    from customers

),

points as (

    select
        {{ key }},
        is_scorable,
        is_gaussian,
        segments,
        scaled,
        if(
            reduction is null,
            scaled,
            transform(
                reduction.components,
                c -> aggregate(
                    transform(scaled, (x, i) -> (x - get(reduction.centres, i).centre) * get(c.loadings, i).loading),
                    cast(0 as double),
                    (total, x) -> total + x
                )
            )
        ) as point
    from scaled_customers

),

distances as (

    select
        {{ key }},
        is_scorable,
        is_gaussian,
        transform(
            segments,
            s -> named_struct(
                'segment_id', s.segment_id,
                'squared', aggregate(
                    transform(point, (x, i) -> power(x - get(s.centroid, i), 2)),
                    cast(0 as double),
                    (total, x) -> total + x
                ),
                'mahalanobis', if(
                    is_gaussian,
                    aggregate(
                        transform(
                            point,
                            (x, j) -> power(
                                aggregate(
                                    transform(point, (y, i) -> (y - get(s.centroid, i)) * get(get(s.factor, i), j)),
                                    cast(0 as double),
                                    (total, y) -> total + y
                                ),
                                2
                            )
                        ),
                        cast(0 as double),
                        (total, x) -> total + x
                    ),
                    0
                ),
                'offset', s.offset,
                'radius_limit', s.radius_limit,
                'squares', transform(scaled, (x, i) -> power(x - get(s.scaled, i), 2))
            )
        ) as segments,
        scaled
    from points

),

ranked as (

    select
        {{ key }},
        is_scorable,
        is_gaussian,
        array_sort(transform(
            segments,
            s -> named_struct(
                'criterion', if(is_gaussian, s.mahalanobis + s.offset, s.squared),
                'segment_id', s.segment_id,
                'distance', sqrt(s.squared),
                'radius_limit', s.radius_limit,
                'squares', s.squares
            )
        )) as segments,
        scaled
    from distances

),

compared as (

    select
        ranked.{{ key }},
        ranked.is_scorable,
        customer_segments.{{ key }} is not null as has_row,
        ranked.is_gaussian,
        customer_segments.segment_id,
        customer_segments.runner_up_segment_id,
        customer_segments.distance_to_centroid,
        customer_segments.distance_to_runner_up,
        customer_segments.margin,
        get(customer_segments.pushes, 0).push as largest_push,
        customer_segments.segment_id = -1 as is_noise,
        get(ranked.segments, 0) as first_segment,
        get(ranked.segments, if(customer_segments.segment_id = -1, 0, 1)) as next_segment,
        get(filter(ranked.segments, s -> s.segment_id = customer_segments.segment_id), 0) as own_segment,
        get(filter(ranked.segments, s -> s.segment_id = customer_segments.runner_up_segment_id), 0) as runner_up
        {%- if components %},
        -- Components are the first features, and not scaled.
        array(
            {%- for column in components %}
            get(ranked.scaled, {{ column.split('_')[1] | int - 1 }}) - customer_segments.{{ column }}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        ) as components_off
        {%- endif %}
    from ranked
    left join {{ model }} as customer_segments
        on ranked.{{ key }} = customer_segments.{{ key }}

),

deviations as (

    select
        {{ key }},
        is_scorable,
        has_row,
        segment_id,
        runner_up_segment_id,
        distance_to_centroid,
        distance_to_runner_up,
        margin,
        largest_push,
        is_noise,
        first_segment,
        next_segment,
        own_segment.criterion - first_segment.criterion as own_criterion_off,
        if(is_noise, first_segment, own_segment).distance - distance_to_centroid as own_distance_off,
        runner_up.criterion - next_segment.criterion as runner_up_criterion_off,
        runner_up.distance - distance_to_runner_up as runner_up_distance_off,
        if(is_gaussian, runner_up.criterion - own_segment.criterion, runner_up.distance - own_segment.distance)
        - margin as margin_off,
        array_max(transform(runner_up.squares, (x, i) -> x - get(own_segment.squares, i))) - largest_push as push_off,
        {% if components %}components_off,{% endif %}
        1e-9 * (1 + abs(first_segment.criterion) + coalesce(abs(next_segment.criterion), 0)) as rounding
    from compared

)

select
    {{ key }},
    segment_id,
    runner_up_segment_id,
    distance_to_centroid,
    distance_to_runner_up,
    margin,
    largest_push,
    first_segment,
    next_segment
from deviations
where
    not has_row
    or (not is_scorable and (segment_id is not null or distance_to_centroid is not null or margin is not null))
    or (
        is_scorable
        and (
            segment_id is null
            or segment_id = runner_up_segment_id
            or (next_segment is null) != (runner_up_segment_id is null)
            or (margin is null) != (is_noise or next_segment is null)
            or (largest_push is null) != (margin is null)
            or (is_noise and not coalesce(first_segment.distance > first_segment.radius_limit - rounding, false))
            or (not is_noise and first_segment.distance > first_segment.radius_limit + rounding)
            or (not is_noise and not coalesce(abs(own_criterion_off) < rounding, false))
            or not coalesce(abs(own_distance_off) < rounding, false)
            or (next_segment is not null and not coalesce(abs(runner_up_criterion_off) < rounding, false))
            or (next_segment is not null and not coalesce(abs(runner_up_distance_off) < rounding, false))
            or abs(margin_off) > rounding
            or abs(push_off) > rounding
            {%- if components %}
            or exists(components_off, x -> not coalesce(abs(x) < rounding, false))
            {%- endif %}
        )
    )

{% endtest %}
