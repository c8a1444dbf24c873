"""The segmentation specification: what to cluster, how, and into how many segments.

Read from YAML under ``config.meta.specification`` of the training model. Values are taken as they
are typed: a number in quotes is an error, not a number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, ValidationError, ValidationInfo, field_validator

from customer_segmentation.errors import SpecificationError
from customer_segmentation.specification.base import ListOf, Section
from customer_segmentation.specification.gates import DEFAULT_GATES, Gate
from customer_segmentation.specification.matrix import Matrix
from customer_segmentation.specification.problems import (
    FIXED_K,
    K_RANGE,
    NO_K,
    Problem,
    broken_rule,
    broken_rules,
    listed,
)
from customer_segmentation.specification.sections import (
    COLUMN_NAME,
    DENSITY_ALGORITHMS,
    DENSITY_KEYS,
    HIGHEST_K,
    LOWEST_K,
    SPARK_ALGORITHMS,
    WHOLE_K,
    Algorithm,
    Alignment,
    Audit,
    ColumnName,
    Compare,
    Density,
    Engine,
    Feature,
    KRange,
    Ordering,
    Precision,
    Reduction,
    Scaler,
    Stability,
    Validation,
    WholeK,
)

_LEAST_KEYS = "entity_key, features, k, ordering"
_FORMER_DEFAULT_ENGINE = "memory"


def _k_kind(value: Any) -> str:
    if value is None:
        return NO_K
    return K_RANGE if isinstance(value, Mapping | KRange) else FIXED_K


class Specification(Section):
    """A complete, checked specification; build it with :func:`parse_specification`."""

    entity_key: ColumnName = Field(description=COLUMN_NAME)
    matrix: Matrix | None = None
    features: ListOf[Feature] = Field(
        description="a list with one item per feature, each a column name or "
        f"{{{', '.join(Feature.model_fields)}}}",
    )
    scaler: Scaler = "standard"
    reduction: Reduction | None = Field(default=None, validate_default=True)
    algorithm: Algorithm = "kmeans"
    compare: Compare | None = None
    density: Density | None = Field(default=None, validate_default=True)
    k: Annotated[
        Annotated[WholeK, Tag(FIXED_K)]
        | Annotated[KRange, Tag(K_RANGE)]
        | Annotated[None, Tag(NO_K)],
        Discriminator(_k_kind),
    ] = Field(
        default=None, validate_default=True, description=f"{WHOLE_K}, or {{min, max, choose, also}}"
    )
    random_seed: int = Field(
        default=42, ge=0, le=2**32 - 1, description="a whole number from 0 to 4294967295"
    )
    starts: int = Field(default=10, ge=1, le=1000, description="a whole number from 1 to 1000")
    engine: Engine = "auto"
    memory_budget_mb: int | None = Field(
        default=None, ge=1, le=2**31 - 1, description="a whole number from 1 to 2147483647"
    )
    precision: Precision = "float64"
    sample_size: int = Field(
        default=20_000, ge=100, le=1_000_000, description="a whole number from 100 to 1000000"
    )
    ordering: Ordering
    missing: Literal["error"] = "error"
    audit: Audit = Audit()
    stability: Stability = Stability()
    validation: Validation = Validation()
    alignment: Alignment = Alignment()
    gates: ListOf[Gate] = Field(
        default=DEFAULT_GATES,
        description="a list with one item per gate, {measure, at_least, severity} or "
        "{measure, at_most, severity}",
    )

    @field_validator("matrix")
    @classmethod
    def _columns_of_the_matrix(cls, matrix: Matrix | None, info: ValidationInfo) -> Matrix | None:
        entity_key = info.data.get("entity_key")
        return matrix if matrix is None or entity_key is None else matrix.beside(entity_key)

    @field_validator("features")
    @classmethod
    def _distinct_features(
        cls, features: tuple[Feature, ...], info: ValidationInfo
    ) -> tuple[Feature, ...]:
        names = [feature.name for feature in features]
        matrix: Matrix | None = info.data.get("matrix")
        if not names and matrix is None and "matrix" in info.data:
            raise broken_rule("the list is empty; name at least one column of the mart")
        if matrix is not None:
            matrix.check_names(names)
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise broken_rule(f"{', '.join(repeated)} is listed more than once; keep one of them")
        entity_key = info.data.get("entity_key")
        if entity_key in names:
            raise broken_rule(
                f"{entity_key} is the entity key, which identifies a customer and measures "
                "nothing; remove it from the features"
            )
        return features

    @field_validator("reduction")
    @classmethod
    def _reduces_what_there_is(
        cls, reduction: Reduction | None, info: ValidationInfo
    ) -> Reduction | None:
        if "matrix" not in info.data:
            return reduction
        if info.data["matrix"] is not None:
            return Reduction.of_matrix(reduction)
        if reduction is not None:
            reduction.check_features(info.data.get("features", ()))
        return reduction

    @field_validator("compare")
    @classmethod
    def _comparable(cls, compare: Compare | None, info: ValidationInfo) -> Compare | None:
        if compare is None or "algorithm" not in info.data or "reduction" not in info.data:
            return compare
        problems = compare.problems_beside(
            info.data["algorithm"], has_matrix=info.data.get("matrix") is not None
        )
        if compare.unreduced and info.data["reduction"] is None:
            problems.append((("unreduced",), "True has no meaning without reduction; remove it"))
        if problems:
            raise broken_rules(problems)
        return compare

    @field_validator("density")
    @classmethod
    def _fits_the_algorithms(cls, density: Density | None, info: ValidationInfo) -> Density | None:
        if "algorithm" not in info.data or "compare" not in info.data:
            return density
        algorithms = _algorithms(info)
        used = [item for item in algorithms if item in DENSITY_ALGORITHMS]
        if density is None and used:
            keys = ", ".join([*(DENSITY_KEYS[item] for item in used), "min_samples"])
            raise broken_rule(f"missing; give {{{keys}}} for {' and '.join(used)}")
        if density is not None and not used:
            raise broken_rule(
                f"has no meaning with {', '.join(algorithms)}; remove it, or set "
                f"algorithm: {' or '.join(DENSITY_ALGORITHMS)}"
            )
        problems = density.problems_with(used) if density is not None else []
        if problems:
            raise broken_rules(problems)
        return density

    @field_validator("k")
    @classmethod
    def _fits_the_algorithm(
        cls, k: int | KRange | None, info: ValidationInfo
    ) -> int | KRange | None:
        algorithm = info.data.get("algorithm")
        if algorithm is None:
            return k
        finds_k = algorithm in DENSITY_ALGORITHMS
        if k is None and not finds_k:
            raise broken_rule(f"missing; give {cls.model_fields['k'].description}")
        if k is not None and finds_k:
            raise broken_rule(
                f"has no meaning with algorithm {algorithm}, which finds the number of segments "
                "itself; remove it"
            )
        return k

    @field_validator("engine")
    @classmethod
    def _has_the_algorithms(cls, engine: Engine, info: ValidationInfo) -> Engine:
        lacking = [item for item in _algorithms(info) if item not in SPARK_ALGORITHMS]
        if engine == "spark" and lacking:
            raise broken_rule(
                f"'spark' does not have {', '.join(lacking)}, only {', '.join(SPARK_ALGORITHMS)}; "
                "set engine: memory, or another algorithm"
            )
        return engine

    @field_validator("ordering")
    @classmethod
    def _ordering_is_a_measure(cls, ordering: Ordering, info: ValidationInfo) -> Ordering:
        if ordering.measure == info.data.get("entity_key"):
            raise broken_rule(
                f"measure {ordering.measure} is the entity key; name a numeric column of the mart"
            )
        features: tuple[Feature, ...] = info.data.get("features", ())
        if any(item.name == ordering.measure and item.encoding == "one_hot" for item in features):
            raise broken_rule(
                f"measure {ordering.measure} is text, encoded one_hot; "
                "name a numeric column of the mart"
            )
        return ordering

    @field_validator("gates")
    @classmethod
    def _distinct_gates(cls, gates: tuple[Gate, ...]) -> tuple[Gate, ...]:
        bounds = [(gate.measure, gate.direction) for gate in gates]
        problems: list[Problem] = [
            (
                (at, gate.direction),
                f"{gate.bound!r} is the second {gate.direction} of {gate.measure}, "
                f"gates[{bounds.index(bounds[at])}] has one; keep one of them",
            )
            for at, gate in enumerate(gates)
            if bounds[at] in bounds[:at]
        ]
        if problems:
            raise broken_rules(problems)
        return gates

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the feature columns, in the order of the specification."""
        return tuple(feature.name for feature in self.features)

    @property
    def numeric_features(self) -> tuple[str, ...]:
        """Those of them that are numbers."""
        return tuple(feature.name for feature in self.features if feature.encoding == "numeric")

    @property
    def components(self) -> int | None:
        """How many components are asked for; None without a number, or without a reduction."""
        return None if self.reduction is None else self.reduction.components

    @property
    def training_columns(self) -> tuple[str, ...]:
        """Columns of the mart that training reads: the key, the features, the ordering measure."""
        return tuple(dict.fromkeys((self.entity_key, *self.feature_names, self.ordering.measure)))

    @property
    def candidate_ks(self) -> tuple[int, ...]:
        """Numbers of segments to try, ascending; one only when k is fixed.

        Empty where the algorithm finds the number itself.
        """
        if isinstance(self.k, KRange):
            return tuple(range(self.k.min, self.k.max + 1))
        return () if self.k is None else (self.k,)

    @property
    def neighbouring_ks(self) -> tuple[int, ...]:
        """Numbers of segments next to a fixed one, to compare it with; none where it is chosen."""
        if self.k is None or isinstance(self.k, KRange):
            return ()
        return tuple(k for k in (self.k - 1, self.k + 1) if LOWEST_K <= k <= HIGHEST_K)

    def canonical_json(self) -> str:
        """Every setting with its value, defaults included, keys sorted."""
        return _sorted_json(self.model_dump(mode="json"))

    @property
    def specification_hash(self) -> str:
        """First 12 hex digits of the SHA-256 over the settings that differ from their default.

        Defaults are left out so that a later version with one more optional key still reads an
        unchanged specification as unchanged, and does not retrain. So is ``engine: memory``, the
        default of earlier versions.
        """
        settings = self.model_dump(mode="json", exclude_defaults=True)
        if self.engine == _FORMER_DEFAULT_ENGINE:
            del settings["engine"]
        return hashlib.sha256(_sorted_json(settings).encode()).hexdigest()[:12]


def specification_of(meta: Mapping[str, Any], where: str) -> Specification:
    """The specification that a dbt model trains by.

    Args:
        meta: The model's ``config.meta``: ``segmentation``, its name; ``specification``, as
            written; ``overrides``, by segmentation a mapping of keys that replace its own, or
            nothing.
        where: What holds it, for the message.

    Raises:
        SpecificationError: As :func:`parse_specification`.
    """
    written = meta["specification"]
    overrides = (meta.get("overrides") or {}).get(meta["segmentation"]) or {}
    if not isinstance(written, Mapping):
        return parse_specification(written, where)
    return parse_specification({**written, **overrides}, where)


def parse_specification(data: Mapping[str, Any], where: str) -> Specification:
    """Check a specification as read from YAML.

    Args:
        data: The mapping under ``config.meta.specification``.
        where: What holds it, for the message, for example
            ``config.meta.specification of loyalty_segment_models``.

    Raises:
        SpecificationError: Lists every problem with the key's path, the bad value and what is
            allowed.
    """
    if not isinstance(data, Mapping):
        raise SpecificationError(where, [f"{data!r} is not a mapping; give at least {_LEAST_KEYS}"])
    try:
        return Specification.model_validate(dict(data))
    except ValidationError as error:
        raise SpecificationError(where, listed(error, Specification)) from None


def _algorithms(info: ValidationInfo) -> list[Algorithm]:
    """The algorithm and those compared with it, as far as they are valid."""
    compare: Compare | None = info.data.get("compare")
    main = [info.data["algorithm"]] if "algorithm" in info.data else []
    return [*main, *(compare.algorithms if compare is not None else ())]


def _sorted_json(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True, separators=(",", ":"))
