"""A check, one thing that differs, and when a decision of the plan has announced it. Values, and that one rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rewriter.engine.seen import Observation, Promise
from rewriter.plan import Safety


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs, named as decisions name it where there is a decision on it: "workdir", "env.GOPATH".

    `says` is the sentence for people; without one it is made of the values. `via` is a decision that announces it
    under another name: leaving the base image behind takes the variables with it that only that image sets.
    """

    field: str
    before: str
    after: str
    says: str = ""
    via: str = ""


Compare = Callable[[Observation, Observation, Promise], Iterator[Difference]]


@dataclass(frozen=True, slots=True)
class Check:
    """A relation between before and after; `compare` yields what does not hold.

    `announced_by` are decisions and notes that can announce its differences although they bear other names. `needs`
    says whether what is compared was there to be seen; where it was not, nothing is claimed.
    """

    id: str
    title: str
    compare: Compare
    announced_by: tuple[str, ...] = ()
    needs: Callable[[Observation, Observation, Promise], bool] = lambda *_: True


def plain(field: str, before: str, after: str, says: str = "") -> Iterator[Difference]:
    """Yield the difference of two values, if there is one."""
    if before != after:
        yield Difference(field, before, after, says)


@dataclass(frozen=True, slots=True)
class Announced:
    """What announced a difference: the name of a decision or of a note, and what it says."""

    name: str
    text: str


def announcing(difference: Difference, check: Check, promise: Promise) -> Announced | None:
    """Return what announced a difference, None where nothing did.

    A decision on the very field announces it. One on another field does so only where it says itself that the
    behaviour may change: a SAFE decision promises that it does not. A note announces what the check knows it for.
    """
    for decision in promise.decisions:
        own = decision.field in (difference.field, difference.via)
        if own or (decision.field in check.announced_by and decision.safety is Safety.REVIEW):
            return Announced(decision.field, f"{decision.what} ({decision.why})")
    noted = (note for note in promise.notes if note.rule.name in check.announced_by)
    return next((Announced(note.rule.name, note.message) for note in noted), None)


def normalised(text: str) -> str:
    """Return printed text with its numbers made `#` (times, pids, ports, addresses) and its lines sorted."""
    return "\n".join(sorted(_VARYING.sub("#", text).splitlines()))


_VARYING = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|0x[0-9a-fA-F]+|\b[0-9a-f]{12,}\b|\d+")
