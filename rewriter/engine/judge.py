"""Two observations and the decisions of a plan become results: same, announced, or different. Starts nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from rewriter.engine.checks import CHECKS
from rewriter.engine.difference import Announced, Check, Difference, announcing
from rewriter.engine.seen import Observation, Promise


class Status(Enum):
    """What came of a check."""

    SAME = "same"
    ANNOUNCED = "announced"
    DIFFERS = "differs"
    UNSEEN = "not seen"


@dataclass(frozen=True, slots=True)
class Found:
    """A difference and what announced it, None where nothing did."""

    difference: Difference
    announced: Announced | None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one check."""

    check: Check
    found: tuple[Found, ...]
    seen: bool = True

    @property
    def status(self) -> Status:
        """The worst of what was found."""
        if any(found.announced is None for found in self.found):
            return Status.DIFFERS
        if self.found:
            return Status.ANNOUNCED
        return Status.SAME if self.seen else Status.UNSEEN


def judge(before: Observation, after: Observation, promise: Promise) -> tuple[Result, ...]:
    """Return the result of every check, in the order of their numbers."""
    return tuple(
        Result(check, _matched(check, before, after, promise), check.needs(before, after, promise)) for check in CHECKS
    )


def _matched(check: Check, before: Observation, after: Observation, promise: Promise) -> tuple[Found, ...]:
    differences: Iterator[Difference] = check.compare(before, after, promise)
    return tuple(Found(difference, announcing(difference, check, promise)) for difference in differences)
