"""How large images became and how long they take to stop, as a table that a test run prints."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """A case: bytes of both images, and the seconds both took to stop (None: they ended by themselves)."""

    case: str
    bytes: tuple[int, int]
    seconds: tuple[float | None, float | None]

    @property
    def share(self) -> float:
        """What is left of the original's size, 0 to 1."""
        return self.bytes[1] / self.bytes[0]


@dataclass(slots=True)
class Sizes:
    """What was measured in this run of the tests."""

    rows: list[Measured] = field(default_factory=list)


def median(rows: Sequence[Measured]) -> float:
    """Return the share that half of the images shrink below."""
    return statistics.median(row.share for row in rows)


def table(rows: Sequence[Measured]) -> Iterator[str]:
    """Yield the lines of a Markdown table, the least changed last, and the median."""
    yield "| case | before, MB | after, MB | left | stop before | stop after |"
    yield "|---|--:|--:|--:|--:|--:|"
    for row in sorted(rows, key=lambda row: row.share):
        before, after = (f"{size / MEGABYTE:.0f}" for size in row.bytes)
        stops = " | ".join("" if seconds is None else f"{seconds:.1f} s" for seconds in row.seconds)
        yield f"| {row.case} | {before} | {after} | {row.share:.0%} | {stops} |"
    yield f"| median | | | {median(rows):.0%} | | |"
