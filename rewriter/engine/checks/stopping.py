"""B12: stopping takes no longer than before, leaves the same code, and the program says what it said then.

What had to be killed before may end on its own now.
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.difference import Check, Difference, normalised, plain
from rewriter.engine.seen import Observation, Promise

KILLED, BY_TERM = 137, 143
SLACK_SECONDS = 2.0


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    old, new = before.run.stopped, after.run.stopped
    if old is None or new is None:
        return
    if new.seconds > old.seconds + SLACK_SECONDS:
        says = f"takes {new.seconds:.1f} s to stop; original {old.seconds:.1f} s"
        yield Difference("stop time", f"{old.seconds:.1f} s", f"{new.seconds:.1f} s", says)
    if old.exit_code == KILLED and new.exit_code != KILLED:
        return
    says = f"stops with {new.exit_code}; original with {old.exit_code}"
    yield from plain("stop exit", str(old.exit_code), str(new.exit_code), says)
    said = set(normalised(old.output.stdout + old.output.stderr).splitlines())
    silent = sorted(said - set(normalised(new.output.stdout + new.output.stderr).splitlines()))
    if silent:
        yield Difference("stop output", silent[0], "", f"no longer says when stopped: {silent[0][:200]!r}")


def _both_stopped(before: Observation, after: Observation, _: Promise) -> bool:
    return before.run.stopped is not None and after.run.stopped is not None


CHECK = Check("B12", "stopping", _compare, needs=_both_stopped)
