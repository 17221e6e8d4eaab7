"""How physical lines join into one: the escape character at a line's end, comments and blank lines between.

Knows nothing of what the joined line says.
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.syntax import blanks

Placed = tuple[int, str]


def pieces(lines: Iterator[Placed], escape: str) -> Iterator[Placed]:
    """Yield the parts whose concatenation is the joined line, each with its offset.

    `lines` gives whole lines with their offsets; only those of the instruction are taken from it. Comments and blank
    lines between the parts are skipped, as BuildKit does (with a warning, for the blank ones).
    """
    offset, line = next(lines)
    content = line.lstrip(blanks.UNICODE)
    piece, continues = split(content, escape)
    yield offset + len(line) - len(content), piece
    while continues:
        offset, line = next(lines, (0, ""))
        if not line:
            return
        if not is_skipped(line):
            piece, continues = split(line, escape)
            yield offset, piece


def is_skipped(line: str) -> bool:
    """Whether a line inside an instruction is blank or a comment."""
    return line.lstrip(blanks.UNICODE)[:1] in ("", "#")


def split(line: str, escape: str) -> tuple[str, bool]:
    """Return a line without its end and its continuation mark, and whether there was a mark.

    The mark is the escape character, blanks may follow; directly after another escape it is none.
    """
    line = line.rstrip("\r\n")
    body = line.rstrip("\t ")
    if body.endswith(escape) and not body.endswith(escape * 2):
        return body[:-1], True
    return line, False
