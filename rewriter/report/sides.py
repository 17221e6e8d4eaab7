"""Two texts side by side: rows of lines that are the same, left out, added, or changed into one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Literal

from rewriter.record import record
from rewriter.report.diff import changes, lines
from rewriter.report.printable import printable


@record
class Side:
    """One line of one text, numbered from one, with what cannot be seen as escapes."""

    number: int
    text: str


@record
class Row:
    """A line of each text, or of one of them."""

    kind: Literal["same", "gone", "new", "changed"]
    before: Side | None
    after: Side | None


def rows(before: bytes, after: bytes) -> tuple[Row, ...]:
    """Return both texts whole, as rows; a changed stretch pairs its lines from the top."""
    old, new = lines(before), lines(after)
    return tuple(_rows(old, new, changes(old, new)))


def _rows(old: Sequence[bytes], new: Sequence[bytes], changed: Sequence[tuple[int, int, int, int]]) -> Iterator[Row]:
    i = j = 0
    for i1, i2, j1, j2 in (*changed, (len(old), len(old), len(new), len(new))):
        while i < i1:
            yield Row("same", _side(old, i), _side(new, j))
            i, j = i + 1, j + 1
        for a, b in zip_longest(range(i1, i2), range(j1, j2)):
            kind: Literal["gone", "new", "changed"] = "new" if a is None else "gone" if b is None else "changed"
            yield Row(kind, _side(old, a), _side(new, b))
        i, j = i2, j2


def _side(text: Sequence[bytes], index: int | None) -> Side | None:
    return None if index is None else Side(index + 1, visible(text[index]))


def visible(line: bytes) -> str:
    """Return a line without its end: tabs as they are, everything else that cannot be seen as an escape."""
    text = line.decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")
    return "\t".join(map(printable, text.split("\t")))
