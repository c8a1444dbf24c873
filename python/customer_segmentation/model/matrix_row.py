"""Components of a long mart as columns of the model's row, and back.

``matrix`` says where they come from; ``reduction`` has the layout that it has of features, with
items for features.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pyspark.sql.types import LongType, StringType, StructField, StructType

from customer_segmentation.errors import ModelFormatError
from customer_segmentation.model.matrix import MatrixComponent, MatrixMethod, MatrixReduction

MATRIX_TYPE = StructType(
    [
        StructField(name, kind, metadata={"comment": comment})
        for name, kind, comment in (
            ("entity", StringType(), "Column of the long mart that holds the entity key"),
            ("item", StringType(), "Column of the item"),
            ("value", StringType(), "Column of the number"),
            ("method", StringType(), "pca (the means subtracted) or svd"),
            ("entities", LongType(), "Entities trained on"),
            ("entries", LongType(), "Pairs of entity and item among them"),
            ("entities_without_items", LongType(), "Entities of the feature mart left out"),
        )
    ]
)
"""The column ``matrix``."""

_SHARES = ("explained_variance", "explained_variance_share", "cumulative_share")


def matrix_columns(matrix: MatrixReduction) -> dict[str, Any]:
    """The columns ``matrix`` and ``reduction`` of the model's row."""
    return {
        "matrix": {name: getattr(matrix, name) for name in MATRIX_TYPE.names},
        "reduction": {
            "centres": [
                {"feature": item, "centre": centre}
                for item, centre in zip(matrix.items, matrix.centres, strict=True)
            ],
            "components": [
                {
                    "position": at + 1,
                    **{name: getattr(component, name) for name in _SHARES},
                    "loadings": [
                        {"feature": item, "loading": loading}
                        for item, loading in zip(matrix.items, component.loadings, strict=True)
                    ],
                }
                for at, component in enumerate(matrix.components)
            ],
        },
    }


def matrix_of_columns(matrix: Mapping[str, Any], reduction: Mapping[str, Any]) -> MatrixReduction:
    """What :func:`matrix_columns` was given.

    Raises:
        KeyError: A field is absent.
        ModelFormatError: The method is one of another version.
    """
    method = matrix["method"]
    if method not in get_args(MatrixMethod):
        raise ModelFormatError(
            f"The matrix was reduced by {method}, this version of customer-segmentation knows "
            f"{', '.join(get_args(MatrixMethod))}. Upgrade the library."
        )
    return MatrixReduction(
        **{name: matrix[name] for name in MATRIX_TYPE.names},
        items=tuple(item["feature"] for item in reduction["centres"]),
        centres=tuple(item["centre"] for item in reduction["centres"]),
        components=tuple(
            MatrixComponent(
                **{name: component[name] for name in _SHARES},
                loadings=tuple(item["loading"] for item in component["loadings"]),
            )
            for component in reduction["components"]
        ),
    )
