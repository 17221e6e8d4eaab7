"""B14 to B17: with other arguments or another entrypoint than its own, an image does what it did.

Compared is how each run ends, and what it prints where it ends; of what cannot be started, only the exit code.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rewriter.engine.checks.exit_code import endings
from rewriter.engine.checks.output import outputs
from rewriter.engine.containers import CANNOT_START
from rewriter.engine.difference import Check, Difference
from rewriter.engine.observe import APPENDED, EMPTIED, OTHER_ENTRYPOINT, REPLACED
from rewriter.engine.seen import Observation, Promise


def _compare(name: str, before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    old, new = dict(before.arguments).get(name), dict(after.arguments).get(name)
    if old is None or new is None:
        return
    if old.exit_code != new.exit_code:
        yield from endings(f"override {name}", old, new)
    elif old.exit_code is not None and old.exit_code not in CANNOT_START:
        yield from outputs(f"override {name}", old.output.stdout, new.output.stdout)


# A wrapper of the base image puts its own program before arguments that name none; a note says that it has gone.
_ANNOUNCED_BY = ("entrypoint", "cmd", "shell", "base-image-wrapper", "arguments-without-effect")


def _check(number: str, title: str, name: str) -> Check:
    return Check(number, title, partial(_compare, name), _ANNOUNCED_BY, partial(_was_run, name))


def _was_run(name: str, before: Observation, *_: object) -> bool:
    return name in dict(before.arguments)


CHECKS = (
    _check("B14", "another command", REPLACED),
    _check("B15", "added arguments", APPENDED),
    _check("B16", "empty entrypoint", EMPTIED),
    _check("B17", "another entrypoint", OTHER_ENTRYPOINT),
)
