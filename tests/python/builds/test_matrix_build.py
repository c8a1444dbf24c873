"""A segmentation on a long mart, from its rows to the registry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_segmentation.own_mart.files import wrapper_files
from project_runs import Project, ProjectWithDomain, failures

SCHEMA = "tastes"
ON = "enabled: \"{{ var('segmentations').tastes is true }}\""
READERS, BOOKS, GROUPS = 90, 30, 3


def loans() -> pd.DataFrame:
    """Readers of whom each group borrows mostly its third of the books, and two who are new."""
    random = np.random.default_rng(5)
    rows = [
        (f"r{reader:03}", f"b{book:02}", int(random.integers(1, 6)))
        for reader in range(READERS)
        for book in range(BOOKS)
        if random.random() < (0.8 if book % GROUPS == reader % GROUPS else 0.1)
    ]
    return pd.DataFrame(rows, columns=["borrower", "book", "loans"])


LOANS = loans()
FILES = {
    "seeds/tastes/tastes_loans.csv": LOANS.to_csv(index=False),
    "seeds/tastes/tastes_seeds.yml": f"""
seeds:
  - name: tastes_loans
    description: "One row per reader and book."
    config: {{{ON}, schema: internal}}
""",
    "macros/tastes/tastes_settings.sql": """
{% macro tastes_settings() %}{{ return({
    'tastes_rows': {'default': 1, 'kind': 'whole_number', 'group': 'Tastes', 'meaning': 'None.'},
}) }}{% endmacro %}
""",
    "macros/tastes/tastes_raw_tables.sql": """
{% macro tastes_raw_tables() %}{{ return({}) }}{% endmacro %}
""",
    "models/tastes/tastes_reader_books.sql": """
select borrower, book, cast(loans as double) as loans from {{ ref('tastes_loans') }}
union all
select 'nobody' as borrower, 'b00' as book, cast(1 as double) as loans
""",
    "models/tastes/tastes_reader_features.sql": """
select
    borrower as reader,
    date'2024-02-01' as as_of_date,
    cast(sum(loans) as double) as loans
from {{ ref('tastes_loans') }}
group by borrower
union all
select 'without' as reader, date'2024-02-01' as as_of_date, cast(0 as double) as loans
""",
    "models/tastes/tastes.yml": "models:\n"
    + "".join(
        f'  - name: {name}\n    description: "One row per thing."\n    config: {{{ON}}}\n'
        for name in (
            *("tastes_reader_books", "tastes_reader_features", "tastes_segment_decisions"),
            *("tastes_segment_history", "tastes_segment_migration", "tastes_segment_features"),
            "tastes_segment_names",
        )
    )
    + f"""
  - name: tastes_segment_models
    description: "One row per trained model."
    config:
      {ON}
      meta:
        segmentation: tastes
        specification:
          entity_key: reader
          matrix: {{entity: borrower, item: book, value: loans}}
          features: []
          reduction: {{components: 3}}
          k: 3
          compare: {{unreduced: true}}
          starts: 2
          stability: {{seeds: 1, resamples: 2}}
          ordering: {{measure: loans}}
        overrides: "{{{{ var('segmentation_overrides', {{}}) }}}}"
        retrain: "{{{{ var('retrain', '') }}}}"
  - name: tastes_customer_segments
    description: "One row per reader."
    config: {{{ON}}}
    data_tests:
      - recomputed_segments:
          name: tastes_segments_recomputed
          arguments:
            mart: ref('tastes_reader_features')
            models: ref('tastes_segment_models')
            key: reader
            matrix: ref('tastes_reader_books')
            entity: borrower
            item: book
            value: loans
""",
    **{
        f"models/tastes/segmentation/{name}": text
        for name, text in wrapper_files("tastes", "tastes_reader_features", "reader").items()
    },
    "models/tastes/segmentation/tastes_segment_models.py": """
from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table", always_run=True)
    mart, matrix = dbt.ref("tastes_reader_features"), dbt.ref("tastes_reader_books")
    meta = dbt.config.get("meta")
    return nodes.train(session, mart, matrix=matrix, published=dbt.this, meta=meta)
""",
    "models/tastes/segmentation/tastes_customer_segments.py": """
from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table")
    mart, matrix = dbt.ref("tastes_reader_features"), dbt.ref("tastes_reader_books")
    models, decisions = dbt.ref("tastes_segment_models"), dbt.ref("tastes_segment_decisions")
    return nodes.assign(session, mart, models, decisions, matrix=matrix, published=dbt.this)
""",
}


@pytest.fixture(scope="module")
def tastes(
    sail_project: Project, profiles_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ProjectWithDomain]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTATION_SCHEMA", SCHEMA)
        folder = tmp_path_factory.mktemp("tastes")
        project = ProjectWithDomain(sail_project.spark, profiles_dir, folder, "tastes", FILES)
        result = project.dbt("build", "--select", "tastes", "registry")
        assert result.success, failures(result)
        yield project


def table(project: ProjectWithDomain, name: str) -> pd.DataFrame:
    found: pd.DataFrame = project.spark.table(f"{SCHEMA}.{name}").toPandas()
    return found


def test_planted_tastes_are_the_segments(tastes: ProjectWithDomain) -> None:
    found = table(tastes, "tastes_customer_segments").set_index("reader")
    readers = found[found.segment_id.notna()]
    assert len(readers) == READERS
    planted = [int(name[1:]) % GROUPS for name in readers.index]
    assert adjusted_rand_score(planted, readers.segment_id) == 1
    assert set(readers.columns) >= {"component_1", "component_2", "component_3", "known_items"}


def test_who_has_no_item_is_in_no_segment_and_has_a_reason(tastes: ProjectWithDomain) -> None:
    found = table(tastes, "tastes_customer_segments").set_index("reader")
    without = found.loc["without"]
    assert without.unscorable_reason == "no item"
    assert without.known_items == 0
    assert without[["segment_id", "distance_to_centroid", "component_1"]].isna().all()
    assert found.unscorable_reason.notna().sum() == 1
    assert "nobody" not in found.index
    model = table(tastes, "segmentation_models").iloc[0]
    assert (model.matrix["entities"], model.matrix["entities_without_items"]) == (READERS, 1)
    assert model.matrix["entries"] == len(LOANS)
    names = table(tastes, "tastes_segment_names")
    assert sorted(names.segment_id) == [1, 2, 3]
    assert table(tastes, "tastes_segment_history").reader.nunique() == READERS
    assert sorted(set(table(tastes, "tastes_segment_features").segment_id)) == [1, 2, 3]


def test_the_registry_lists_items_and_both_spaces(tastes: ProjectWithDomain) -> None:
    components = table(tastes, "segmentation_components")
    assert len(components) == 3 * BOOKS
    assert set(components.feature) == {f"b{book:02}" for book in range(BOOKS)}
    squares = components.assign(square=components.loading**2).groupby("component_number").square
    assert squares.sum().to_numpy() == pytest.approx([1, 1, 1])
    candidates = table(tastes, "segmentation_candidates")
    assert sorted(candidates.is_reduced) == [False, True, True, True]
    assert candidates.inertia_unreduced.notna().all()
    full = candidates[~candidates.is_reduced].iloc[0]
    assert full.inertia == full.inertia_unreduced
    centroids = table(tastes, "segmentation_centroids")
    assert sorted(set(centroids.feature)) == ["component_1", "component_2", "component_3"]
    assert (centroids.centroid_scaled == centroids.centroid_original).all()
