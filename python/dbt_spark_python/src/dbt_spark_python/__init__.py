"""Python models for dbt-spark, in the Spark session that dbt itself uses.

dbt imports every installed module whose name starts with ``dbt_`` and starts the plugins that it
names, so installing this package is all the set-up there is. A model opts in with
``submission_method: session``.
"""

from dbt.plugins.manager import dbtPlugin

__version__ = "0.1.0"


class SparkPythonPlugin(dbtPlugin):
    """Extends dbt-spark when, and only when, the run's adapter is ``spark`` or ``sail``."""

    def initialize(self) -> None:
        """Install the extension.

        Raises:
            DbtRuntimeError: the installed dbt-core or dbt-spark is not a supported version.
        """
        from dbt_spark_python import compatibility

        if not compatibility.adapter_in_use():
            return
        compatibility.require_supported_versions()

        from dbt_spark_python import extension

        extension.install(with_sail=compatibility.sail_in_use())


plugins = [SparkPythonPlugin]
