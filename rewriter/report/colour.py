"""Colour for terminals, as the 16 colours every theme knows. Whether to colour is the caller's question."""

from __future__ import annotations

from enum import Enum

from rewriter.report.printable import printable


class Colour(Enum):
    """What a colour says, and the code for it."""

    TITLE = "1"
    GOOD = "32"
    LOOK = "33"
    BAD = "31"
    PLACE = "36"
    QUIET = "2"


def paint(text: str, colour: Colour, *, on: bool) -> str:
    """Return the text in that colour, or as it is when colour is off."""
    return f"\x1b[{colour.value}m{text}\x1b[0m" if on else text


def paint_diff(diff: bytes) -> str:
    """Return a patch for reading on a terminal, coloured as git does it, with control characters made visible."""
    lines = diff.decode("utf-8", "surrogateescape").split("\n")
    painted: list[str] = []
    in_hunk = False
    for line in lines:
        in_hunk = line.startswith("@@") or (in_hunk and not line.startswith("diff --git "))
        shown = "\t".join(printable(piece) for piece in line.split("\t"))
        colour = _colour(line, in_hunk=in_hunk)
        painted.append(paint(shown, colour, on=True) if colour else shown)
    return "\n".join(painted)


def _colour(line: str, *, in_hunk: bool) -> Colour | None:
    if not in_hunk:
        return Colour.TITLE if line else None
    signs = {"+": Colour.GOOD, "-": Colour.BAD, "@": Colour.PLACE}
    return signs.get(line[:1])
