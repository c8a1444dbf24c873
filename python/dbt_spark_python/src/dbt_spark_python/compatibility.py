"""Which dbt versions the extension was written for, and whether they are the ones installed."""

from importlib import metadata

from dbt_common.context import get_invocation_context
from dbt_common.exceptions import DbtRuntimeError
from packaging.specifiers import SpecifierSet

SUPPORTED_VERSIONS = {
    "dbt-core": SpecifierSet(">=1.11,<1.13", prereleases=True),
    "dbt-spark": SpecifierSet(">=1.11,<1.12", prereleases=True),
}
SAIL = "sail"


def adapter_in_use() -> bool:
    """Whether the profile of this dbt invocation names the adapter ``spark`` or ``sail``."""
    return bool({"spark", SAIL} & {*get_invocation_context().adapter_types})


def sail_in_use() -> bool:
    """Whether it names the adapter ``sail``, which is ``spark`` with another engine."""
    return SAIL in get_invocation_context().adapter_types


def require_supported_versions() -> None:
    """Refuse versions whose internals this package does not know.

    Raises:
        DbtRuntimeError: naming every unsupported version found, and the supported ones.
    """
    found = {name: metadata.version(name) for name in SUPPORTED_VERSIONS}
    unsupported = [
        f"{name} {version} (supported: {SUPPORTED_VERSIONS[name]})"
        for name, version in found.items()
        if version not in SUPPORTED_VERSIONS[name]
    ]
    if unsupported:
        requirements = " ".join(f'"{name}{spec}"' for name, spec in SUPPORTED_VERSIONS.items())
        raise DbtRuntimeError(
            f"dbt_spark_python does not support the installed {' and '.join(unsupported)}; "
            "nothing was changed in dbt. Install versions that work together with "
            f"`pip install {requirements}`, or a release of dbt_spark_python made for yours."
        )
