"""From text to items: lines, comments, continuations, heredocs. The door of the package is `parse`.

Follows BuildKit's Dockerfile parser (`frontend/dockerfile/parser/parser.go`) at version 1.26; where that refuses a
file, the document says so and still holds every character. Decides nothing about words and meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from rewriter.syntax import arguments, blanks, continuations, directives, heredocs, instructions
from rewriter.syntax.arguments import Line
from rewriter.syntax.document import Blank, Comment, Directive, Document, Heredoc, Instruction, Item, Problem, Span
from rewriter.syntax.patterns import WordError

# The longest line, in bytes and without its end, that BuildKit's reader takes.
MAX_LINE = 65_535
# Directives end at the first line that is none: a shebang, each of three once, and a repetition are the most.
_HEAD = 5


@dataclass(slots=True)
class _Scan:
    """The lines still to be read, and what was found in those before."""

    lines: list[str]
    header: directives.Header
    index: int = 0
    offset: int = 0
    items: list[Item] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def span(self, start_index: int, start: int) -> Span:
        return Span(start, self.offset, start_index + 1)

    def take(self) -> str:
        """The next line as the parser sees it: without a byte-order mark at the start of the file."""
        line = self.lines[self.index]
        self.offset += len(line)
        self.index += 1
        return line.removeprefix(blanks.BYTE_ORDER_MARK) if self.index == 1 else line


def parse(text: str) -> Document:
    """Return the document of a text; never raises.

    Joining the item texts gives back the text. What BuildKit's parser or its typed step (`instructions`) refuses is
    in `problems`, and the items are then the best reading there is.
    """
    lines = blanks.lines(text)
    header = directives.read(blanks.lines("".join(lines[:_HEAD]).removeprefix(blanks.BYTE_ORDER_MARK)))
    scan = _Scan(lines, header)
    while scan.index < len(lines):
        _item(scan)
    return Document(text, tuple(scan.items), header.escape, _newline(lines), _problems(scan))


def _item(scan: _Scan) -> None:
    index, offset = scan.index, scan.offset
    line = scan.take()
    content = line.lstrip(blanks.UNICODE)
    if not content:
        scan.items.append(Blank(scan.span(index, offset)))
    elif content.startswith("#"):
        scan.items.append(_comment(scan, index, offset, line))
    else:
        scan.items.append(_instruction(scan, index, offset, line))


def _comment(scan: _Scan, index: int, offset: int, line: str) -> Comment | Directive:
    span = scan.span(index, offset)
    if index not in scan.header.obeyed:
        _attach(scan.comments, line)
    found = scan.header.lines.get(index)
    if found:
        return Directive(found.name, found.value, span)
    return Comment(line.lstrip(blanks.UNICODE)[1:].strip(blanks.UNICODE), span)


def _attach(comments: list[str], line: str) -> None:
    """Remember a comment for the next instruction; an empty one forgets those above.

    BuildKit cuts the first byte off, whatever it is: an indented comment keeps its `#`.
    """
    rest = line[1:] if line[0].isascii() else blanks.to_bytes(line)[1:].decode("utf-8", "surrogateescape")
    text = rest.strip(blanks.UNICODE)
    if text:
        comments.append(text)
    else:
        comments.clear()


def _instruction(scan: _Scan, index: int, offset: int, first: str) -> Instruction:
    escape = scan.header.escape
    pieces = continuations.pieces(chain([(offset, first)], _lines(scan)), escape)
    line = arguments.read("".join(piece for _, piece in pieces), escape)
    if line.refusal:
        scan.problems.append(Problem(line.refusal, index + 1))
    found = _heredocs(scan, line, index) if line.takes_heredocs else ()
    comments = tuple(scan.comments)
    scan.comments.clear()
    return _as_instruction(line, comments, found, scan.span(index, offset))


def _lines(scan: _Scan) -> Iterator[tuple[int, str]]:
    while scan.index < len(scan.lines):
        yield scan.offset, scan.take()


def _heredocs(scan: _Scan, line: Line, index: int) -> tuple[Heredoc, ...]:
    try:
        openings = heredocs.openings(line.text)
    except WordError as error:
        scan.problems.append(Problem(str(error), index + 1))
        return ()
    found: list[Heredoc] = []
    for opening in openings:
        content, closed = _body(scan, opening)
        found.append(Heredoc(opening.name, opening.expand, opening.chomp, content, opening.fd))
        if not closed:
            scan.problems.append(Problem("unterminated heredoc", index + 1))
            break
    return tuple(found)


def _body(scan: _Scan, opening: Heredoc) -> tuple[str, bool]:
    body: list[str] = []
    whole = True
    while scan.index < len(scan.lines):
        line = scan.take()
        end = line.rstrip("\r\n")
        if (end.lstrip("\t") if opening.chomp else end) == opening.name:
            return "".join(body), whole
        # BuildKit reads no further than a line that is too long, so what follows cannot end the heredoc.
        whole = whole and not _is_too_long(line)
        body.append(line)
    return "".join(body), False


def _as_instruction(line: Line, comments: tuple[str, ...], found: tuple[Heredoc, ...], span: Span) -> Instruction:
    return Instruction(
        keyword=line.keyword,
        text=line.text,
        flags=line.flags,
        rest=line.rest,
        form=line.arguments.form,
        words=line.arguments.words,
        value=line.arguments.value,
        heredocs=found,
        comments=comments,
        trigger=_as_instruction(line.trigger, (), (), span) if line.trigger else None,
        span=span,
    )


def _problems(scan: _Scan) -> tuple[Problem, ...]:
    refused = {problem.line for problem in scan.problems}
    typed = (problem for problem in instructions.problems(scan.items) if problem.line not in refused)
    return tuple(sorted((*scan.problems, *_file_problems(scan), *typed), key=lambda problem: problem.line))


def _file_problems(scan: _Scan) -> Iterable[Problem]:
    if scan.header.refusal:
        index, message = scan.header.refusal
        yield Problem(message, index + 1)
    if not any(isinstance(item, Instruction) for item in scan.items):
        yield Problem("file with no instructions", max(len(scan.lines), 1))
    for index, line in enumerate(scan.lines):
        if _is_too_long(line):
            yield Problem(f"dockerfile line greater than max allowed size of {MAX_LINE}", index + 1)


def _is_too_long(line: str) -> bool:
    # A character has four bytes at most, so that most lines need not be encoded.
    return len(line) > MAX_LINE // 4 and len(blanks.to_bytes(line.removesuffix("\n"))) > MAX_LINE


def _newline(lines: list[str]) -> str:
    ended = sum(line.endswith("\n") for line in lines)  # the last line may have no ending
    return "\r\n" if sum(line.endswith("\r\n") for line in lines) * 2 > ended else "\n"
