"""The second reader: dockerfile_parse must see the instructions that we see.

It reads a masked copy of the text, since it is known to misread heredoc bodies, blank lines in continuations and some
rarer things (each mask says which). It checks our reading and never changes it; nothing is read or written on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import zip_longest

from rewriter.syntax import blanks, continuations
from rewriter.syntax.document import Blank, Comment, Directive, Document, Instruction

# Stand-ins from the private use area, one character for one; both readings pass through the same table.
_MASK = "\ue000"
_STAND_INS = {blank: chr(0xE001 + n) for n, blank in enumerate("\v\f\r\x1c\x1d\x1e\x1f" + blanks.UNICODE[6:])}
_MASKS = str.maketrans(_STAND_INS)
_EDGES = blanks.UNICODE + blanks.UNICODE.translate(_MASKS)

# Line, keyword, and all that follows the keyword.
_Seen = tuple[int, str, str]


def disagreement(document: Document) -> str | None:
    """Return a sentence naming the first instruction that the second reader sees otherwise, None if there is none.

    Compared are the line an instruction starts on, its keyword, and all that follows, heredoc bodies apart.
    """
    ours = [_seen(one, document.escape) for one in document.instructions if one.keyword]
    for mine, other in zip_longest(ours, _second_reading("".join(_masked(document)))):
        if mine != other:
            return f"line {(mine or other)[0]}: the second reader sees {_told(other)}, we see {_told(mine)}"
    return None


def _told(seen: _Seen | None) -> str:
    return "no further instruction" if seen is None else f"{f'{seen[1]} {seen[2]}'[:80]!r} on line {seen[0]}"


def _second_reading(text: str) -> list[_Seen]:
    from dockerfile_parse import DockerfileParser  # noqa: PLC0415  (needed for the check alone)

    parser = DockerfileParser(fileobj=BytesIO(text.encode("utf-8")))
    return [
        (one["startline"], one["instruction"], one["value"].strip(_EDGES))
        for one in parser.structure
        if not one["content"].lstrip().startswith("#")
    ]


def _seen(instruction: Instruction, escape: str) -> _Seen:
    text = _without_end_mark(instruction.text.strip(blanks.UNICODE), escape)
    keyword, value = text[: len(instruction.keyword)], text[len(instruction.keyword) :]
    return instruction.span.line, _plain(keyword).upper(), _plain(value).strip(_EDGES)


def _masked(document: Document) -> Iterator[str]:
    # It knows no `check`, no shebang and no byte-order mark, so one directive of ours stands for the file's.
    yield f"# escape={document.escape}\n"
    text = document.text.removeprefix(blanks.BYTE_ORDER_MARK)
    offset = len(text) - len(document.text)
    for item in document.items:
        lines = blanks.lines(text[max(item.span.start + offset, 0) : item.span.end + offset])
        match item:
            case Blank():
                yield "\n"
            case Comment() | Directive():
                yield _comment(lines[0])
            case Instruction():
                yield from _instruction(lines, document.escape)


def _comment(line: str) -> str:
    # BuildKit lets all Unicode blanks precede a comment.
    return _plain(line.rstrip("\r\n").lstrip(blanks.UNICODE)) + "\n"


def _instruction(lines: list[str], escape: str) -> Iterator[str]:
    """The lines of one instruction; what it would misread becomes a comment, so that all lines keep their numbers."""
    parts = _parts(lines, escape)
    last = max(parts)
    for index, line in enumerate(lines):
        if index in parts:
            yield _plain(parts[index]) + "\n"
        elif index < last and line.lstrip(blanks.UNICODE).startswith("#"):
            yield _comment(line)
        else:
            # A blank line would end the instruction, and the body of a heredoc is read as instructions.
            yield "#\n"


def _parts(lines: list[str], escape: str) -> dict[int, str]:
    """The lines that make up the joined line, by index, as the second reader gets them."""
    parts: dict[int, str] = {}
    continues = True
    for index, line in enumerate(lines):
        if continues and not (parts and continuations.is_skipped(line)):
            parts[index] = line.rstrip("\r\n")
            continues = continuations.split(line, escape)[1]
    last = max(parts)
    if continues:
        # An instruction that ends in a continuation mark, as the file does, would be lost.
        parts[last] = _without_end_mark(continuations.split(parts[last], escape)[0].rstrip(blanks.UNICODE), escape)
    else:
        bare = parts[last].rstrip(blanks.UNICODE)
        if bare.endswith(escape * 2) or bare != parts[last].rstrip("\t "):
            # An escape that is doubled, or before another blank than these, would be taken for a mark.
            parts[last] = _without_end_mark(bare, escape)
    return _with_keyword_apart(parts, escape)


def _with_keyword_apart(parts: dict[int, str], escape: str) -> dict[int, str]:
    """Join what stands before the first blank, since a keyword that touches a mark would swallow it."""
    before: list[str] = []
    left = dict(parts)
    for index, part in parts.items():
        last = part if before else part.lstrip(blanks.UNICODE)
        del left[index]
        text = continuations.split(last, escape)[0]
        if blanks.RUN.search(text) or not left:
            break
        before += [text] if text else []
    return {min(parts): _with_plain_blank("".join(before) + last), **left}


def _with_plain_blank(line: str) -> str:
    """The line with a space where the keyword ends in another ASCII blank, which would have been masked."""
    match = blanks.RUN.search(line)
    return line[: match.start()] + " " + line[match.start() + 1 :] if match else line


def _without_end_mark(text: str, escape: str) -> str:
    body = text.rstrip("\t ")
    return body[:-1] + _MASK + text[len(body) :] if body.endswith(escape) else text


def _plain(text: str) -> str:
    """The text as it can be encoded, without blanks that only one of the readers takes for such."""
    return blanks.without_surrogates(text).translate(_MASKS)
