from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table")
    features = dbt.ref("retail_customer_features")
    return nodes.train(session, features, published=dbt.this, meta=dbt.config.get("meta"))
