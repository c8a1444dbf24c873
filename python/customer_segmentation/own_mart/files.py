"""The files that a segmentation on a mart of one's own consists of, as this version writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from string import Template

import yaml

from customer_segmentation.own_mart.long_mart import LongMart
from customer_segmentation.own_mart.proposal import Proposal

# By what stands in the name of the file after that of the segmentation.
_WRAPPERS = {
    "segment_models.py": """\
from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table", always_run=True)
    mart = dbt.ref("$mart")
    return nodes.train(session, mart, published=dbt.this, meta=dbt.config.get("meta"))
""",
    "segment_decisions.sql": """\
{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_decisions('$name', models=ref('${name}_segment_models')) }}
""",
    "customer_segments.py": """\
from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table")
    mart = dbt.ref("$mart")
    models, decisions = dbt.ref("${name}_segment_models"), dbt.ref("${name}_segment_decisions")
    return nodes.assign(session, mart, models, decisions, published=dbt.this)
""",
    "segment_history.sql": """\
{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_history(assigned=ref('${name}_customer_segments'), key='$key') }}
""",
    "segment_migration.sql": """\
{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_migration(
    assigned=ref('${name}_customer_segments'), history=ref('${name}_segment_history'), key='$key'
) }}
""",
    "segment_features.sql": """\
{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_features(
    mart=ref('$mart'), assigned=ref('${name}_customer_segments'), key='$key'
) }}
""",
    "segment_names.sql": """\
{{ config(materialized='published_table') }}

{{ customer_segmentation.segment_names('$name', assigned=ref('${name}_customer_segments')) }}
""",
}
# Those that read a long mart besides.
_MATRIX_WRAPPERS = {
    "segment_models.py": """\
from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table", always_run=True)
    mart, matrix = dbt.ref("$mart"), dbt.ref("$matrix")
    meta = dbt.config.get("meta")
    return nodes.train(session, mart, matrix=matrix, published=dbt.this, meta=meta)
""",
    "customer_segments.py": """\
from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table")
    mart, matrix = dbt.ref("$mart"), dbt.ref("$matrix")
    models, decisions = dbt.ref("${name}_segment_models"), dbt.ref("${name}_segment_decisions")
    return nodes.assign(session, mart, models, decisions, matrix=matrix, published=dbt.this)
""",
}
_SPECIFICATION = """\
version: 2

models:
  - name: ${name}_segment_models
    description: "One row per trained model, with the columns of `segmentation_models`."
    config:
      submission_method: session
      meta:
        segmentation: $name_value
        specification:
          entity_key: $key
          $features
          scaler: standard
          algorithm: kmeans
          k: $k
          random_seed: 42
          ordering: {measure: $ordering, direction: descending}
        overrides: "{{ var('segmentation_overrides', {}) }}"
        retrain: "{{ var('retrain', '') }}"
    data_tests:
      - customer_segmentation.keeps_gates:
          name: ${name}_gates_that_hold_back
          arguments: {gates: error}
      - customer_segmentation.keeps_gates:
          name: ${name}_gates_that_warn
          arguments: {gates: warn}
          config: {severity: warn}

  - name: ${name}_customer_segments
    description: "One row per customer of `$mart`: the segment, and how sure it is."
    config:
      submission_method: session
    data_tests:
      - customer_segmentation.recomputed_segments:
          name: ${name}_segments_recomputed
          arguments: {mart: ref('$mart'), models: ref('${name}_segment_models'), key: $key$matrix}
      - customer_segmentation.row_checks:
          name: ${name}_customer_segments_rows
          arguments: {key: [$key], not_null: [${assigned}model_id, as_of_date]}
"""
_INDENT = "\n          "


def specification_file(name: str) -> str:
    """The name of the YAML file with the specification and the tests."""
    return f"{name}_segmentation.yml"


def wrapper_files(
    name: str, mart: str, key: str, long_mart: LongMart | None = None
) -> dict[str, str]:
    """The models that the segmentation owns, by file name; each calls one macro or function.

    Args:
        name: Of the segmentation.
        mart: Of the dbt model.
        key: Column that identifies a customer.
        long_mart: What it reads besides, if anything.
    """
    texts = _WRAPPERS if long_mart is None else {**_WRAPPERS, **_MATRIX_WRAPPERS}
    matrix = None if long_mart is None else long_mart.model
    return {
        f"{name}_{ending}": Template(text).substitute(name=name, mart=mart, key=key, matrix=matrix)
        for ending, text in texts.items()
    }


def specification_text(
    name: str, mart: str, proposal: Proposal, long_mart: LongMart | None = None
) -> str:
    """The YAML file: a specification, and tests of the segmentation's own tables.

    Args:
        name: Of the segmentation.
        mart: Of the dbt model.
        proposal: What the specification says.
        long_mart: What it reads besides, if anything: its components are the features then.
    """
    highest = proposal.highest_k
    return Template(_SPECIFICATION).substitute(
        name=name,
        name_value=scalar(name),
        mart=mart,
        key=scalar(proposal.entity_key),
        features=_INDENT.join(
            ["features:", *_feature_lines(proposal)]
            if long_mart is None
            else _matrix_lines(proposal, long_mart)
        ),
        matrix="" if long_mart is None else _matrix_arguments(long_mart),
        # Who has no item of the matrix is in no segment.
        assigned="segment_id, " if long_mart is None else "",
        k="2" if highest == 2 else f"{{min: 2, max: {highest}, choose: elbow}}",
        ordering=scalar(proposal.ordering),
    )


def switches_line(switches: Mapping[str, bool]) -> str:
    """The var that says which segmentations there are, as a line of YAML."""
    listed = ", ".join(f"{scalar(name)}: {str(on).lower()}" for name, on in switches.items())
    return f"segmentations: {{{listed}}}"


def scalar(text: str) -> str:
    """A plain name as YAML, in quotes where it would be read as something else, such as ``on``."""
    return text if yaml.safe_load(text) == text else json.dumps(text)


def _feature_lines(proposal: Proposal) -> list[str]:
    lines = []
    for item in proposal.features:
        name = scalar(item.name)
        if item.encoding != "numeric":
            lines.append(f"  - {{name: {name}, encoding: {item.encoding}}}")
        elif item.transform != "none":
            lines.append(f"  - {{name: {name}, transform: {item.transform}}}")
        else:
            lines.append(f"  - {name}")
    for text in proposal.offered:
        named = f"{{name: {scalar(text.name)}, encoding: one_hot}}"
        lines.append(f"  # - {named}   # about {text.levels} levels, a dimension each")
    return lines


def _matrix_lines(proposal: Proposal, long_mart: LongMart) -> list[str]:
    names = ", ".join(item.name for item in proposal.features)
    beside = f"   # may stand beside the components: {names}" if names else ""
    item, value = scalar(long_mart.item), scalar(long_mart.value)
    return [
        f"matrix: {{item: {item}, value: {value}}}",
        f"features: []{beside}",
        f"reduction: {{method: pca, components: {long_mart.components}}}",
        "compare: {unreduced: true}",
    ]


def _matrix_arguments(long_mart: LongMart) -> str:
    item, value = scalar(long_mart.item), scalar(long_mart.value)
    return f", matrix: ref('{long_mart.model}'), item: {item}, value: {value}"
