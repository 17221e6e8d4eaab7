"""Words from a repository, written into Markdown so that they stay words.

A file name, a label, a comment or a reason that quotes one may hold anything: HTML, links, mentions, issue numbers,
commands of a forge, characters that turn the direction of a line. All of it ends up inside code, where every forge
leaves it alone.
"""

from __future__ import annotations

import re
from itertools import groupby

from rewriter.report.printable import printable

# A word of prose: letters, with a hyphen or an apostrophe between them, and the punctuation around it.
_PROSE = re.compile(r"[(\"']?[A-Za-z]+(?:[-'][A-Za-z]+)*[\"')]?[.,;:!?)]{0,2}|[0-9]{1,4}[,;)]?|[-=]")
_HEXADECIMAL = re.compile(r"[0-9a-f]{7,}[.,;:!?)]*")
_TICKS = re.compile(r"`+")
_RUNNERS = re.compile(r"##(?=\[|vso|teamcity)")


def code(text: str) -> str:
    """Return the text as inline code on one line, whatever it holds."""
    shown = _RUNNERS.sub("# #", printable(text)) or " "
    fence = "`" * (_longest_run(shown) + 1)
    # The blanks are taken off again where the text begins or ends with a tick; with blanks alone they stay.
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def cell(markdown: str) -> str:
    """Return Markdown on one line as it can stand in a table: a bar would end the cell, even inside code."""
    return markdown.replace("|", "\\|")


def prose(text: str) -> str:
    """Return a sentence with everything in it that is not plain words as code."""
    words = printable(text.replace("\n", " ")).split()
    parts = []
    for is_plain, group in groupby(words, key=_is_plain):
        run = " ".join(group)
        parts.append(run if is_plain else code(run))
    return " ".join(parts)


def fenced(text: str, language: str = "") -> str:
    """Return the text as a block of code. Its fence is longer than any in the text, even one that is indented."""
    lines = [_visible(line) for line in text.split("\n")]
    body = "\n".join(lines).rstrip("\n")
    fence = "`" * max(3, _longest_run(body) + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def entities(text: str) -> str:
    """Return the text for the inside of an HTML element: everything but letters and digits as entities."""
    return "".join(char if char.isascii() and char.isalnum() else f"&#{ord(char)};" for char in printable(text))


def _is_plain(word: str) -> bool:
    return _PROSE.fullmatch(word) is not None and _HEXADECIMAL.fullmatch(word.lower()) is None


def _longest_run(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)


def _visible(line: str) -> str:
    """Return one line of a block: tabs as they are, everything else that cannot be seen as an escape."""
    return "\t".join(_RUNNERS.sub("# #", printable(part)) for part in line.rstrip("\r").split("\t"))
