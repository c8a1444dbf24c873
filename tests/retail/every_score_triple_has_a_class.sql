-- The rules in retail_rfm_classes name each of the 125 triples of scores, whether a customer has it today or not.
with

rfm_classes as (

    select * from {{ ref('retail_rfm_classes') }}

),

-- None without a class: a run with --empty reads none, and else retail_customer_rfm_rows fails.
scores as (

    select explode(sequence(1, 5)) as score
    from (select max(priority) as last_priority from rfm_classes) as classes
    where last_priority is not null

),

triples as (

    select
        recency.score as recency_score,
        frequency.score as frequency_score,
        monetary.score as monetary_score
    from scores as recency
    cross join scores as frequency
    cross join scores as monetary

)

select
    triples.recency_score,
    triples.frequency_score,
    triples.monetary_score
from triples
left join rfm_classes
    on
        triples.recency_score between rfm_classes.recency_from and rfm_classes.recency_to
        and triples.frequency_score between rfm_classes.frequency_from and rfm_classes.frequency_to
        and triples.monetary_score between rfm_classes.monetary_from and rfm_classes.monetary_to
where rfm_classes.priority is null
