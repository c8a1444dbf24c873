"""What is changed in dbt-spark, when, and the checks before a model runs; no Spark runs here."""

from __future__ import annotations

import inspect
import os
import socket
import subprocess
import sys
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dbt.adapters.contracts.connection import ConnectionState
from dbt.adapters.sail.connections import SailConnectionMethod, SailCredentials
from dbt.adapters.spark.connections import (
    PyhiveConnectionWrapper,
    SparkConnectionManager,
    SparkCredentials,
)
from dbt.adapters.spark.impl import SparkAdapter
from dbt_common.exceptions import DbtRuntimeError
from tiny_project import TinyProject

from dbt_spark_python import SparkPythonPlugin, compatibility, extension, session
from dbt_spark_python.submission import SessionPythonJobHelper

REMOTE = "sc://192.0.2.1:15002"


def credentials(method: str, **parameters: str) -> SparkCredentials:
    return SparkCredentials(
        host="127.0.0.1", schema="tiny", method=method, server_side_parameters=parameters
    )


def changed_parts() -> list[Any]:
    return [
        inspect.getattr_static(SparkAdapter, "python_submission_helpers"),
        inspect.getattr_static(SparkAdapter, "__init__"),
        inspect.getattr_static(SparkConnectionManager, "open"),
        inspect.getattr_static(SparkConnectionManager, "cancel_open"),
        inspect.getattr_static(PyhiveConnectionWrapper, "close"),
    ]


@pytest.mark.parametrize(
    ("distribution", "version"),
    [("dbt-spark", "1.12.0"), ("dbt-spark", "1.10.9"), ("dbt-core", "1.13.0b1")],
)
def test_unsupported_versions_are_refused_and_nothing_is_changed(
    monkeypatch: pytest.MonkeyPatch, distribution: str, version: str
) -> None:
    def installed(name: str) -> str:
        return version if name == distribution else "1.11.3"

    monkeypatch.setattr(compatibility, "adapter_in_use", lambda: True)
    monkeypatch.setattr(metadata, "version", installed)
    before = changed_parts()
    with pytest.raises(DbtRuntimeError) as caught:
        SparkPythonPlugin("tiny")
    message = str(caught.value.msg).strip()
    assert f"{distribution} {version} (supported: " in message
    assert '"dbt-core<1.13,>=1.11" "dbt-spark<1.12,>=1.11"' in message
    assert "\n" not in message
    assert changed_parts() == before


def test_dbt_shows_the_refusal_at_start_up(tiny: TinyProject, tmp_path: Path) -> None:
    fake = tmp_path / "dbt_spark-1.12.0.dist-info"
    fake.mkdir()
    (fake / "METADATA").write_text("Metadata-Version: 2.1\nName: dbt-spark\nVersion: 1.12.0\n")
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    code, output = tiny.dbt("parse", environment={"PYTHONPATH": path})
    assert code == 2
    assert "dbt_spark_python does not support the installed dbt-spark 1.12.0" in output
    assert "Traceback" not in output


def test_other_adapters_see_nothing_of_it() -> None:
    script = """
import sys
import dbt_spark_python
from dbt_common.context import get_invocation_context, set_invocation_context
set_invocation_context({})
get_invocation_context().uses_adapter("postgres")
dbt_spark_python.SparkPythonPlugin("project")
loaded = {"pyspark", "dbt.adapters.spark", "dbt_spark_python.extension"} & set(sys.modules)
sys.exit(f"imported {loaded}" if loaded else 0)
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_process_may_turn_to_sail_after_spark() -> None:
    script = """
from dbt.adapters.sail.impl import SailAdapter
from dbt_spark_python import extension
extension.install()
before = SailAdapter.list_relations_without_caching
extension.install(with_sail=True)
installed = SailAdapter.list_relations_without_caching
assert installed is not before
extension.install(with_sail=True)
assert SailAdapter.list_relations_without_caching is installed
"""
    subprocess.run([sys.executable, "-c", script], check=True)


class Adapter(SparkAdapter):
    """The part of an adapter that submission helpers are asked of."""

    def __init__(self, root: Path) -> None:
        projects = {"package": SimpleNamespace(project_root=str(root))}
        self.config: Any = SimpleNamespace(load_dependencies=lambda: projects)


def test_keeps_the_submission_methods_that_are_there(tmp_path: Path) -> None:
    original = inspect.getattr_static(SparkAdapter, "python_submission_helpers")
    adapter = Adapter(tmp_path)
    helpers = extension._submission_helpers(lambda _: {"job_cluster": "theirs"}, adapter)
    assert helpers["job_cluster"] == "theirs"
    helper = helpers["session"]({"package_name": "package"}, credentials("session"))
    assert isinstance(helper, SessionPythonJobHelper)
    assert helper.project_root == tmp_path
    assert original is inspect.getattr_static(SparkAdapter, "python_submission_helpers")


@dataclass
class Opened:
    """A connection as dbt hands it to ``open``."""

    credentials: SparkCredentials
    state: ConnectionState = ConnectionState.INIT
    handle: Any = None
    seen: dict[str, str] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("command", "method", "starts"),
    [
        ("build", "session", True),
        ("show", "session", True),
        ("build", "thrift", False),
        ("parse", "session", False),
    ],
)
def test_starts_spark_while_dbt_reads_the_project_where_it_will_need_it(
    monkeypatch: pytest.MonkeyPatch, command: str, method: str, starts: bool
) -> None:
    started: list[Any] = []
    monkeypatch.setattr(extension, "get_flags", lambda: SimpleNamespace(WHICH=command))
    monkeypatch.setattr(session, "start_early", started.append)
    config = SimpleNamespace(credentials=credentials(method))
    extension._init(Adapter(Path()), lambda *_: None, config, None)
    assert started == [config.credentials.server_side_parameters] * starts


def test_a_sail_of_another_process_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extension, "get_flags", lambda: SimpleNamespace(WHICH="parse"))
    parameters: dict[str, str] = {}
    for mode in SailConnectionMethod:
        given = SailCredentials(
            host="127.0.0.1", schema="tiny", mode=mode, server_side_parameters=parameters
        )
        start = partial(
            extension._init,
            *(Adapter(Path()), lambda *_: None, SimpleNamespace(credentials=given), None),
        )
        if mode == SailConnectionMethod.EMBEDDED:
            start()
            assert parameters == {"spark.remote": "sail"}
        else:
            with pytest.raises(DbtRuntimeError, match="The target has mode: remote, and Sail"):
                start()


def test_a_failed_early_start_is_told_once_by_the_first_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failures = [DbtRuntimeError("the metastore is open")]

    def start(parameters: dict[str, str]) -> dict[str, str]:
        if failures:
            raise failures.pop()
        return parameters

    monkeypatch.setattr(session, "_start", start)
    session.start_early({"setting": "value"})
    with pytest.raises(DbtRuntimeError, match="the metastore is open"):
        session.start({"setting": "value"})
    assert session.start({"setting": "value"}) == {"setting": "value"}


def test_work_after_the_early_start_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    session.after_early_start(lambda: done.append("nothing starts early"))
    early: Future[dict[str, str]] = Future()
    monkeypatch.setattr(session, "_early", early)
    session.after_early_start(lambda: done.append("started"))
    assert done == []
    early.set_result({})
    assert done == ["started"]

    failed: Future[dict[str, str]] = Future()
    monkeypatch.setattr(session, "_early", failed)
    session.after_early_start(lambda: done.append("never"))
    failed.set_exception(DbtRuntimeError("the metastore is open"))
    assert done == ["started"]


def test_the_connect_address_is_not_sent_to_the_thrift_server() -> None:
    given = credentials("thrift", **{"spark.remote": REMOTE, "spark.sql.shuffle.partitions": "3"})
    connection = Opened(given)

    def original(_: object, opening: Any) -> Any:
        opening.seen = opening.credentials.server_side_parameters
        return opening

    opened = extension._open(original, SparkConnectionManager, connection)
    assert opened is connection
    assert connection.seen == {
        "spark.sql.shuffle.partitions": "3",
        "spark.sql.ansi.enabled": "false",
    }
    assert connection.credentials is given
    assert given.server_side_parameters["spark.remote"] == REMOTE


@pytest.mark.parametrize(
    ("error", "exit_code"), [("OperationalError('LlapSigner')", 0), ("EOFError('lost')", 1)]
)
def test_only_a_session_that_the_server_cannot_end_is_no_failure(
    error: str, exit_code: int
) -> None:
    script = f"""
from dbt.adapters.spark.connections import PyhiveConnectionWrapper
from dbt_common.context import get_invocation_context, set_invocation_context
from dbt_spark_python import extension
from pyhive.exc import OperationalError

set_invocation_context({{}})
get_invocation_context().uses_adapter("spark")

class Session:
    def close(self):
        raise {error}

extension.install()
PyhiveConnectionWrapper(Session()).close()
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.returncode == exit_code, ended.stderr
    assert ("EOFError: lost" in ended.stderr) is bool(exit_code)


def test_python_models_beside_thrift_need_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    model = {"unique_id": "model.tiny.it", "original_file_path": "it.py", "raw_code": ""}
    helper = SessionPythonJobHelper(model, credentials("thrift"), Path())
    with pytest.raises(DbtRuntimeError) as caught:
        helper.submit("raise AssertionError")
    for part in ("method thrift", "SPARK_REMOTE", "spark.remote under", "sc://HOST:PORT"):
        assert part in caught.value.msg


class TestSession:
    """Where the session is to be."""

    @pytest.fixture(autouse=True)
    def _fresh(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(session, "_started", None)
        monkeypatch.delenv("SPARK_REMOTE", raising=False)

    def test_the_profile_comes_before_the_environment(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert session.remote_url({}) is None
        monkeypatch.setenv("SPARK_REMOTE", "sc://elsewhere")
        assert session.remote_url({}) == "sc://elsewhere"
        assert session.remote_url({"spark.remote": REMOTE}) == REMOTE

    def test_an_address_it_published_itself_is_not_the_users(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(session, "_published_url", None)
        monkeypatch.setenv("SPARK_REMOTE", "")  # Restored after the test.
        session._publish(REMOTE)
        assert os.environ["SPARK_REMOTE"] == REMOTE
        assert session.remote_url({}) is None

    def test_one_process_keeps_to_one_spark(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(session, "_started", session._Started("an embedded Spark", {"a": "b"}))
        assert session.start({}) == {"a": "b"}
        with pytest.raises(DbtRuntimeError, match="already uses an embedded Spark"):
            session.start({"spark.remote": REMOTE})

    @pytest.mark.parametrize("address", ["local[2]", "127.0.0.1:15002", "thrift://host:10000"])
    def test_an_address_of_another_kind_is_refused(self, address: str) -> None:
        with pytest.raises(DbtRuntimeError, match="not of the form sc://HOST:PORT"):
            session.start({"spark.remote": address})

    def test_a_server_that_does_not_answer_is_named_without_its_token(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(session, "_CONNECT_TIMEOUT_SECONDS", 0.5)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"sc://127.0.0.1:{free.getsockname()[1]}"
            with pytest.raises(DbtRuntimeError) as caught:
                session.start({"spark.remote": f"{address}/;user_id=me;token=secret"})
        assert f"No Spark Connect server answers at {address} " in caught.value.msg
        assert "secret" not in caught.value.msg
        assert "SPARK_REMOTE" not in os.environ
