with

segment_models as (

    select * from {{ ref('ratings_segment_models') }}

),

customer_segments as (

    select * from {{ ref('ratings_customer_segments') }}

),

items as (

    select * from {{ ref('ratings_items') }}

),

scoring as (

    select max(model_id) as model_id from customer_segments

),

components as (

    select
        segment_models.model_id,
        component.position,
        component.explained_variance_share,
        component.cumulative_share,
        component.loadings
    from segment_models
        lateral view inline(reduction.components) component

),

weights as (

    select
        components.model_id,
        components.position,
        components.explained_variance_share,
        components.cumulative_share,
        weight.feature as item_id,
        weight.loading,
        case when weight.loading > 0 then 'high' else 'low' end as component_end
    from components
        lateral view inline(loadings) weight

),

ranked as (

    select
        weights.*,
        row_number() over (
            partition by weights.position, weights.component_end
            order by abs(weights.loading) desc, weights.item_id asc
        ) as item_rank
    from weights
    inner join scoring on weights.model_id = scoring.model_id
    where weights.loading != 0

)

select
    cast(ranked.position as int) as component_number,
    ranked.component_end,
    cast(ranked.item_rank as int) as item_rank,
    ranked.item_id,
    items.title,
    ranked.loading,
    ranked.explained_variance_share,
    ranked.cumulative_share,
    ranked.model_id
from ranked
left join items on ranked.item_id = items.item_id
where ranked.item_rank <= {{ setting('ratings_items_of_component') }}
