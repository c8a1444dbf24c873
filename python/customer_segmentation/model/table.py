"""A trained model as one row of the model table, and back.

The row has nested columns and no pickle, so that SQL views unfold it with ``explode``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timezone
from typing import Any, get_args

from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    DateType,
    DoubleType,
    IntegerType,
    LongType,
    Row,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from customer_segmentation.errors import ModelFormatError
from customer_segmentation.model.assignment import Rule
from customer_segmentation.model.matrix_row import (
    MATRIX_TYPE,
    matrix_columns,
    matrix_of_columns,
)
from customer_segmentation.model.measures import Candidate, Measures
from customer_segmentation.model.reduction import Component, FeatureCentre, Loading, Reduction
from customer_segmentation.model.report import ModelReport
from customer_segmentation.model.scaling import FeatureScaling, Indicator, Level
from customer_segmentation.model.segments import CentroidCoordinate, Segment
from customer_segmentation.model.struct_types import struct_type
from customer_segmentation.model.trained_model import FORMAT_VERSION, TrainedModel
from customer_segmentation.specification import Encoding, Transform


def _column(name: str, data_type: DataType, comment: str) -> StructField:
    # Always nullable: some table formats refuse NOT NULL inside an array.
    return StructField(name, data_type, nullable=True, metadata={"comment": comment})


def _struct(*columns: StructField) -> StructType:
    return StructType(list(columns))


_MEASURES = (
    _column("inertia", DoubleType(), "Sum of squared distances to the own centroid, scaled space"),
    _column("silhouette", DoubleType(), "Mean silhouette, squared Euclidean distance, -1..1"),
    _column("calinski_harabasz", DoubleType(), "Between to within dispersion, higher is better"),
    _column("davies_bouldin", DoubleType(), "Mean similarity to the nearest, lower is better"),
    _column("smallest_share", DoubleType(), "Share of customers in the smallest segment, 0..1"),
)

# Fields that candidates in rows of older versions lack.
_LATER = ("customers_measured", "customers_repeated", "inertia_unreduced", "silhouette_unreduced")
_MEASURE_NAMES = tuple(column.name for column in _MEASURES)

_LIBRARY = _struct(
    _column("library", StringType(), "Name of the library"),
    _column("version", StringType(), "Version it had in training"),
)

_INDICATOR = _struct(
    _column("encoding", StringType(), "binary or one_hot"),
    _column("column", StringType(), "Column of the feature mart"),
    _column("kind", StringType(), "What its levels are: boolean, number or text"),
    _column("level", StringType(), "The dimension is 1 for customers at this level, else 0"),
    _column("levels", ArrayType(StringType()), "All levels but (other), which stands for the rest"),
)

_FEATURE = _struct(
    _column("name", StringType(), "Column of the feature mart, of an encoded one column=level"),
    _column("transform", StringType(), "none, log1p (sign(x) * ln(1 + |x|)) or winsorize (clip)"),
    _column("lower", DoubleType(), "Lower clip bound of winsorize, in the feature's units"),
    _column("upper", DoubleType(), "Upper clip bound of winsorize, in the feature's units"),
    _column("centre", DoubleType(), "Subtracted from the transformed value"),
    _column("scale", DoubleType(), "Divides the centred value; above 0"),
    _column("indicator", _INDICATOR, "Which level it stands for; null for a numeric feature"),
)

_COORDINATE = _struct(
    _column("feature", StringType(), "Name of the feature, of an encoded column column=level"),
    _column("scaled", DoubleType(), "Scaled value of the centroid"),
    _column("original", DoubleType(), "The scaled value taken back to the feature's units"),
)

_SEGMENT = _struct(
    _column(
        "segment_id",
        IntegerType(),
        "1..k in a first model, by the ordering measure; kept in later ones",
    ),
    _column("size", LongType(), "Customers in the segment when trained"),
    _column("share", DoubleType(), "Size over all customers, 0..1"),
    _column("ordering_mean", DoubleType(), "Mean of the ordering measure over the members"),
    _column("inertia", DoubleType(), "Sum of the members' squared distances to the centroid"),
    _column("mean_distance", DoubleType(), "Mean distance of the members to the centroid"),
    _column("radius", DoubleType(), "Largest distance of a member to the centroid"),
    _column("centroid", ArrayType(_COORDINATE), "One coordinate per feature"),
    _column("reduced_centroid", ArrayType(DoubleType()), "The centroid in principal components"),
    _column("radius_limit", DoubleType(), "Farther customers are noise, by a rule with a radius"),
    _column("offset", DoubleType(), "Log determinant less twice the log weight, of a mixture"),
    _column("precision_cholesky", ArrayType(ArrayType(DoubleType())), "Factor of a mixture"),
)

_CANDIDATE = _struct(
    _column("k", IntegerType(), "Number of segments tried"),
    *_MEASURES,
    _column("elbow", BooleanType(), "Whether inertia over k bends here"),
    _column("chosen", BooleanType(), "Whether this is the clustering of the model"),
    _column("algorithm", StringType(), "What clustered"),
    _column("reduced", BooleanType(), "Whether on principal components"),
    _column("gap", DoubleType(), "Gap statistic, where asked for"),
    _column("gap_standard_error", DoubleType(), "Its standard error"),
    _column("stability", DoubleType(), "Mean adjusted Rand index of resamples, where asked for"),
    _column("noise_share", DoubleType(), "Share of customers in no segment, 0..1"),
    _column("agreement", DoubleType(), "Share of customers for whom scoring gives what it gave"),
    _column("customers_measured", LongType(), "Customers that the measures are of"),
    _column("customers_repeated", LongType(), "Customers that gap and stability are of"),
    _column("inertia_unreduced", DoubleType(), "Of the same segments in the unreduced space"),
    _column("silhouette_unreduced", DoubleType(), "Likewise; null without compare.unreduced"),
)

_REPORT_COMMENTS = {
    "gates_passed": "Whether no gate that holds a model back is missed",
    "gates_missed": "Those missed, in words",
    "quality": "Measures and gates",
    "feature_audit": "The features, as the mart was before training",
    "feature_correlations": "Pairs of features that may say the same",
    "feature_importances": "How much each scaled feature decides",
    "segment_reports": "What is weak about each segment",
    "segment_differences": "How each segment differs from all customers",
    "surrogate": "SQL rules that stand for the segments, and their fidelity",
    "stability": "Agreement with other seeds and with resampled customers",
    "validation": "Classifiers that predict the segment",
    "alignment": "How the ids follow from the previous model",
    "previous_model_id": "The model that ids were aligned to; null for the first",
}

MODEL_SCHEMA = StructType(
    [
        _column("model_id", StringType(), "UTC time of training and specification hash"),
        _column("trained_at", TimestampType(), "When the model was trained"),
        _column("as_of_date", DateType(), "Date that the features are relative to"),
        _column("format_version", IntegerType(), "Version of this row's layout"),
        _column("entity_key", StringType(), "Column of the mart that identifies a customer"),
        _column("specification", StringType(), "All settings with their values, as JSON"),
        _column("specification_hash", StringType(), "SHA-256 of the settings, first 12 digits"),
        _column("random_seed", LongType(), "Seed of every random draw"),
        _column("engine", StringType(), "What computed the clustering"),
        _column("library_versions", ArrayType(_LIBRARY), "Libraries that computed the model"),
        _column("row_count", LongType(), "Customers trained on"),
        _column("k", IntegerType(), "Number of segments"),
        _column("k_reason", StringType(), "Why this number of segments, in words"),
        *_MEASURES,
        _column("features", ArrayType(_FEATURE), "How each feature is transformed and scaled"),
        _column("segments", ArrayType(_SEGMENT), "The segments, by segment_id"),
        _column("candidates", ArrayType(_CANDIDATE), "Every clustering tried"),
        _column("assignment_rule", StringType(), "How a customer is assigned to a segment"),
        _column("reduction", struct_type(Reduction), "Components; null without"),
        _column(
            "matrix", MATRIX_TYPE, "The long mart whose items the components are of; null without"
        ),
        _column("noise_count", LongType(), "Customers trained on that are in no segment"),
        *(
            _column(field.name, field.dataType, _REPORT_COMMENTS[field.name])
            for field in struct_type(ModelReport)
        ),
    ]
)
"""Columns of the model table: one row per trained model, in the order of the row."""


_MAY_BE_NULL = {"reduction", "matrix", *struct_type(ModelReport).names}


def to_rows(model: TrainedModel) -> list[dict[str, Any]]:
    """The model's one row, for ``session.createDataFrame(rows, MODEL_SCHEMA)``."""
    row = asdict(replace(model, matrix=None))
    if model.matrix is not None:
        row.update(matrix_columns(model.matrix))
    row.update(row.pop("measures"))
    row.update(row.pop("report") or dict.fromkeys(struct_type(ModelReport).names))
    row["library_versions"] = [
        {"library": library, "version": version}
        for library, version in model.library_versions.items()
    ]
    row["candidates"] = [{**item.pop("measures"), **item} for item in row["candidates"]]
    return [{name: _listed(value) for name, value in row.items()}]


def _listed(value: Any) -> Any:
    """With lists for tuples, at every depth: Spark takes a tuple for a struct."""
    if isinstance(value, Mapping):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, tuple | list) else value


def from_row(row: Row | Mapping[str, Any]) -> TrainedModel:
    """The model of a collected row of the model table; columns it does not know are ignored.

    Args:
        row: A Spark row, or a mapping of the same shape. A timestamp without a time zone is
            local time, which is how Spark hands out timestamps.

    Raises:
        ModelFormatError: The row was written by a newer version of the library, or lacks a value.
    """
    values: Mapping[str, Any] = row.asDict(recursive=True) if isinstance(row, Row) else row
    version = values.get("format_version")
    if not isinstance(version, int) or version < 1:
        raise ModelFormatError(
            f"A row with format_version {version} is not a model; its columns are "
            f"{', '.join(values)}."
        )
    if version > FORMAT_VERSION:
        raise ModelFormatError(
            f"Model {values.get('model_id')} has format version {version}, this version of "
            f"customer-segmentation reads up to {FORMAT_VERSION}. Upgrade the library; the tables "
            "stay as they are until then."
        )
    nulls = [
        name
        for name in MODEL_SCHEMA.names
        if name not in _MAY_BE_NULL and name in values and values[name] is None
    ]
    if nulls:
        raise ModelFormatError(
            f"Model {values.get('model_id')} has no {', '.join(nulls)}; the model table was "
            "changed by hand or by another program. Train a new model."
        )
    try:
        return _model(values)
    except KeyError as missing:
        raise ModelFormatError(
            f"Model {values.get('model_id')} of format version {version} lacks {missing}; "
            "the model table was changed by hand or by another program. Train a new model."
        ) from None


def _model(values: Mapping[str, Any]) -> TrainedModel:
    _check_known(
        values["assignment_rule"], Rule, f"Model {values['model_id']} has the assignment rule"
    )
    trained_at: datetime = values["trained_at"]
    # Rows of before there were matrices have no such column.
    matrix, reduction = values.get("matrix"), values["reduction"]
    return TrainedModel(
        model_id=values["model_id"],
        trained_at=trained_at.astimezone(timezone.utc),
        as_of_date=values["as_of_date"],
        format_version=values["format_version"],
        entity_key=values["entity_key"],
        specification=values["specification"],
        specification_hash=values["specification_hash"],
        random_seed=values["random_seed"],
        engine=values["engine"],
        library_versions={item["library"]: item["version"] for item in values["library_versions"]},
        row_count=values["row_count"],
        k=values["k"],
        k_reason=values["k_reason"],
        measures=_measures(values),
        features=tuple(_scaling(item) for item in values["features"]),
        segments=tuple(_segment(item) for item in values["segments"]),
        candidates=tuple(
            Candidate(
                measures=_measures(item),
                **{name: item[name] for name in _CANDIDATE.names if name not in _MEASURE_NAMES},
            )
            for item in ({**dict.fromkeys(_LATER), **found} for found in values["candidates"])
        ),
        assignment_rule=values["assignment_rule"],
        reduction=_reduction(reduction) if matrix is None else None,
        matrix=None if matrix is None else matrix_of_columns(matrix, reduction),
        noise_count=values["noise_count"],
    )


def _reduction(values: Mapping[str, Any] | None) -> Reduction | None:
    if values is None:
        return None
    return Reduction(
        centres=tuple(
            FeatureCentre(**_known(item, struct_type(FeatureCentre))) for item in values["centres"]
        ),
        components=tuple(_component(item) for item in values["components"]),
    )


def _component(values: Mapping[str, Any]) -> Component:
    loadings = tuple(Loading(**_known(item, struct_type(Loading))) for item in values["loadings"])
    return Component(**{**_known(values, struct_type(Component)), "loadings": loadings})


def _measures(values: Mapping[str, Any]) -> Measures:
    return Measures(**{name: values[name] for name in _MEASURE_NAMES})


def _scaling(values: Mapping[str, Any]) -> FeatureScaling:
    _check_known(values["transform"], Transform, f"Feature {values['name']} has the transform")
    # Rows of before there were encodings have no such column.
    indicator = values.get("indicator")
    return FeatureScaling(
        **{
            **_known({"indicator": None, **values}, _FEATURE),
            "indicator": None if indicator is None else _indicator(indicator),
        }
    )


def _indicator(values: Mapping[str, Any]) -> Indicator:
    of = f"Column {values['column']} has"
    _check_known(values["encoding"], Encoding, f"{of} the encoding")
    _check_known(values["kind"], Level, f"{of} levels that are")
    return Indicator(**{**_known(values, _INDICATOR), "levels": tuple(values["levels"])})


def _segment(values: Mapping[str, Any]) -> Segment:
    centroid = tuple(CentroidCoordinate(**_known(item, _COORDINATE)) for item in values["centroid"])
    return Segment(
        **{
            **_known(values, _SEGMENT),
            "centroid": centroid,
            "reduced_centroid": tuple(values["reduced_centroid"]),
            "precision_cholesky": tuple(tuple(row) for row in values["precision_cholesky"]),
        }
    )


def _check_known(value: str, choices: Any, found: str) -> None:
    """Refuse a value that is none of a literal type; ``found`` begins the message."""
    if value not in get_args(choices):
        raise ModelFormatError(
            f"{found} {value}, this version of customer-segmentation knows "
            f"{', '.join(get_args(choices))}. Upgrade the library."
        )


def _known(values: Mapping[str, Any], struct: StructType) -> dict[str, Any]:
    return {name: values[name] for name in struct.names}
