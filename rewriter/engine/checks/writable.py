"""B21: the folders the program could write to, it can write to: volumes, its own, and those it has written to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from rewriter.engine.checks.arguments import both_seen, mains
from rewriter.engine.difference import Check, Difference
from rewriter.engine.processes import Process
from rewriter.engine.seen import Observation, Promise

# The engine makes and fills these itself, for every container.
_THE_ENGINES = ("/etc", "/dev", "/proc", "/sys", "/run", "/")


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    pair = mains(before.run, after.run)
    if pair is None:
        return
    old, new = pair
    for path in sorted(_places(before, old)):
        if _may_write(before, path, old) and not _may_write(after, path, new):
            why = "cannot be written to" if after.files.has(path) else "is not there"
            yield Difference(f"writable {path}", "yes", "no", f"{path} {why}")


def _places(seen: Observation, main: Process) -> set[str]:
    """Return the folders that matter to the program."""
    volumes = seen.image.config.get("Volumes") or {}
    written = {str(PurePosixPath(path).parent) for path in seen.run.changed}
    named = {main.cwd, main.variable("HOME") or "/", "/tmp", "/var/tmp"}
    return {path.rstrip("/") or "/" for path in (*volumes, *written, *named)} - set(_THE_ENGINES)


def _may_write(seen: Observation, path: str, main: Process) -> bool:
    place = seen.files.resolve(path)
    entry = seen.files.entries.get(place or "")
    if entry is None or not entry.is_folder:
        return False
    return seen.files.may_write(path, main.uid, main.gids)


CHECK = Check("B21", "writable folders", _compare, ("user",), both_seen)
