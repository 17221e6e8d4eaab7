"""B04: the program gets the arguments it got, under the same name but for its folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from rewriter.engine.difference import Check, Difference, plain
from rewriter.engine.processes import Process
from rewriter.engine.seen import Observation, Promise, Seen


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    pair = mains(before.run, after.run)
    if pair is None:
        return
    old, new = pair
    if PurePosixPath(old.program).name != PurePosixPath(new.program).name:
        yield from plain("program", old.program, new.program)
    yield from plain("arguments", " ".join(words(old)), " ".join(words(new)))


def mains(before: Seen, after: Seen) -> tuple[Process, Process] | None:
    """Return the process each image is about, None where one was not seen.

    A launcher may have gone (npm, a shell): then it is the process below it that is compared.
    """
    old, new = before.main, after.main
    if old is None or new is None:
        return None
    same = (process for process in before.processes if process.argv and words(process) == words(new))
    return (old if words(old) == words(new) else next(same, old)), new


def both_seen(before: Observation, after: Observation, _: Promise) -> bool:
    """Return whether the program was seen in both images."""
    return mains(before.run, after.run) is not None


def words(process: Process) -> tuple[str, ...]:
    """Return the argument vector with the program's name without its folder."""
    return (PurePosixPath(process.argv[0]).name, *process.argv[1:]) if process.argv else ()


CHECK = Check("B04", "program and arguments", _compare, ("entrypoint", "cmd"), both_seen)
