"""B07: the program runs as the user it ran as: ids, groups, umask and capabilities."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.checks.arguments import mains
from rewriter.engine.difference import Check, Difference, plain
from rewriter.engine.seen import Observation, Promise

_ROOT = frozenset({"", "root", "0", "0:0", "root:root"})


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    pair = mains(before.run, after.run)
    if pair is None:
        yield from plain("user", *(_configured(seen) for seen in (before, after)))
        return
    old, new = pair
    says = f"uid / gid {_first(old.user)} became {_first(new.user)}"
    yield from plain("user", old.user, new.user, says)
    yield from plain("groups", *(" ".join(map(str, sorted(process.gids))) for process in pair))
    yield from plain("umask", old.umask, new.umask)
    yield from plain("capabilities", old.capabilities, new.capabilities)


def _configured(seen: Observation) -> str:
    user = seen.image.config.get("User") or ""
    return "0" if user in _ROOT else user


def _first(ids: str) -> str:
    """Return the real ids of the four of each kind that Linux keeps."""
    return " / ".join(part.split()[0] for part in ids.split(" / ") if part.split())


CHECK = Check("B07", "user and rights", _compare, ("user",))
