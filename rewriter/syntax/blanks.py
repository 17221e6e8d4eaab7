"""Blanks, bytes and lines as BuildKit sees them: it reads bytes, and knows blanks by Go's Unicode tables.

Knows no Dockerfile syntax.
"""

from __future__ import annotations

import re

# `str.isspace` would also take U+001C to U+001F, which Go's `unicode.IsSpace` does not.
UNICODE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
LATIN_1 = "\t\n\v\f\r \x85\xa0"
RUN = re.compile("[\t\v\f\r ]+")
BYTE_ORDER_MARK = "\ufeff"

_SURROGATE = re.compile("[\ud800-\udfff]")


def latin_1(text: str) -> str:
    """Return the text with one character for each of its UTF-8 bytes."""
    return to_bytes(text).decode("latin-1")


def from_latin_1(text: str) -> str:
    """Return the text whose UTF-8 bytes are these characters; the inverse of `latin_1`."""
    return text.encode("latin-1").decode("utf-8", "surrogateescape")


def to_bytes(text: str) -> bytes:
    """Return the bytes of a text, also of one with surrogates that no decoding of bytes gives."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def without_surrogates(text: str) -> str:
    """Return the text as Go decodes it: each bad byte, and each lone surrogate, is U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def lines(text: str) -> list[str]:
    """Return the lines of a text with their ends; only a line feed ends a line."""
    parts = text.split("\n")
    last = parts.pop()
    whole = [part + "\n" for part in parts]
    return [*whole, last] if last else whole
