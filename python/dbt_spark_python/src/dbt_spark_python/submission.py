"""The submission method ``session``: run a Python model in this process."""

from pathlib import Path
from typing import Any

from dbt.adapters.base.impl import PythonJobHelper
from dbt.adapters.spark.connections import SparkConnectionMethod, SparkCredentials
from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python import execution, session


class SessionPythonJobHelper(PythonJobHelper):
    """Runs a model's compiled code in the Spark session that dbt uses.

    Where dbt sends its SQL over Thrift, HTTP or ODBC, the code runs over Spark Connect to the same
    cluster.
    """

    def __init__(
        self, parsed_model: dict[str, Any], credentials: SparkCredentials, project_root: Path
    ) -> None:
        self.parsed_model = parsed_model
        self.credentials = credentials
        self.project_root = project_root

    def submit(self, compiled_code: str) -> None:
        """Run the code.

        Raises:
            DbtRuntimeError: there is no Spark session to be had, or the code failed.
        """
        parameters = self.credentials.server_side_parameters
        if (
            self.credentials.method != SparkConnectionMethod.SESSION
            and session.remote_url(parameters) is None
        ):
            raise DbtRuntimeError(
                f"With method {self.credentials.method}, Python models run over Spark Connect to "
                "the same cluster, and no address of it is set. Set the environment variable "
                f"{session.REMOTE_VARIABLE}, or {session.REMOTE_SETTING} under "
                "server_side_parameters in the profile, to sc://HOST:PORT (Spark's own port is "
                "15002)."
            )
        code = execution.ModelCode(
            unique_id=self.parsed_model["unique_id"],
            path=self.project_root / self.parsed_model["original_file_path"],
            raw_code=self.parsed_model["raw_code"],
            submitted=compiled_code,
        )
        execution.run(code, {"spark": session.get_session(parameters)})
