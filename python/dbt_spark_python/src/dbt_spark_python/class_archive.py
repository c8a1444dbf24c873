"""An archive of the Java classes that Spark loads, with which a JVM starts seconds faster.

It lies beside the packages of this Python. Java looks at it and goes without where it does not fit,
as after an update of Java or Spark.
"""

import sys
import zlib
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from dbt_spark_python import java

FOLDER = Path(sys.prefix) / "share" / "dbt_spark_python"
# From this version on Java writes and reads a cache that holds more than classes (JEP 514).
_CACHES_FROM_VERSION = 25
# Ending of the file: the options that write it, and read it.
_OPTIONS = {
    ".aot": ("-XX:AOTCacheOutput=", "-XX:AOTCache="),
    ".jsa": ("-XX:ArchiveClassesAtExit=", "-XX:SharedArchiveFile="),
}


def reading_options(env: Mapping[str, str]) -> str:
    """Options with which Java reads the archive that was written for it; empty without one.

    Args:
        env: as :func:`dbt_spark_python.java.environment` gives it.
    """
    for path in FOLDER.glob(f"{_name(env)}.*"):
        with suppress(FileNotFoundError):  # A newer one takes its place in this moment.
            # Java 17 crashes on one that was cut short.
            if path.suffix in _OPTIONS and path.stem.endswith(f".{path.stat().st_size}"):
                return _quoted(f"{_OPTIONS[path.suffix][1]}{path}")
    return ""


def ending(env: Mapping[str, str]) -> str:
    """The ending that the archive of a Java has.

    Args:
        env: as :func:`dbt_spark_python.java.environment` gives it.
    """
    major = java.major_version(java.command(env)) or 0
    return ".aot" if major >= _CACHES_FROM_VERSION else ".jsa"


def writing_options(path: Path) -> str:
    """Options with which Java writes an archive when it ends.

    Args:
        path: a file with the :func:`ending` of this Java.
    """
    return _quoted(f"{_OPTIONS[path.suffix][0]}{path}")


def place(env: Mapping[str, str], written: Path) -> Path:
    """Move a complete archive to where it is found, in place of an older one.

    Args:
        env: as :func:`dbt_spark_python.java.environment` gives it, for the Java that wrote it.
        written: the file, on the disk of :data:`FOLDER`.

    Returns:
        Its path; the name ends in its size.
    """
    older = list(FOLDER.glob(f"{_name(env)}.*"))
    path = FOLDER / f"{_name(env)}.{written.stat().st_size}{written.suffix}"
    written.replace(path)
    for one in older:
        if one != path:
            one.unlink()
    return path


def _name(env: Mapping[str, str]) -> str:
    # With the folder, as classes of an archive and others do not mix where an environment was moved
    # or copied: Derby's packages are sealed to the path of their file.
    paths = f"{java.command(env).resolve()}\n{FOLDER}"
    return f"spark-{version('pyspark')}-java-{zlib.crc32(paths.encode()):08x}"


def _quoted(option: str) -> str:
    # As Spark's launch scripts take options apart.
    return '"' + option.replace("\\", "\\\\").replace('"', '\\"') + '"'
