"""Words from a repository, written into Markdown so that they stay words.

A file name, a label, a comment or a reason that quotes one may hold anything: HTML, links, mentions, issue numbers,
commands of a forge, characters that turn the direction of a line. All of it ends up inside code, where every forge
leaves it alone.
"""

from __future__ import annotations

import re

from rewriter.report.printable import printable

# A word of prose: letters, with a hyphen or an apostrophe between them, and the punctuation around it.
_PROSE = re.compile(
    r"[(\"']?[A-Za-z]+(?:[-'][A-Za-z]+)*[\"')]?[.,;:!?)]{0,2}|[0-9]{1,4}[,;)]?|[-=(\"']|[)\"']{0,2}[.,;:!?]?"
)
_HEXADECIMAL = re.compile(r"[0-9a-f]{7,}[.,;:!?)]*")
# What may stand around a name, outside of its code.
_AROUND = re.compile(r"([(\"']?)(.*?[^)\"'.,;:!?])([)\"']*[.,;:!?]?[)\"']*)")
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
    """Return a sentence with everything in it that is not plain words as code, and what stands between ticks, too."""
    shown = printable(text.replace("\n", " "))
    pieces = shown.split("`")
    if len(pieces) % 2 == 0:
        return _words(shown)
    written = (code(piece) if number % 2 else _words(piece) for number, piece in enumerate(pieces))
    return "".join(piece for piece, source in zip(written, pieces, strict=True) if source)


def fenced(text: str, language: str = "") -> str:
    """Return the text as a block of code. Its fence is longer than any in the text, even one that is indented."""
    lines = [_visible(line) for line in text.split("\n")]
    body = "\n".join(lines).rstrip("\n")
    fence = "`" * max(3, _longest_run(body) + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def entities(text: str) -> str:
    """Return the text for the inside of an HTML element: everything but letters and digits as entities."""
    return "".join(char if char.isascii() and char.isalnum() else f"&#{ord(char)};" for char in printable(text))


def _words(text: str) -> str:
    """Return words without ticks in pairs: names that stand together are one piece of code. Blanks at the ends stay."""
    rows: list[tuple[str, str, str]] = []
    for word in text.split():
        before, name, after = _bare(word)
        if rows and name and not before and rows[-1][1] and not rows[-1][2]:
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {name}", after)
        else:
            rows.append((before, name, after))
    written = " ".join(f"{before}{code(name) if name else ''}{after}" for before, name, after in rows)
    lead, end = text[:1].strip() == "", text[-1:].strip() == ""
    return f"{' ' if text and lead else ''}{written}{' ' if written and end else ''}"


def _bare(word: str) -> tuple[str, str, str]:
    """Return the punctuation before a name, the name, and the punctuation after it; a plain word has no name."""
    if _is_plain(word):
        return "", "", word
    found = _AROUND.fullmatch(word)
    return (found[1], found[2], found[3]) if found else ("", word, "")


def _is_plain(word: str) -> bool:
    return _PROSE.fullmatch(word) is not None and _HEXADECIMAL.fullmatch(word.lower()) is None


def _longest_run(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)


def _visible(line: str) -> str:
    """Return one line of a block: tabs as they are, everything else that cannot be seen as an escape."""
    return "\t".join(_RUNNERS.sub("# #", printable(part)) for part in line.rstrip("\r").split("\t"))
