-- Recomputes each customer's distance to every centroid from the published tables. A centroid nearer than the assigned
-- one, a wrong distance or runner-up, noise within the radius limit, and a customer without a segment are failures.
-- Of models that assign by centroids of numeric features of retail_customer_feature_values, not reduced; what Spark
-- gives by the others is compared with numpy in tests/python/test_scoring.py.
with

scoring as (

    select max(model_id) as model_id from {{ ref('retail_customer_segments') }}

),

known_features as (

    select collect_set(feature) as feature_names from {{ ref('retail_customer_feature_values') }}

),

current_model as (

    select
        segment_models.model_id,
        transform(segment_models.segments, s -> struct(s.segment_id, s.radius_limit)) as radius_limits
    from {{ ref('retail_segment_models') }} as segment_models
    inner join scoring on segment_models.model_id = scoring.model_id
    cross join known_features
    where
        segment_models.assignment_rule != 'gaussian'
        and segment_models.reduction is null
        and not exists(segment_models.features, f -> not array_contains(known_features.feature_names, f.name))

),

centroids as (

    select
        retail_segment_centroids.segment_id,
        retail_segment_centroids.feature,
        retail_segment_centroids.centroid_scaled,
        retail_segment_centroids.transform,
        retail_segment_centroids.lower,
        retail_segment_centroids.upper,
        retail_segment_centroids.centre,
        retail_segment_centroids.scale
    from {{ ref('retail_segment_centroids') }} as retail_segment_centroids
    inner join current_model on retail_segment_centroids.model_id = current_model.model_id

),

distances as (

    select
        feature_values.customer_id,
        centroids.segment_id,
        sqrt(sum(power(
            (
                case centroids.transform
                    when 'log1p' then signum(feature_values.feature_value) * log1p(abs(feature_values.feature_value))
                    when 'winsorize'
                        then least(greatest(feature_values.feature_value, centroids.lower), centroids.upper)
                    else feature_values.feature_value
                end - centroids.centre
            ) / centroids.scale - centroids.centroid_scaled,
            2
        ))) as distance
    from {{ ref('retail_customer_feature_values') }} as feature_values
    inner join centroids on feature_values.feature = centroids.feature
    group by feature_values.customer_id, centroids.segment_id

),

ranked as (

    select
        customer_id,
        array_sort(collect_list(distance)) as distances,
        map_from_entries(collect_list(struct(segment_id, distance))) as distance_of
    from distances
    group by customer_id

),

radius_limits as (

    select map_from_entries(radius_limits) as limit_of
    from current_model

),

compared as (

    select
        ranked.customer_id,
        ranked.distances,
        customer_segments.segment_id,
        customer_segments.runner_up_segment_id,
        customer_segments.distance_to_centroid,
        customer_segments.distance_to_runner_up,
        ranked.distance_of[customer_segments.segment_id] as recomputed_distance,
        ranked.distance_of[customer_segments.runner_up_segment_id] as recomputed_runner_up,
        radius_limits.limit_of[
            coalesce(nullif(customer_segments.segment_id, -1), customer_segments.runner_up_segment_id)
        ] as radius_limit
    from ranked
    cross join radius_limits
    left join {{ ref('retail_customer_segments') }} as customer_segments
        on ranked.customer_id = customer_segments.customer_id

)

select
    customer_id,
    segment_id,
    runner_up_segment_id,
    distance_to_centroid,
    distance_to_runner_up,
    distances
from compared
where
    not coalesce(abs(distances[0] - distance_to_centroid) < 1e-9, false)
    or not coalesce(abs(recomputed_runner_up - distance_to_runner_up) < 1e-9, false)
    or (segment_id = -1 and not coalesce(distances[0] > radius_limit - 1e-9, false))
    or (segment_id != -1 and coalesce(distances[0] > radius_limit + 1e-9, false))
    or (segment_id = -1 and not coalesce(abs(recomputed_runner_up - distances[0]) < 1e-9, false))
    or (segment_id != -1 and not coalesce(abs(recomputed_runner_up - distances[1]) < 1e-9, false))
    or (segment_id != -1 and not coalesce(abs(recomputed_distance - distances[0]) < 1e-9, false))
    or coalesce(segment_id = runner_up_segment_id, true)
