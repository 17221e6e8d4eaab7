"""B11: no process is left a zombie."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.checks.arguments import both_seen
from rewriter.engine.difference import Check, Difference
from rewriter.engine.seen import Observation, Promise


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    old, new = ([p.name for p in seen.run.processes if p.state == "Z"] for seen in (before, after))
    if new and len(new) > len(old):
        says = f"{len(new)} zombie{'s' if len(new) > 1 else ''}: {', '.join(sorted(set(new)))}"
        yield Difference("zombies", " ".join(old), " ".join(new), says)


CHECK = Check("B11", "zombies", _compare, needs=both_seen)
