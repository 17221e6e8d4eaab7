"""B10: no worker has process 1 as its parent where it had another: some take that for the loss of their parent."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.checks.arguments import both_seen
from rewriter.engine.difference import Check, Difference
from rewriter.engine.processes import ancestors
from rewriter.engine.seen import Observation, Promise, Seen


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    for name in sorted(_children_of_first(after.run) - _children_of_first(before.run)):
        yield Difference("parent", "another", "1", f"{name} now has process 1 as its parent")


def _children_of_first(seen: Seen) -> frozenset[str]:
    main = seen.main
    known = {main.pid, *(one.pid for one in ancestors(main, seen.processes))} if main is not None else set()
    return frozenset(p.name for p in seen.processes if p.ppid == 1 and p.pid not in known and p.state != "Z")


CHECK = Check("B10", "parents of workers", _compare, needs=both_seen)
