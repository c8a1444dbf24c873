from __future__ import annotations

from customer_segmentation.nodes.layout import in_layout
from project_runs import Project

WANTED = (
    "id int, scores struct<folds: bigint, rows: array<struct<name: string, kind: string, "
    "levels: array<struct<level: int, share: double>>>>>, reason string, sizes array<bigint>"
)


def test_an_older_table_gets_what_it_lacks_at_any_depth(sail_project: Project) -> None:
    # By Sail, whose unions take no fields that are absent in an array.
    spark = sail_project.spark
    wanted = spark.createDataFrame([], WANTED).schema
    older = spark.createDataFrame(
        [
            (1, ([("a", [(7,)]), ("b", None)],), [3], "of a later version"),
            (2, None, None, None),
        ],
        "id int, scores struct<rows: array<struct<name: string, levels: array<struct<level: int>>>>"
        ">, sizes array<bigint>, later string",
    )
    found = in_layout(older, wanted)
    assert found.columns == ["id", "scores", "reason", "sizes", "later"]
    assert found.select(*wanted.names).schema.simpleString() == wanted.simpleString()
    rows = [row.asDict(recursive=True) for row in found.orderBy("id").collect()]
    levels = [{"level": 7, "share": None}]
    assert rows == [
        {
            "id": 1,
            "scores": {
                "folds": None,
                "rows": [
                    {"name": "a", "kind": None, "levels": levels},
                    {"name": "b", "kind": None, "levels": None},
                ],
            },
            "reason": None,
            "sizes": [3],
            "later": "of a later version",
        },
        {"id": 2, "scores": None, "reason": None, "sizes": None, "later": None},
    ]
