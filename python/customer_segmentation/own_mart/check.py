"""Whether the files of a segmentation are what this version writes, and what in them differs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from customer_segmentation.errors import SpecificationError
from customer_segmentation.own_mart.files import specification_file, wrapper_files
from customer_segmentation.own_mart.long_mart import LongMart
from customer_segmentation.specification import Specification, parse_specification

_PACKAGE = "customer_segmentation."
_MARTS = re.compile(r"""dbt\.ref\(["']([^"']+)["']\)""")


def wrapper_problems(
    name: str, mart: str, key: str, found: Mapping[str, str], long_mart: LongMart | None = None
) -> dict[str, str]:
    """What is wrong with each wrapper that is absent or not as this version writes it, by file.

    That of the names may give more arguments, which a playbook needs.

    Args:
        name: Of the segmentation.
        mart: Of the dbt model.
        key: Column that identifies a customer.
        found: Texts of the files, by name.
        long_mart: What it reads besides, if anything.
    """
    problems = {}
    of = mart if long_mart is None else f"{mart} and {long_mart.model}"
    for file, written in wrapper_files(name, mart, key, long_mart).items():
        if file not in found:
            problems[file] = "is not there"
        elif not _is_written(file, found[file], written):
            problems[file] = f"is not what this version writes for {of} by {key}"
    return problems


def mart_of(name: str, found: Mapping[str, str]) -> str | None:
    """The mart that the model which trains refers to, None where it refers to none."""
    return next(iter(_marts_of(name, found)), None)


def long_mart_read(
    name: str, specification: Specification | None, found: Mapping[str, str]
) -> LongMart | None:
    """The long mart that the specification and the model which trains name, None without one."""
    if specification is None or specification.matrix is None:
        return None
    model = next(iter(_marts_of(name, found)[1:]), "")
    return LongMart(model, specification.matrix.item, specification.matrix.value)


def _marts_of(name: str, found: Mapping[str, str]) -> list[str]:
    return _MARTS.findall(found.get(f"{name}_segment_models.py", ""))


def specification_of_file(name: str, text: str) -> tuple[Specification | None, list[str]]:
    """The specification in the YAML file, and what is wrong with what it says of training."""
    file = specification_file(name)
    model, problems = _model(text, f"{name}_segment_models", file)
    if model is None:
        return None, problems
    meta = (model.get("config") or {}).get("meta") or {}
    where = f"config.meta of {name}_segment_models in {file}"
    problems = [
        f"{where} has no {key}: {value}"
        for key, value in (
            ("segmentation", name),
            ("overrides", "\"{{ var('segmentation_overrides', {}) }}\""),
            ("retrain", "\"{{ var('retrain', '') }}\""),
        )
        if str(meta.get(key)) != value.strip('"')
    ]
    if "specification" not in meta:
        return None, [*problems, f"{where} has no specification"]
    try:
        return parse_specification(meta["specification"], where), problems
    except SpecificationError as error:
        return None, [*problems, str(error)]


def lacking_tests(
    name: str, mart: str, key: str, text: str, long_mart: LongMart | None = None
) -> list[str]:
    """Tests that the YAML file lacks, or gives other arguments; arguments of one's own may follow.

    Args:
        name: Of the segmentation.
        mart: Of the dbt model.
        key: Column that identifies a customer.
        text: Of the YAML file.
        long_mart: What it reads besides, if anything.
    """
    file = specification_file(name)
    recomputed = {"mart": f"ref('{mart}')", "models": f"ref('{name}_segment_models')", "key": key}
    if long_mart is not None:
        recomputed["matrix"] = f"ref('{long_mart.model}')"
        # The test has defaults for them.
        for argument, column, default in (
            ("item", long_mart.item, "item_id"),
            ("value", long_mart.value, "value"),
        ):
            if column != default:
                recomputed[argument] = column
    wanted: dict[str, list[tuple[str, dict[str, Any]]]] = {
        f"{name}_segment_models": [
            ("keeps_gates", {"gates": "error"}),
            ("keeps_gates", {"gates": "warn"}),
        ],
        f"{name}_customer_segments": [
            ("recomputed_segments", recomputed),
            ("row_checks", {"key": [key]}),
        ],
    }
    problems = []
    for node, tests in wanted.items():
        model, absent = _model(text, node, file)
        problems += absent
        present = list(_tests(model or {}))
        for test, arguments in tests if model is not None else ():
            if not any(
                test == other and arguments.items() <= _comparable(given).items()
                for other, given in present
            ):
                listed = ", ".join(f"{key}: {value}" for key, value in arguments.items())
                problems.append(f"{node} in {file} has no test {_PACKAGE}{test} with {{{listed}}}")
    return problems


def _is_written(file: str, text: str, written: str) -> bool:
    if text == written or not file.endswith("_segment_names.sql"):
        return text == written
    opening = "".join(written.split()).removesuffix(")}}")
    return "".join(text.split()).startswith(f"{opening},")


def _model(text: str, node: str, file: str) -> tuple[Mapping[str, Any] | None, list[str]]:
    """What a YAML file says of a model, or why it says nothing."""
    try:
        parsed = yaml.safe_load(text)
    except yaml.YAMLError as error:
        return None, [f"{file} is no YAML: {' '.join(str(error).split())}"]
    models = parsed.get("models") if isinstance(parsed, Mapping) else None
    for model in models or ():
        if isinstance(model, Mapping) and model.get("name") == node:
            return model, []
    return None, [f"{file} has no model {node}"]


def _tests(model: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name, without that of the package, and arguments of each data test."""
    listed: Sequence[Any] = model.get("data_tests") or model.get("tests") or ()
    for test in listed:
        for name, settings in test.items() if isinstance(test, Mapping) else ():
            arguments = settings.get("arguments") if isinstance(settings, Mapping) else None
            yield name.removeprefix(_PACKAGE), arguments or {}


def _comparable(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.replace('"', "'") if isinstance(value, str) else value
        for name, value in arguments.items()
    }
