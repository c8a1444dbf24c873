"""A domain that is added: its own folders and one line give it all that retail has."""

from __future__ import annotations

import filecmp
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from customer_segmentation.cli.main import main
from customer_segmentation.own_mart.files import wrapper_files
from project_runs import ROOT, Project, ProjectWithDomain, failures, tables_of

SCHEMA = "toy"
ON = "enabled: \"{{ var('segmentations').toy is true }}\""
OWN_FOLDERS = {"models/toy", "macros/toy", "seeds/toy", "tests/toy"}
PAGES = [3 + at % 4 if at % 2 else 80 + at for at in range(60)]
VISITS = "customer,day,pages\n" + "".join(
    f"c{at},2024-01-{1 + at % 20:02d},{pages}\n" for at, pages in enumerate(PAGES)
)
FILES = {
    "seeds/toy/toy_raw_visits.csv": VISITS,
    "seeds/toy/toy_seeds.yml": f"""
seeds:
  - name: toy_raw_visits
    description: "One row per raw visit of the sample."
    config: {{{ON}, schema: internal}}
""",
    "macros/toy/toy_settings.sql": """
{% macro toy_settings() %}{{ return({
    'toy_visits_source': {
        'default': '', 'kind': 'raw_source', 'group': 'Toy', 'meaning': 'Where the raw visits are.',
    },
    'toy_visits_columns': {
        'default': {}, 'kind': 'raw_columns', 'group': 'Toy', 'meaning': 'Names.',
    },
    'toy_visits_csv': {
        'default': {}, 'kind': 'raw_csv', 'group': 'Toy', 'meaning': 'How a CSV file is written.',
    },
    'toy_least_pages': {
        'default': 1, 'kind': 'whole_number', 'group': 'Toy', 'meaning': 'At least.',
    },
}) }}{% endmacro %}
""",
    "macros/toy/toy_raw_tables.sql": """
{% macro toy_raw_tables() %}{{ return({
    'toy_visits': {'sample': 'toy_raw_visits', 'columns': ['customer', 'day', 'pages']},
}) }}{% endmacro %}
""",
    "models/toy/staging/stg_toy__visits.sql": """
{{ config(materialized='published_view', schema='internal') }}
select
    customer as customer_id,
    cast(day as date) as day,
    cast(pages as int) as pages
from {{ raw_table('toy_visits') }}
""",
    "models/toy/marts/toy_customer_features.sql": """
select
    customer_id,
    max(day) over () as as_of_date,
    pages
from {{ ref('stg_toy__visits') }}
where pages >= {{ setting('toy_least_pages') }}
""",
    "models/toy/reports/toy_report.sql": """
select
    names.segment_name,
    count(*) as customers
from {{ ref('toy_customer_segments') }} as assigned
inner join {{ ref('toy_segment_names') }} as names on assigned.segment_id = names.segment_id
group by names.segment_name
""",
    "models/toy/toy.yml": "models:\n"
    + "".join(
        f'  - name: {name}\n    description: "One row per thing."\n    config: {{{ON}}}\n'
        for name in (
            *("stg_toy__visits", "toy_customer_features", "toy_report", "toy_segment_decisions"),
            *("toy_segment_history", "toy_segment_migration", "toy_segment_features"),
            "toy_segment_names",
        )
    )
    + f"""
  - name: toy_segment_models
    description: "One row per trained model."
    config:
      {ON}
      meta:
        segmentation: toy
        specification:
          entity_key: customer_id
          features: [pages]
          k: 2
          ordering: {{measure: pages}}
        overrides: "{{{{ var('segmentation_overrides', {{}}) }}}}"
        retrain: "{{{{ var('retrain', '') }}}}"
    data_tests:
      - keeps_gates: {{name: toy_gates_that_hold_back, arguments: {{gates: error}}}}
  - name: toy_customer_segments
    description: "One row per customer."
    config: {{{ON}}}
    data_tests:
      - recomputed_segments:
          name: toy_segments_recomputed
          arguments:
            mart: ref('toy_customer_features')
            models: ref('toy_segment_models')
            key: customer_id
""",
    "tests/toy/every_customer_is_reported.sql": """
select 1 as nobody
from {{ ref('toy_report') }}
having sum(customers) != (select count(*) from {{ ref('toy_customer_features') }})
""",
    **{
        f"models/toy/segmentation/{name}": text
        for name, text in wrapper_files("toy", "toy_customer_features", "customer_id").items()
    },
}


@pytest.fixture(scope="module")
def toy(
    sail_project: Project, profiles_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ProjectWithDomain]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTATION_SCHEMA", SCHEMA)
        folder = tmp_path_factory.mktemp("toy")
        yield ProjectWithDomain(sail_project.spark, profiles_dir, folder, "toy", FILES)


def changed(one: Path, other: Path, below: str = "") -> set[str]:
    """Folders and files that one of two folders lacks or has otherwise."""
    compared = filecmp.dircmp(one / below, other / below, ignore=["python", "scratch"])
    names = {*compared.left_only, *compared.right_only, *compared.diff_files}
    found = {str(Path(below) / name) for name in names}
    for folder in compared.common_dirs:
        found |= changed(one, other, str(Path(below) / folder))
    return found


def test_it_touches_its_own_folders_and_one_line(toy: ProjectWithDomain) -> None:
    names = ("models", "macros", "seeds", "tests", "docs")
    touched = {name for top in names for name in changed(ROOT, toy.root, top)}
    assert touched == OWN_FOLDERS
    before, after = (root / "dbt_project.yml" for root in (ROOT, toy.root))
    lines = list(zip(before.read_text().splitlines(), after.read_text().splitlines(), strict=True))
    assert len([pair for pair in lines if pair[0] != pair[1]]) == 1


@pytest.fixture(scope="module")
def built(toy: ProjectWithDomain) -> ProjectWithDomain:
    result = toy.dbt("build", "--select", "toy", "registry")
    assert result.success, failures(result)
    return toy


def test_it_builds_alone_and_is_in_the_registry(built: ProjectWithDomain) -> None:
    published = tables_of(built.spark, SCHEMA)
    assert "toy_report" in published
    assert not [name for name in published if name.startswith("retail")]
    report = built.spark.table(f"{SCHEMA}.toy_report").toPandas().set_index("segment_name")
    assert report.customers.to_dict() == {"Segment 1": 30, "Segment 2": 30}
    names = built.spark.table(f"{SCHEMA}.toy_segment_names").collect()
    assert {row.name_reason for row in names} == {"Named by its number as of 2024-01-20."}
    for view in ("models", "quality", "decisions", "candidates", "centroids"):
        rows = built.spark.table(f"{SCHEMA}.segmentation_{view}").select("segmentation").distinct()
        assert [row.segmentation for row in rows.collect()] == ["toy"], view


def test_its_settings_are_checked(toy: ProjectWithDomain) -> None:
    refused = toy.dbt_as_it_starts("run", toy_least_pages="all", toy_most_pages=1)
    assert not refused.success
    assert "toy_least_pages is 'all'" in failures(refused)
    assert "toy_most_pages" in failures(refused)
    assert "no table or view nowhere.visits" in toy.refusal(toy_visits_source="nowhere.visits")


def test_the_command_line_has_it(built: ProjectWithDomain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_PROJECT_DIR", str(built.root))
    monkeypatch.setenv("DBT_PROFILES_DIR", str(built.profiles_dir))
    monkeypatch.setenv("DBT_TARGET_PATH", str(built.target))
    monkeypatch.setenv("DBT_LOG_PATH", str(built.target.parent / "logs"))
    outcome = CliRunner().invoke(main, ["models", "list", "toy"])
    assert outcome.exit_code == 0, outcome.output
    assert "scores next" in outcome.output


def test_a_training_that_fails_holds_back_no_other_segmentation(built: ProjectWithDomain) -> None:
    before = built.spark.table(f"{SCHEMA}.toy_report").collect()
    wrong = {"toy": {"features": ["gone"]}}
    result = built.dbt("build", "--select", "toy", "registry", segmentation_overrides=wrong)
    statuses = {item.node.name: item.status.value for item in result.result}
    assert statuses["toy_segment_models"] == "error"
    # The views show what is published, whether they are built in this run or not.
    assert built.spark.table(f"{SCHEMA}.toy_report").collect() == before
    assert built.spark.table(f"{SCHEMA}.segmentation_quality").count() > 0


def test_grants_are_for_what_is_published_and_not_for_plumbing(built: ProjectWithDomain) -> None:
    path = built.root / "dbt_project.yml"
    settings = path.read_text()
    granted = "    +materialized: published_table\n"
    path.write_text(settings.replace(granted, f"{granted}    +grants: {{select: [bi]}}\n"))
    result = built.dbt_as_it_starts("run", "--select", "stg_toy__visits", "toy_report")
    path.write_text(settings)
    models = [item for item in result.result if item.node.resource_type == "model"]
    statuses = {item.node.name: item.status.value for item in models}
    # Spark as it comes knows no grants: the statement that asks for them fails.
    assert statuses == {"stg_toy__visits": "success", "toy_report": "error"}
    log = (built.target.parent / "logs" / "dbt.log").read_text()
    assert f"show grants on {SCHEMA}.toy_report" in log
    assert f"show grants on {SCHEMA}_internal" not in log


def test_switched_off_it_leaves_no_trace(toy: ProjectWithDomain) -> None:
    manifest = toy.manifest(segmentations={"retail": True, "toy": False})
    nodes = [*manifest.nodes.values(), *manifest.exposures.values(), *manifest.unit_tests.values()]
    on = [node.name for node in nodes if node.config.enabled]
    assert "retail_order_lines" in on
    assert not [name for name in on if "toy" in name]
