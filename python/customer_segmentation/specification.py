"""The segmentation specification: what to cluster, how, and into how many segments.

Read from YAML under ``config.meta.segmentation`` of the training model. Values are taken as they
are typed: a number in quotes is an error, not a number.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from customer_segmentation.errors import SpecificationError

Transform = Literal["none", "log1p", "winsorize"]
Scaler = Literal["standard", "minmax", "robust"]
KPolicy = Literal["elbow", "silhouette", "calinski_harabasz", "davies_bouldin"]

LOWEST_K = 2
HIGHEST_K = 50

_DEFAULT_QUANTILE = {"lower": 0.01, "upper": 0.99}
_BROKEN_RULE = "broken_rule"
_FIXED_K, _K_RANGE = "fixed", "range"
_COLUMN_NAME = "a column name of letters, digits and underscores"
_WHOLE_K = f"a whole number from {LOWEST_K} to {HIGHEST_K}"

ColumnName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
WholeK = Annotated[int, Field(ge=LOWEST_K, le=HIGHEST_K)]


class _Section(BaseModel):
    """A mapping of the specification: unknown keys and values of another type are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Feature(_Section):
    """One column of the feature mart and how it is prepared before it is scaled.

    ``log1p`` is defined as sign(x) * ln(1 + |x|), so that a net refund is not an error.
    ``winsorize`` clips to the quantiles ``lower`` and ``upper`` of the training customers.
    """

    name: ColumnName = Field(description=_COLUMN_NAME)
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

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, data: Any) -> Any:
        return {"name": data} if isinstance(data, str) else data

    @field_validator("lower", "upper")
    @classmethod
    def _only_for_winsorize(cls, value: float | None, info: ValidationInfo) -> float | None:
        transform = info.data.get("transform")
        if transform == "winsorize":
            return _DEFAULT_QUANTILE[str(info.field_name)] if value is None else value
        if value is not None and transform is not None:
            raise _broken_rule(
                f"{value!r} has no meaning with transform {transform}; "
                "remove it, or set transform: winsorize"
            )
        return value

    @field_validator("upper")
    @classmethod
    def _above_lower(cls, upper: float | None, info: ValidationInfo) -> float | None:
        lower = info.data.get("lower")
        if upper is not None and lower is not None and upper <= lower:
            raise _broken_rule(f"{upper!r} is not above lower, which is {lower!r}")
        return upper


class KRange(_Section):
    """Candidates for the number of segments and the policy that chooses one of them."""

    min: WholeK = Field(description=_WHOLE_K)
    max: WholeK = Field(description=_WHOLE_K)
    choose: KPolicy = "elbow"

    @field_validator("max")
    @classmethod
    def _above_min(cls, highest: int, info: ValidationInfo) -> int:
        lowest = info.data.get("min")
        if lowest is not None and highest <= lowest:
            raise _broken_rule(
                f"{highest!r} is not above min, which is {lowest!r}; "
                "for one number of segments write k: NUMBER"
            )
        return highest


class Ordering(_Section):
    """What the segment ids 1..k follow: the mean of a column of the mart per segment."""

    measure: ColumnName = Field(description=_COLUMN_NAME)
    direction: Literal["ascending", "descending"] = "descending"


def _k_kind(value: Any) -> str:
    return _K_RANGE if isinstance(value, Mapping | KRange) else _FIXED_K


class Specification(_Section):
    """A complete, checked specification; build it with :func:`parse_specification`."""

    entity_key: ColumnName = Field(description=_COLUMN_NAME)
    features: tuple[Feature, ...] = Field(
        strict=False,
        description="a list with one item per feature, each a column name or "
        "{name, transform, lower, upper}",
    )
    scaler: Scaler = "standard"
    algorithm: Literal["kmeans"] = "kmeans"
    k: Annotated[
        Annotated[WholeK, Tag(_FIXED_K)] | Annotated[KRange, Tag(_K_RANGE)],
        Discriminator(_k_kind),
    ] = Field(description=f"{_WHOLE_K}, or {{min, max, choose}}")
    random_seed: int = Field(
        default=42, ge=0, le=2**32 - 1, description="a whole number from 0 to 4294967295"
    )
    starts: int = Field(default=10, ge=1, le=1000, description="a whole number from 1 to 1000")
    engine: Literal["memory"] = "memory"
    ordering: Ordering = Field(description="{measure, direction}")
    missing: Literal["error"] = "error"

    @field_validator("features")
    @classmethod
    def _distinct_features(
        cls, features: tuple[Feature, ...], info: ValidationInfo
    ) -> tuple[Feature, ...]:
        names = [feature.name for feature in features]
        if not names:
            raise _broken_rule("the list is empty; name at least one column of the mart")
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise _broken_rule(f"{', '.join(repeated)} is listed more than once; keep one of them")
        entity_key = info.data.get("entity_key")
        if entity_key in names:
            raise _broken_rule(
                f"{entity_key} is the entity key, which identifies a customer and measures "
                "nothing; remove it from the features"
            )
        return features

    @field_validator("ordering")
    @classmethod
    def _ordering_is_a_measure(cls, ordering: Ordering, info: ValidationInfo) -> Ordering:
        if ordering.measure == info.data.get("entity_key"):
            raise _broken_rule(
                f"measure {ordering.measure} is the entity key; name a numeric column of the mart"
            )
        return ordering

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the feature columns, in the order of the specification."""
        return tuple(feature.name for feature in self.features)

    @property
    def training_columns(self) -> tuple[str, ...]:
        """Columns of the mart that training reads: the key, the features, the ordering measure."""
        return tuple(dict.fromkeys((self.entity_key, *self.feature_names, self.ordering.measure)))

    @property
    def candidate_ks(self) -> tuple[int, ...]:
        """Numbers of segments to try, ascending; one only when k is fixed."""
        if isinstance(self.k, KRange):
            return tuple(range(self.k.min, self.k.max + 1))
        return (self.k,)

    def canonical_json(self) -> str:
        """Every setting with its value, defaults included, keys sorted."""
        return _sorted_json(self.model_dump(mode="json"))

    @property
    def specification_hash(self) -> str:
        """First 12 hex digits of the SHA-256 over the settings that differ from their default.

        Defaults are left out so that a later version with one more optional key still reads an
        unchanged specification as unchanged, and does not retrain.
        """
        settings = _sorted_json(self.model_dump(mode="json", exclude_defaults=True))
        return hashlib.sha256(settings.encode()).hexdigest()[:12]


def parse_specification(data: Mapping[str, Any], where: str) -> Specification:
    """Check a specification as read from YAML.

    Args:
        data: The mapping under ``config.meta.segmentation``.
        where: What holds it, for the message, for example
            ``model retail_segment_models, config.meta.segmentation``.

    Raises:
        SpecificationError: Lists every problem with the key's path, the bad value and what is
            allowed.
    """
    if not isinstance(data, Mapping):
        raise SpecificationError(
            where, [f"{data!r} is not a mapping; give at least {', '.join(_required_keys())}"]
        )
    try:
        return Specification.model_validate(dict(data))
    except ValidationError as error:
        raise SpecificationError(where, [_problem(detail) for detail in error.errors()]) from None


def _required_keys() -> list[str]:
    return [name for name, field in Specification.model_fields.items() if field.is_required()]


def _broken_rule(message: str) -> PydanticCustomError:
    # pydantic takes the text as a constant template with values.
    return PydanticCustomError(_BROKEN_RULE, "{message}", {"message": message})


def _sorted_json(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True, separators=(",", ":"))


def _problem(detail: ErrorDetails) -> str:
    keys = _without_tags(detail["loc"])
    path = _path(keys)
    section, allowed = _expected(keys)
    if detail["type"] in ("extra_forbidden", "invalid_key"):
        known = list(section.model_fields)
        return f"{path}: unknown key; allowed: {', '.join(known)}{_nearest(keys[-1], known)}"
    if detail["type"] == "missing":
        return f"{path}: missing; give {allowed}"
    if detail["type"] == _BROKEN_RULE:
        return f"{path}: {detail['msg']}"
    hint = _nearest(detail["input"], allowed.split(", "))
    return f"{path}: {detail['input']!r} is not allowed; allowed: {allowed}{hint}"


def _without_tags(location: Sequence[str | int]) -> list[str | int]:
    """The keys as the user wrote them: pydantic adds the tag of the union's branch after k."""
    return [
        part
        for position, part in enumerate(location)
        if not (position == 1 and location[0] == "k" and part in (_FIXED_K, _K_RANGE))
    ]


def _path(keys: Sequence[str | int]) -> str:
    path = ""
    for key in keys:
        path += f"[{key}]" if isinstance(key, int) else f".{key}" if path else str(key)
    return path


def _expected(keys: Sequence[str | int]) -> tuple[type[_Section], str]:
    """The section that holds the last key, and in words what the key takes."""
    section: type[_Section] = Specification
    inner: type[_Section] | None = Specification
    allowed = ""
    for key in keys:
        if isinstance(key, int):
            continue
        section = inner or section
        field = section.model_fields.get(key)
        if field is None:
            break
        allowed = field.description or ", ".join(get_args(field.annotation))
        inner = _section_in(field.annotation)
    return section, allowed


def _section_in(annotation: Any) -> type[_Section] | None:
    if get_origin(annotation) is None:
        is_section = isinstance(annotation, type) and issubclass(annotation, _Section)
        return annotation if is_section else None
    inner = (_section_in(argument) for argument in get_args(annotation))
    return next((section for section in inner if section is not None), None)


def _nearest(value: object, known: Sequence[str]) -> str:
    matches = difflib.get_close_matches(value, known, n=1) if isinstance(value, str) else []
    return f"; did you mean {matches[0]}?" if matches else ""
