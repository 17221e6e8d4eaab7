"""The JSON form of an instruction: an array of strings, as Go's decoder takes it.

The standard decoder is not enough: it takes `NaN`, refuses integers of many digits and nests by recursion.
"""

from __future__ import annotations

import json
import math
import re
from enum import Enum, auto

from rewriter.syntax import blanks

# The depth at which Go's decoder gives up; the text is shell form then.
_MAX_DEPTH = 10_000

_BLANK = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()
_SCALAR = re.compile(r"(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)|true|false|null")


class NotStringsError(ValueError):
    """A JSON array with an element that is not a string: BuildKit refuses it instead of falling back to shell form."""


def strings(text: str) -> tuple[str, ...] | None:
    """Return the elements of a JSON array of strings, None for a text that is no JSON array.

    Follows `parseJSON` in BuildKit's `line_parsers.go`: leading Unicode blanks are skipped, text after the array
    makes it no array, and bad bytes and lone surrogates become U+FFFD.

    Raises:
        NotStringsError: a valid array holds something else than strings.
    """
    text = text.lstrip(blanks.UNICODE)
    if not text.startswith("["):
        return None
    found = _simple(text)
    if found is None and _is_array(text):
        raise NotStringsError("when using JSON array syntax, arrays must be comprised of strings only")
    return found


def _simple(text: str) -> tuple[str, ...] | None:
    found: list[str] = []
    position = _after_blanks(text, 1)
    mark = text[position : position + 1]
    while mark != "]":
        string = _string(text, position)
        if string is None:
            return None
        found.append(blanks.without_surrogates(string[0]))
        position = _after_blanks(text, string[1])
        mark = text[position : position + 1]
        if mark == ",":
            position = _after_blanks(text, position + 1)
        elif mark != "]":
            return None
    return tuple(found) if _after_blanks(text, position + 1) == len(text) else None


def _string(text: str, position: int) -> tuple[str, int] | None:
    if not text.startswith('"', position):
        return None
    try:
        return _DECODER.raw_decode(text, position)
    except ValueError:
        return None


def _after_blanks(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


class _Want(Enum):
    VALUE = auto()
    VALUE_OR_END = auto()
    KEY = auto()
    KEY_OR_END = auto()
    COLON = auto()
    COMMA_OR_END = auto()


def _is_array(text: str) -> bool:
    """Whether the whole text is one JSON value, decided without recursion."""
    open_: list[str] = []
    want = _Want.VALUE
    position = 0
    while position < len(text):
        step = _step(text, position, want, open_)
        if step is None or len(open_) > _MAX_DEPTH:
            return False
        position, want = step
        position = _after_blanks(text, position)
        if not open_:
            return position == len(text)
    return False


def _step(text: str, position: int, want: _Want, open_: list[str]) -> tuple[int, _Want] | None:
    mark = text[position]
    if mark in "]}":
        fits = want in (_Want.COMMA_OR_END, _Want.VALUE_OR_END if mark == "]" else _Want.KEY_OR_END)
        return (position + 1, _Want.COMMA_OR_END) if fits and open_.pop() == mark else None
    if want is _Want.COMMA_OR_END:
        return (position + 1, _Want.VALUE if open_[-1] == "]" else _Want.KEY) if mark == "," else None
    if want is _Want.COLON:
        return (position + 1, _Want.VALUE) if mark == ":" else None
    if mark in "[{" and want in (_Want.VALUE, _Want.VALUE_OR_END):
        open_.append("]" if mark == "[" else "}")
        return position + 1, _Want.VALUE_OR_END if mark == "[" else _Want.KEY_OR_END
    return _scalar(text, position, want)


def _scalar(text: str, position: int, want: _Want) -> tuple[int, _Want] | None:
    string = _string(text, position)
    if want in (_Want.KEY, _Want.KEY_OR_END):
        return (string[1], _Want.COLON) if string else None
    if string:
        return string[1], _Want.COMMA_OR_END
    match = _SCALAR.match(text, position)
    # Go decodes numbers to float64, and one that does not fit is an error of the whole array.
    if match is None or (match["number"] and math.isinf(float(match["number"]))):
        return None
    return match.end(), _Want.COMMA_OR_END
