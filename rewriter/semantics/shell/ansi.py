"""The escapes of `$'...'`, as bash's manual lists them (section 3.1.2.4)."""

from __future__ import annotations

import re

_SIMPLE = {"a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPE = re.compile(
    r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|c(.)|(.))", re.DOTALL
)


def decoded(text: str) -> str:
    """Return the characters the inside of `$'...'` stands for."""
    return _ESCAPE.sub(_character, text)


def _character(escape: re.Match[str]) -> str:
    octal, short, four, eight, control, other = escape.groups()
    if octal:
        return chr(int(octal, 8) & 0xFF)
    if number := short or four or eight:
        code = int(number, 16)
        return chr(code) if code <= 0x10FFFF else ""
    if control:
        return chr(ord(control) & 0x1F)
    return _SIMPLE.get(other, other if other in "\\'\"?" else "\\" + other)
