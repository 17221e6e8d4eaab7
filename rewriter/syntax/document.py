"""The shape of a Dockerfile: items that, joined, give back the text.

`Document.text` holds the file decoded as UTF-8 with `surrogateescape`, so every byte string has a document
and every document its bytes. Spans count characters of that text.
"""

from __future__ import annotations

from typing import Literal

from rewriter.record import record

Form = Literal["json", "shell"]


@record
class Span:
    """A half-open range of characters in `Document.text`; `line` is the 1-based line of `start`."""

    start: int
    end: int
    line: int


@record
class Token:
    """A blank-separated word of an instruction as it stands in the text, quotes and escapes included."""

    text: str
    span: Span


@record
class Heredoc:
    """A here-document of a RUN, COPY or ADD; `content` is raw, tabs included, even where `chomp` (`<<-`) is set."""

    name: str
    expand: bool
    chomp: bool
    content: str
    fd: int = 0


@record
class Blank:
    """One line of white space, its newline included."""

    span: Span


@record
class Comment:
    """One whole-line comment outside instructions; `text` is what follows the `#`, trimmed."""

    text: str
    span: Span


@record
class Directive:
    """A parser directive line (`syntax`, `escape`, `check`)."""

    name: str
    value: str
    span: Span


@record
class Instruction:
    """One instruction, as BuildKit's parser reads it.

    `text` is the joined line without its continuations, `rest` what follows keyword and flags.
    `words` is set for JSON form and for instructions made of words, `value` for shell form and for
    instructions with one text; the unused one is `()` or `None`. ENV and LABEL words come as triples
    *name, raw value, `=`* (third empty in the old form). `span` covers whole physical lines, continuation
    lines, comments between them, heredoc bodies and the final newline included; comments above are items of
    their own and repeated in `comments`.
    """

    keyword: str
    text: str
    flags: tuple[str, ...]
    rest: str
    form: Form | None
    words: tuple[str, ...]
    value: str | None
    heredocs: tuple[Heredoc, ...]
    comments: tuple[str, ...]
    trigger: Instruction | None
    span: Span

    @property
    def name(self) -> str:
        """The keyword in upper case."""
        return self.keyword.upper()


Item = Blank | Comment | Directive | Instruction


@record
class Problem:
    """Something BuildKit would refuse, in its own words as far as we know them; `line` is 1-based."""

    message: str
    line: int


@record
class Document:
    r"""A parsed Dockerfile. `"".join(text of items) == text`, always.

    `escape` is the escape character in force, `newline` the file's own line ending ("\n" or "\r\n", by
    majority of lines), `problems` what BuildKit's parser or its typed step refuses, in file order.
    """

    text: str
    items: tuple[Item, ...]
    escape: str
    newline: str
    problems: tuple[Problem, ...]

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """The instructions in file order."""
        return tuple(item for item in self.items if isinstance(item, Instruction))


def decode(data: bytes) -> str:
    """Return the text of a file, lossless for any bytes."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return the bytes of a text; the inverse of `decode`."""
    return text.encode("utf-8", "surrogateescape")
