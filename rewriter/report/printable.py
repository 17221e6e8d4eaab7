"""Words that came from files, made fit for a terminal and for JSON."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return the text on one line: control characters and bytes that are not UTF-8 as escapes (`\x1b`).

    What a Dockerfile says must not be able to move the cursor or to pass for a line of ours.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def decodable(text: str) -> str:
    """Return the text with bytes that are not UTF-8 as escapes, so that it can be encoded; else as it is."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
