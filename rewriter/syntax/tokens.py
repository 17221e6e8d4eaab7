"""The words of an instruction where they stand in the text, so that a caller can edit exactly one of them.

What a word means is not known here: `Instruction` has the values, this module the places.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from rewriter.syntax import arguments, blanks, continuations
from rewriter.syntax.continuations import Placed
from rewriter.syntax.document import Document, Instruction, Span, Token

_WORD = re.compile("[^\t\v\f\r ]+")


def tokens(document: Document, instruction: Instruction) -> tuple[Token, ...]:
    """Return the words of an instruction's joined line: keyword, flags, the rest; heredoc bodies are not looked at.

    Words end at ASCII blanks. Quotes and escapes keep blanks inside a word where BuildKit lets them: in flags, and
    after ENV, LABEL and ARG; not in COPY, RUN or inside JSON. Continuation marks, line ends and lines between are in
    no token, except where a word goes on behind a continuation: then the one token spans all that stands between.
    The instruction must be one of the document, not the trigger inside an ONBUILD.
    """
    parts = list(continuations.pieces(_lines(document.text, instruction.span), document.escape))
    starts = [0, *accumulate(len(text) for _, text in parts)][:-1]
    line = "".join(text for _, text in parts)
    found: list[Token] = []
    counted, number = instruction.span.start, instruction.span.line
    for first, last in _places(line, instruction.name, document.escape):
        start, end = _in_text(parts, starts, first), _in_text(parts, starts, last - 1) + 1
        number += document.text.count("\n", counted, start)
        counted = start
        found.append(Token(document.text[start:end], Span(start, end, number)))
    return tuple(found)


def _lines(text: str, span: Span) -> Iterator[Placed]:
    start = span.start + (span.start == 0 and text.startswith(blanks.BYTE_ORDER_MARK))
    while start < span.end:
        end = text.find("\n", start, span.end) + 1 or span.end
        yield start, text[start:end]
        start = end


def _in_text(parts: list[Placed], starts: list[int], offset: int) -> int:
    index = bisect_right(starts, offset) - 1
    return parts[index][0] + offset - starts[index]


def _places(line: str, name: str, escape: str) -> Iterator[tuple[int, int]]:
    line = line.rstrip(blanks.UNICODE)
    keyword = _WORD.search(line, len(line) - len(line.lstrip(blanks.UNICODE)))
    if keyword is None:
        return
    yield keyword.span()
    position = keyword.end()
    while match := _WORD.search(line, position):
        position = match.start()
        if not line.startswith("--", position):
            break
        word, end = arguments.flag(line, position, escape)
        position = min(end, len(line))
        yield match.start(), position
        if word == "--":
            break
    if name in ("ENV", "LABEL", "ARG"):
        yield from ((position + start, position + end) for start, end in arguments.pair_words(line[position:], escape))
    else:
        yield from (match.span() for match in _WORD.finditer(line, position))
