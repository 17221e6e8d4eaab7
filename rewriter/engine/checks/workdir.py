"""B06: the program starts in the folder it started in."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.checks.arguments import mains
from rewriter.engine.difference import Check, Difference, plain
from rewriter.engine.seen import Observation, Promise


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    pair = mains(before.run, after.run)
    if pair is not None:
        yield from plain("workdir", pair[0].cwd, pair[1].cwd)
    else:
        yield from plain("workdir", *(seen.image.config.get("WorkingDir") or "/" for seen in (before, after)))


CHECK = Check("B06", "work directory", _compare)
