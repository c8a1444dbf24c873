"""A Python environment of its own for a wheel, which shares files with the one of the tests."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TIMEOUT_SECONDS = 300


def run(*command: str | Path) -> str:
    """Output of a command that succeeds, without what PYTHONPATH would add to its environment."""
    ended = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


def pip(*arguments: str | Path) -> str:
    """Output of the pip of this environment."""
    return run(sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments)


class LinkedEnvironment:
    """What pip would install for a wheel with an extra, by the versions that are here already.

    The wheel itself and what is not here are installed by pip. What they declare to need is linked
    file by file, and nothing besides: to unpack Spark twice takes minutes.
    """

    def __init__(self, folder: Path, wheel: Path, extra: str, *not_here: str) -> None:
        venv.create(folder, symlinks=True)
        self.commands = folder / "bin"
        (self._packages,) = folder.glob("lib/python*/site-packages")
        python = ("--python", self.commands / "python")
        build = ("--no-deps", "--no-compile", "--use-pep517", "--quiet")  # As in the Makefile.
        pip(*python, "install", *build, wheel, *not_here)
        self._add_what_is_needed(wheel.name.partition("-")[0], extra)
        pip(*python, "check")

    def _add_what_is_needed(self, wheel: str, extra: str) -> None:
        there = {
            canonicalize_name(one.name): one
            for one in metadata.distributions(path=[str(self._packages)])
        }
        needed, seen = [(canonicalize_name(wheel), extra)], set()
        while needed:
            name, extra = needed.pop()
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            if name not in there:
                there[name] = metadata.distribution(name)
                self._link(there[name])
            for text in there[name].requires or ():
                one = Requirement(text)
                if one.marker is None or one.marker.evaluate({"extra": extra}):
                    further = canonicalize_name(one.name)
                    needed += [(further, each) for each in ("", *one.extras)]

    def _link(self, distribution: metadata.Distribution) -> None:
        for file in distribution.files or ():
            if ".." in file.parts:
                continue  # A command.
            source = Path(str(distribution.locate_file(file)))
            self._link_file(source, self._packages / file)
            if source.suffix == ".py":
                compiled = Path(importlib.util.cache_from_source(str(source)))
                if compiled.exists():
                    place = (self._packages / file).parent / "__pycache__" / compiled.name
                    self._link_file(compiled, place)
        for point in distribution.entry_points.select(group="console_scripts"):
            command = self.commands / point.name
            command.write_text(
                f"#!{self.commands / 'python'}\n"
                f"import sys\nfrom {point.module} import {point.attr}\nsys.exit({point.attr}())\n"
            )
            command.chmod(0o755)

    def _link_file(self, source: Path, place: Path) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            return
        try:
            os.link(source, place)
        except OSError:  # On another disk.
            shutil.copy2(source, place)
