"""B19: the health check comes to the result it came to."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.difference import Check, Difference, plain
from rewriter.engine.images import has_health_check
from rewriter.engine.seen import Observation, Promise


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    if not _both_asked(before, after, _):
        return  # That one has none is a difference of the configuration.
    old, new = before.run.health, after.run.health
    yield from plain("healthcheck", old, new, f"the health check says {new or 'nothing'}; original {old or 'nothing'}")


def _both_asked(before: Observation, after: Observation, _: Promise) -> bool:
    up = before.run.exit_code is None and after.run.exit_code is None
    return up and has_health_check(before.image) and has_health_check(after.image)


CHECK = Check("B19", "health", _compare, needs=_both_asked)
