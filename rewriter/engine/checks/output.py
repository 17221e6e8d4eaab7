"""B03: a run prints what it printed before. Numbers, the order of lines and how often one comes do not count.

Nor does what varies by itself: two runs of the original tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.difference import Check, Difference, normalised
from rewriter.engine.seen import Observation, Promise


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    first = (before.first or before.run).output
    old, new = before.run.output, after.run.output
    yield from outputs("stdout", old.stdout, new.stdout, first.stdout)
    yield from outputs("stderr", old.stderr, new.stderr, first.stderr)


def outputs(field: str, before: str, after: str, first: str | None = None) -> Iterator[Difference]:
    """Yield the difference of two printed texts; `first` is what another run of the original printed.

    Where the original's two runs differ, only lines they share must be there, and any line may be new.
    """
    old, new = lines_of(before), lines_of(after)
    steady = old if first is None else old & lines_of(first)
    gone = sorted(steady - new)
    come = sorted(new - old) if steady == old and (first is None or lines_of(first) == old) else []
    if gone or come:
        yield Difference(field, "\n".join(gone), "\n".join(come), _says(gone, come))


def lines_of(text: str) -> frozenset[str]:
    """Return the lines of a printed text, numbers made `#`."""
    return frozenset(normalised(text).splitlines())


def _says(gone: list[str], come: list[str]) -> str:
    if gone and come:
        return f"{gone[0][:160]!r} became {come[0][:160]!r}"
    return f"no longer: {gone[0][:200]!r}" if gone else f"new: {come[0][:200]!r}"


CHECK = Check("B03", "output", _compare)
