"""B23: every library that a program of the image asks the loader for is somewhere in it, unless it was not before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from rewriter.engine.difference import Check, Difference
from rewriter.engine.files import Files
from rewriter.engine.seen import Observation, Promise


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    old, new = _names(before.files), _names(after.files)
    missing: dict[str, str] = {}
    for path, libraries in sorted(after.files.needed.items()):
        for library in libraries:
            if library.rpartition("/")[2] not in new and library.rpartition("/")[2] in old:
                missing.setdefault(library, path)
    for library, path in sorted(missing.items()):
        yield Difference(f"library {library}", "there", "missing", f"{library} is missing; {path} needs it")


def _names(files: Files) -> frozenset[str]:
    return frozenset(PurePosixPath(path).name for path in files.entries if files.has(path))


CHECK = Check("B23", "shared libraries", _compare)
