from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table", always_run=True)
    mart, matrix = dbt.ref("ratings_user_features"), dbt.ref("ratings_user_items")
    meta = dbt.config.get("meta")
    return nodes.train(session, mart, matrix=matrix, published=dbt.this, meta=meta)
