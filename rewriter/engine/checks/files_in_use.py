"""B22: what the program had open or mapped while it ran is there. Shared libraries have a check of their own."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.checks.arguments import both_seen, mains
from rewriter.engine.difference import Check, Difference
from rewriter.engine.seen import Observation, Promise


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    pair = mains(before.run, after.run)
    if pair is None or pair[0].program.rpartition("/")[2] != pair[1].program.rpartition("/")[2]:
        return
    for path in pair[0].files:
        own = path in before.files.entries and path != pair[0].program
        if own and ".so" not in path and not after.files.has(path) and "/lib/locale/" not in path:
            yield Difference(f"file {path}", "in use", "not there", f"{path}, which was in use, is not there")


CHECK = Check("B22", "files in use", _compare, ("files",), both_seen)
