"""B08: the user has the name and the home folder it had, and everybody may write to /tmp."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.checks.arguments import both_seen, mains
from rewriter.engine.difference import Check, Difference, plain
from rewriter.engine.files import account
from rewriter.engine.seen import Observation, Promise

_STICKY = 0o7777


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    pair = mains(before.run, after.run)
    if pair is not None and (uid := pair[0].uid) == pair[1].uid:
        old, new = account(before.files, uid), account(after.files, uid)
        yield from plain("user name", old[0], new[0])
        yield from plain("home folder", old[1], new[1])
    yield from plain("mode of /tmp", *(_mode(seen, "/tmp") for seen in (before, after)))


def _mode(seen: Observation, path: str) -> str:
    entry = seen.files.entries.get(seen.files.resolve(path) or "")
    return f"{entry.mode & _STICKY:04o}" if entry else "not there"


CHECK = Check("B08", "account and /tmp", _compare, ("user",), both_seen)
