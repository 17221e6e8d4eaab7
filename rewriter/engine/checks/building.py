"""B01: both build from the same context. Where one does not, nothing is run, so what comes here has been built."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.difference import Check, Difference
from rewriter.engine.seen import Observation, Promise


def _compare(_before: Observation, _after: Observation, _: Promise) -> Iterator[Difference]:
    yield from ()


CHECK = Check("B01", "build", _compare)
