from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table")
    mart = dbt.ref("loyalty_features")
    return nodes.train(session, mart, published=dbt.this, meta=dbt.config.get("meta"))
