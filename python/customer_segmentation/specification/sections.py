"""The parts of a specification, each with the rules that concern it alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from customer_segmentation.specification.base import ListOf, Section
from customer_segmentation.specification.problems import Problem, broken_rule, broken_rules

Encoding = Literal["numeric", "binary", "one_hot"]
Transform = Literal["none", "log1p", "winsorize"]
Scaler = Literal["standard", "minmax", "robust"]
Algorithm = Literal[
    "kmeans", "bisecting_kmeans", "gaussian_mixture", "agglomerative", "dbscan", "hdbscan"
]
KPolicy = Literal["elbow", "silhouette", "calinski_harabasz", "davies_bouldin", "gap", "stability"]
CostlyCriterion = Literal["gap", "stability"]
Engine = Literal["auto", "memory", "spark"]
Precision = Literal["float64", "float32"]

SPARK_ALGORITHMS: tuple[Algorithm, ...] = ("kmeans", "bisecting_kmeans", "gaussian_mixture")
"""Algorithms that Spark has too."""

LOWEST_K = 2
HIGHEST_K = 50
COLUMN_NAME = "a column name of letters, digits and underscores"
WHOLE_K = f"a whole number from {LOWEST_K} to {HIGHEST_K}"

DENSITY_KEYS: Mapping[Algorithm, str] = MappingProxyType(
    {"dbscan": "eps", "hdbscan": "min_cluster_size"}
)
"""The key of ``density`` that an algorithm cannot do without."""
DENSITY_ALGORITHMS = tuple(DENSITY_KEYS)
"""Algorithms that find the number of segments themselves."""

DEFAULT_COMPONENTS = 10
"""Components of a matrix where the specification does not say how far to reduce."""

_DEFAULT_QUANTILE = {"lower": 0.01, "upper": 0.99}
_DEFAULT_RARE_BELOW = 0.01
_SHARE = "a share from 0 to 1"

ColumnName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
WholeK = Annotated[int, Field(ge=LOWEST_K, le=HIGHEST_K)]


class Feature(Section):
    """One column of the feature mart and how it is prepared before it is scaled.

    ``numeric`` columns are transformed: ``log1p`` is defined as sign(x) * ln(1 + |x|), so that a
    net refund is not an error; ``winsorize`` clips to the quantiles ``lower`` and ``upper`` of the
    training customers. ``binary`` columns have two values, ``one_hot`` columns are text with one
    column per level; levels of a share of training customers below ``rare_below`` are one level.
    """

    name: ColumnName = Field(description=COLUMN_NAME)
    encoding: Encoding = "numeric"
    transform: Transform = "none"
    lower: float | None = Field(
        default=None,
        ge=0,
        lt=1,
        validate_default=True,
        description="a quantile from 0 to below 1",
    )
    upper: float | None = Field(
        default=None,
        gt=0,
        le=1,
        validate_default=True,
        description="a quantile from above 0 to 1",
    )
    rare_below: float | None = Field(
        default=None, ge=0, le=0.5, validate_default=True, description="a share from 0 to 0.5"
    )

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, data: Any) -> Any:
        return {"name": data} if isinstance(data, str) else data

    @field_validator("transform")
    @classmethod
    def _only_for_numeric(cls, transform: Transform, info: ValidationInfo) -> Transform:
        encoding = info.data.get("encoding", "numeric")
        if transform != "none" and encoding != "numeric":
            raise broken_rule(f"{transform!r} has no meaning with encoding {encoding}; remove it")
        return transform

    @field_validator("lower", "upper")
    @classmethod
    def _only_for_winsorize(cls, value: float | None, info: ValidationInfo) -> float | None:
        transform, encoding = info.data.get("transform"), info.data.get("encoding")
        if transform == "winsorize":
            return _DEFAULT_QUANTILE[str(info.field_name)] if value is None else value
        if value is not None and encoding in ("binary", "one_hot"):
            raise broken_rule(f"{value!r} has no meaning with encoding {encoding}; remove it")
        if value is not None and transform is not None:
            raise broken_rule(
                f"{value!r} has no meaning with transform {transform}; "
                "remove it, or set transform: winsorize"
            )
        return value

    @field_validator("upper")
    @classmethod
    def _above_lower(cls, upper: float | None, info: ValidationInfo) -> float | None:
        lower = info.data.get("lower")
        if upper is not None and lower is not None and upper <= lower:
            raise broken_rule(f"{upper!r} is not above lower, which is {lower!r}")
        return upper

    @field_validator("rare_below")
    @classmethod
    def _only_for_one_hot(cls, value: float | None, info: ValidationInfo) -> float | None:
        encoding = info.data.get("encoding")
        if encoding == "one_hot":
            return _DEFAULT_RARE_BELOW if value is None else value
        if value is not None and encoding is not None:
            raise broken_rule(
                f"{value!r} has no meaning with encoding {encoding}; "
                "remove it, or set encoding: one_hot"
            )
        return value


class Reduction(Section):
    """Components to cluster on: a number of them, or as many as explain a share of the variance.

    ``pca`` are principal components, ``svd`` is a truncated singular value decomposition, which
    does not subtract the means first.
    """

    method: Literal["pca", "svd"] = "pca"
    components: int | None = Field(default=None, ge=1, description="a whole number from 1")
    variance: float | None = Field(
        default=None, gt=0, le=1, description="a share of the variance from above 0 to 1"
    )

    @model_validator(mode="after")
    def _not_both(self) -> Reduction:
        if self.components is not None and self.variance is not None:
            raise broken_rule(
                f"{self.variance!r} stands beside components {self.components!r}; keep one of them",
                "variance",
            )
        return self

    @staticmethod
    def of_matrix(reduction: Reduction | None) -> Reduction:
        """With :data:`DEFAULT_COMPONENTS` where it does not say how far to reduce a matrix."""
        if reduction is None:
            raise broken_rule(
                "missing; a matrix is clustered on its components: give "
                f"{{{', '.join(Reduction.model_fields)}}}, for example {{method: pca}}"
            )
        if reduction.components is None and reduction.variance is None:
            return reduction.model_copy(update={"components": DEFAULT_COMPONENTS})
        return reduction

    def check_features(self, features: Sequence[Feature]) -> None:
        """Refuse what cannot be done with features of the mart."""
        if self.method == "svd":
            raise broken_rule(
                "'svd' is for a matrix, which the specification does not have; set method: pca",
                "method",
            )
        if self.components is None and self.variance is None:
            raise broken_rule("does not say how far to reduce; give components or variance")
        # How many columns one_hot makes is known in training only.
        known = features and all(feature.encoding != "one_hot" for feature in features)
        if self.components is not None and known and self.components > len(features):
            raise broken_rule(
                f"{self.components} is above the number of features, which is {len(features)}",
                "components",
            )


class Compare(Section):
    """Clusterings to put beside the main one, on the same numbers of segments and measures."""

    algorithms: ListOf[Algorithm] = Field(
        default=(), description="a list of algorithms other than the main one"
    )
    unreduced: bool = Field(default=False, description="true, false")

    @model_validator(mode="after")
    def _something_to_compare(self) -> Compare:
        if not self.algorithms and not self.unreduced:
            raise broken_rule("names nothing to compare; give algorithms, or unreduced: true")
        return self

    def problems_beside(self, main: Algorithm, *, has_matrix: bool) -> list[Problem]:
        """What is wrong with it where ``main`` is the algorithm of the model."""
        problems: list[Problem] = []
        if self.unreduced and has_matrix and main != "kmeans":
            problem = (
                f"True is by k-means where there is a matrix, not by {main}; remove it, or set "
                "algorithm: kmeans"
            )
            problems.append((("unreduced",), problem))
        for at, item in enumerate(self.algorithms):
            if item == main:
                problem = f"{item!r} is the algorithm of the model; name others"
            elif item in self.algorithms[:at]:
                problem = f"{item!r} is listed more than once; keep one of them"
            elif main in DENSITY_ALGORITHMS and item not in DENSITY_ALGORITHMS:
                problem = (
                    f"{item!r} needs k, which has no meaning with algorithm {main}; "
                    f"set algorithm: {item}, and compare {main}"
                )
            else:
                continue
            problems.append((("algorithms", at), problem))
        return problems


class Density(Section):
    """What counts as dense: ``eps`` for dbscan, ``min_cluster_size`` for hdbscan."""

    eps: float | None = Field(default=None, gt=0, description="a distance above 0")
    min_samples: int = Field(default=5, ge=1, description="a whole number from 1")
    min_cluster_size: int | None = Field(default=None, ge=2, description="a whole number from 2")

    def problems_with(self, algorithms: Sequence[Algorithm]) -> list[Problem]:
        """Keys that one of ``algorithms`` needs and that are absent, and those that none reads."""
        problems: list[Problem] = []
        for algorithm, key in DENSITY_KEYS.items():
            value = getattr(self, key)
            if value is None and algorithm in algorithms:
                allowed = Density.model_fields[key].description
                problems.append(((key,), f"missing; give {allowed} for {algorithm}"))
            if value is not None and algorithm not in algorithms:
                problem = f"{value!r} has no meaning without {algorithm}; remove it"
                problems.append(((key,), problem))
        return problems


class KRange(Section):
    """Candidates for the number of segments and the policy that chooses one of them.

    ``also`` names criteria that cluster again many times, to be measured whatever the policy.
    """

    min: WholeK = Field(description=WHOLE_K)
    max: WholeK = Field(description=WHOLE_K)
    choose: KPolicy = "elbow"
    also: ListOf[CostlyCriterion] = Field(default=(), description="a list of gap, stability")

    @field_validator("also")
    @classmethod
    def _beside_choose(
        cls, also: tuple[CostlyCriterion, ...], info: ValidationInfo
    ) -> tuple[CostlyCriterion, ...]:
        problems: list[Problem] = []
        for at, item in enumerate(also):
            if item == info.data.get("choose"):
                problems.append(((at,), f"{item!r} is what chooses and is measured; remove it"))
            elif item in also[:at]:
                problems.append(((at,), f"{item!r} is listed more than once; keep one of them"))
        if problems:
            raise broken_rules(problems)
        return tuple(sorted(also))

    @property
    def costly_criteria(self) -> set[str]:
        """Criteria that cluster again and that are wanted of every candidate."""
        return {item for item in get_args(CostlyCriterion) if item in (self.choose, *self.also)}

    @field_validator("max")
    @classmethod
    def _above_min(cls, highest: int, info: ValidationInfo) -> int:
        lowest = info.data.get("min")
        if lowest is not None and highest <= lowest:
            raise broken_rule(
                f"{highest!r} is not above min, which is {lowest!r}; "
                f"for one number of segments write k: {highest}"
            )
        return highest


class Ordering(Section):
    """What the segment ids 1..k follow: the mean of a column of the mart per segment."""

    measure: ColumnName = Field(description=COLUMN_NAME)
    direction: Literal["ascending", "descending"] = "descending"


class Audit(Section):
    """When two features say nearly the same: an absolute rank correlation above the threshold."""

    correlation_threshold: float = Field(default=0.8, ge=0, le=1, description=_SHARE)


class Stability(Section):
    """How often the clustering is repeated, with other seeds and on resampled customers."""

    seeds: int = Field(default=5, ge=1, le=100, description="a whole number from 1 to 100")
    resamples: int = Field(default=10, ge=1, le=1000, description="a whole number from 1 to 1000")


class Validation(Section):
    """How often the classifiers are fitted, each time on all folds but one."""

    folds: int = Field(default=5, ge=2, le=20, description="a whole number from 2 to 20")


class Alignment(Section):
    """From which Jaccard overlap on a segment continues one of the previous model."""

    least_overlap: float = Field(default=0.3, gt=0, le=1, description="a share from above 0 to 1")
