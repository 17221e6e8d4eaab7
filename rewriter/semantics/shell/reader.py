"""A place in a script: the text, how far it has been read, and what was met on the way.

It knows blanks, comments, line continuations and here-documents, which do not stand in the grammar's order: the
body of `<<EOF` follows the line, wherever the command on that line ends.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rewriter.record import record
from rewriter.semantics.shell.tree import Block, Comment, Heredoc, Part

# Deeper than any script written by hand; bounds both the recursion and what is read more than once.
DEEPEST = 40


class UnreadableError(Exception):
    """The text is no script; caught where reading began and returned as `CannotTell`."""

    def __init__(self, why: str, line: int) -> None:
        super().__init__(why)
        self.why = why
        self.line = line


@record
class Awaited:
    """A here-document whose body has not come yet."""

    index: int
    delimiter: str
    strip: bool
    expand: bool


@dataclass(slots=True)
class Found:
    """What a script and the texts inside it (backquotes, here-document bodies) collect together."""

    heredocs: list[Heredoc] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)


@dataclass(slots=True)
class Reader:
    """The place itself. `block` and `body` are the grammar's entries for `$(...)` and for here-document bodies."""

    text: str
    block: Callable[[Reader], Block]
    body: Callable[[Reader], tuple[Part, ...]]
    found: Found
    depth: int = 0
    first_line: int = 1
    position: int = 0
    awaited: list[Awaited] = field(default_factory=list)
    newlines: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.newlines = [found.start() for found in re.finditer("\n", self.text)]

    @property
    def ended(self) -> bool:
        """Whether all is read."""
        return self.position >= len(self.text)

    def looking_at(self, text: str) -> bool:
        """Whether `text` comes next."""
        return self.text.startswith(text, self.position)

    def take(self, text: str) -> bool:
        """Read `text` if it comes next."""
        if not self.text.startswith(text, self.position):
            return False
        self.position += len(text)
        return True

    def character(self, ahead: int = 0) -> str:
        """The next character, or the one `ahead` of it; "" at the end."""
        place = self.position + ahead
        return self.text[place : place + 1]

    def line(self) -> int:
        """The 1-based line of the next character."""
        return self.first_line + bisect_right(self.newlines, self.position - 1)

    def fail(self, why: str) -> UnreadableError:
        """The error for the place reached."""
        return UnreadableError(why, self.line())

    def inside(self, text: str, line: int) -> Reader:
        """A reader for a text that stands inside this one, from `line` on; as deep as `enter` would go."""
        self.enter()
        self.leave()
        return Reader(text, self.block, self.body, self.found, self.depth + 1, line)

    def enter(self) -> None:
        """Go one level deeper.

        Raises:
            UnreadableError: this is deeper than anyone writes.
        """
        if self.depth >= DEEPEST:
            raise self.fail("nested too deeply")
        self.depth += 1

    def leave(self) -> None:
        """Come back from a level."""
        self.depth -= 1


def blanks(reader: Reader) -> None:
    """Read blanks, line continuations and a comment, up to the next token or newline."""
    while True:
        if reader.character() in (" ", "\t"):
            reader.position += 1
        elif not reader.take("\\\n"):
            break
    if reader.looking_at("#"):
        _comment(reader)


def linebreaks(reader: Reader) -> None:
    """Read blanks and newlines, with the here-documents that follow a newline."""
    blanks(reader)
    while newline(reader):
        blanks(reader)


def newline(reader: Reader) -> bool:
    """Read one newline, and the bodies of the here-documents begun on the line."""
    if not reader.take("\n"):
        return False
    awaited, reader.awaited = reader.awaited, []
    for document in awaited:
        _body(reader, document)
    return True


def _comment(reader: Reader) -> None:
    end = reader.text.find("\n", reader.position)
    end = len(reader.text) if end < 0 else end
    reader.found.comments.append(Comment(reader.text[reader.position : end], reader.line()))
    reader.position = end


def _body(reader: Reader, document: Awaited) -> None:
    line = reader.line()
    text = "".join(_lines(reader, document))
    parts = reader.body(reader.inside(text, line)) if document.expand else ()
    reader.found.heredocs[document.index] = Heredoc(text, parts)


def _lines(reader: Reader, document: Awaited) -> Iterator[str]:
    while not reader.ended:
        line = _whole_line(reader)
        line = line.lstrip("\t") if document.strip else line
        if line.removesuffix("\n") == document.delimiter:
            return
        yield line


def _whole_line(reader: Reader) -> str:
    start = reader.position
    end = reader.text.find("\n", start)
    reader.position = len(reader.text) if end < 0 else end + 1
    return reader.text[start : reader.position]
