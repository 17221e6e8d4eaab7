"""B18: where the conversion promises an image without them, there is no shell and no package manager."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.difference import Check, Difference
from rewriter.engine.files import PACKAGE_MANAGERS, SHELLS, programs
from rewriter.engine.seen import Observation, Promise
from rewriter.plan import Tier

_WITHOUT: dict[Tier | None, frozenset[str]] = {
    Tier.DISTROLESS: SHELLS | PACKAGE_MANAGERS,
    Tier.DISTROLESS_WITH_SHELL: PACKAGE_MANAGERS,
}


def _compare(_: Observation, after: Observation, promise: Promise) -> Iterator[Difference]:
    unwanted = _WITHOUT.get(promise.tier, frozenset())
    for name in programs(after.files, unwanted):
        yield Difference("shell", "", name, f"{name} is in the image")


CHECK = Check("B18", "no shell", _compare, ("programs", "shell"), lambda *seen: seen[2].tier in _WITHOUT)
