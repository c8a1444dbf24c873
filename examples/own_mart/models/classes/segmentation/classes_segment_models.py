from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table", always_run=True)
    mart, matrix = dbt.ref("loyalty_features"), dbt.ref("loyalty_member_classes")
    meta = dbt.config.get("meta")
    return nodes.train(session, mart, matrix=matrix, published=dbt.this, meta=meta)
