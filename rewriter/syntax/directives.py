"""Parser directives (`# syntax=`, `# escape=`, `# check=`) at the head of a file.

BuildKit reads them twice and differently: its parser takes indented ones and stops at a shebang, its detection skips
the shebang and wants the `#` in the first column. Only the parser's reading sets the escape character.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import NoReturn

from rewriter.record import record
from rewriter.syntax import blanks

_BLANKS = "\t\n\f\r "
_NAME = re.compile("([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=")
_NAMES = ("syntax", "escape", "check")


@record
class Found:
    """A directive and the index of its line."""

    index: int
    name: str
    value: str


@record
class Header:
    """The directives of either reading by line index, the escape character in force, and why BuildKit refuses."""

    lines: dict[int, Found]
    obeyed: frozenset[int]
    escape: str
    refusal: tuple[int, str] | None


def read(lines: list[str]) -> Header:
    """Return what the head of a file says; `lines` keep their ends, a byte-order mark is already gone."""
    obeyed, refusal = _read((line.lstrip(blanks.UNICODE) for line in lines), "#")
    escape = "\\"
    for found in obeyed:
        if found.name == "escape" and found.value not in ("\\", "`"):
            refusal = found.index, f"invalid escape token '{found.value}' does not match ` or \\"
        elif found.name == "escape":
            escape = found.value
    seen = {found.index: found for found in (*detect(lines), *obeyed)}
    return Header(seen, frozenset(found.index for found in obeyed), escape, refusal)


def detect(lines: list[str]) -> tuple[Found, ...]:
    """Return the directives that BuildKit's detection sees, which chooses the frontend and configures checks."""
    return _detect(lines, "#")


def frontend(text: str) -> str | None:
    """Return the frontend image that the file asks for, also with `// syntax=` or as JSON; None if it does not."""
    text = text.removeprefix(blanks.BYTE_ORDER_MARK)
    lines = blanks.lines(text)
    for marker in ("#", "//"):
        for found in _detect(lines, marker):
            if found.name == "syntax":
                return found.value.split(" ")[0]
    start = len(lines[0]) if lines and lines[0].startswith("#!") else 0
    return _json_syntax(text[start:])


def _detect(lines: list[str], marker: str) -> tuple[Found, ...]:
    first = 1 if lines and lines[0].startswith("#!") else 0
    found, _ = _read(lines[first:], marker)
    return tuple(Found(one.index + first, one.name, one.value) for one in found)


def _read(lines: Iterable[str], marker: str) -> tuple[list[Found], tuple[int, str] | None]:
    """The directives before the first line that is none, and the line that repeats one."""
    found: list[Found] = []
    for index, line in enumerate(lines):
        name, value = _name_and_value(line, marker)
        if name not in _NAMES:
            break
        if name in [one.name for one in found]:
            return found, (index, f"only one {name} parser directive can be used")
        found.append(Found(index, name, value))
    return found, None


def _name_and_value(line: str, marker: str) -> tuple[str, str]:
    if not line.startswith(marker):
        return "", ""
    text = line.removeprefix(marker).strip("\r\n").lstrip(blanks.UNICODE)
    match = _NAME.match(text)
    value = text[match.end() :] if match else ""
    if match is None or not value:
        return "", ""
    # A value of nothing but blanks is its last blank: BuildKit's regular expression wants one character.
    return match[1].lower(), value.strip(_BLANKS) or value[-1]


def _json_syntax(text: str) -> str | None:
    if not text.lstrip(_BLANKS).startswith("{"):
        return None
    try:
        value = json.loads(text, parse_constant=_refuse).get("syntax")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, str) else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
