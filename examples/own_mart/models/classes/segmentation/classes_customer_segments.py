from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table")
    mart, matrix = dbt.ref("loyalty_features"), dbt.ref("loyalty_member_classes")
    models, decisions = dbt.ref("classes_segment_models"), dbt.ref("classes_segment_decisions")
    return nodes.assign(session, mart, models, decisions, matrix=matrix, published=dbt.this)
