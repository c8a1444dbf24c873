"""The file that takes what Spark's JVM prints, so that dbt's own output stays readable."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import IO

_MAX_BYTES = 10 * 1024 * 1024
_TAIL_LINES = 20
_JAVA_FRAME = re.compile(r"^\s+at [\w.$/<>@-]+\(.*\)$|^\s+\.\.\. \d+ (?:more|elided)$")


def without_java_frames(lines: Iterable[str]) -> list[str]:
    """Lines of a report without the stack frames of Java: what failed, not through what."""
    return [line for line in lines if not _JAVA_FRAME.match(line)]


class JvmLog:
    """Appends one JVM's output to ``spark.log`` in a folder, and reads that JVM's part again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = self.path_in(folder)
        if self.path.exists() and self.path.stat().st_size > _MAX_BYTES:
            self.path.unlink()
        self.file: IO[bytes] = self.path.open("ab")
        self._start = self.file.tell()

    @staticmethod
    def path_in(folder: Path) -> Path:
        """The log file of a folder."""
        return folder / "spark.log"

    def text(self) -> str:
        """What was written since this object was made."""
        with self.path.open("rb") as log:
            log.seek(self._start)
            return log.read().decode(errors="replace")

    def tail(self) -> str:
        """The last lines of :meth:`text` without Java's stack, each indented."""
        lines = without_java_frames(self.text().splitlines())
        return "\n".join(f"  {line}" for line in lines[-_TAIL_LINES:])
