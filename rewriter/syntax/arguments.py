"""One joined line of a Dockerfile taken apart: keyword, flags, and arguments in the way of that keyword.

Follows the line parsers of BuildKit (`frontend/dockerfile/parser`): they know nothing of arity or of flag names, which
`instructions` checks, and nothing of continuations and heredocs, which `scanner` reads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial

from rewriter.record import record
from rewriter.syntax import blanks, exec_form
from rewriter.syntax.document import Form

# BuildKit recurses as long as ONBUILD follows ONBUILD and refuses the chain afterwards; two inner levels show it.
_MAX_TRIGGERS = 2

_LATIN_1_BLANKS = re.compile(f"[{blanks.LATIN_1}]+")
_QUOTES = ("'", '"')
# A dash, or a stray byte that is a blank in Latin-1.
_MAY_PRECEDE_FLAGS = "-\udc85\udca0"
_PIECES = {e: re.compile(f"[{blanks.UNICODE}]+|['\"{e}{e}]|[^{blanks.UNICODE}'\"{e}{e}]+") for e in "\\`"}


@record
class Arguments:
    """What follows the flags: `words` or `value` as in `Instruction`; `refusal` is BuildKit's message, or ""."""

    form: Form | None = None
    words: tuple[str, ...] = ()
    value: str | None = None
    refusal: str = ""


@record
class Line:
    """A joined line, taken apart; `trigger` is what follows ONBUILD."""

    text: str
    keyword: str
    flags: tuple[str, ...]
    rest: str
    arguments: Arguments
    trigger: Line | None

    @property
    def refusal(self) -> str:
        """Why BuildKit's parser refuses the line or its trigger, "" if it does not."""
        return self.arguments.refusal or (self.trigger.refusal if self.trigger else "")

    @property
    def takes_heredocs(self) -> bool:
        """Whether BuildKit looks for heredocs here: shell-form RUN, COPY and ADD, also behind one ONBUILD."""
        line = self.trigger if self.trigger and self.keyword.lower() == "onbuild" else self
        return line.keyword.lower() in ("run", "copy", "add") and line.arguments.form != "json"


def read(text: str, escape: str, depth: int = 0) -> Line:
    """Return the parts of a joined line. Never raises; where BuildKit refuses, the line says so."""
    keyword, written_flags, rest = _split(text, escape)
    name = keyword.lower()
    trigger = read(rest, escape, depth + 1) if name == "onbuild" and rest and depth < _MAX_TRIGGERS else None
    arguments = _READERS[name](rest, escape) if name in _READERS else Arguments()
    return Line(text, keyword, written_flags, rest, arguments, trigger)


def pair_words(text: str, escape: str) -> Iterator[tuple[int, int]]:
    """Yield the places of the words of ENV, LABEL and ARG: quotes and escapes keep blanks inside a word.

    A lone escape that ends the text belongs to no word.
    """
    start, quote, position = -1, "", 0
    while position < len(text):
        piece = _piece(text, position, escape)
        following = position + len(piece)
        if piece == escape and quote != "'":
            if following == len(text):
                break
            following += 1
        elif piece in _QUOTES:
            quote = "" if piece == quote else quote or piece
        if piece[0] not in blanks.UNICODE or quote:
            start = position if start < 0 else start
        elif start >= 0:
            yield start, position
            start = -1
        position = following
    if start >= 0:
        yield start, position


def flag(text: str, position: int, escape: str) -> tuple[str, int]:
    """Return the flag at a position without its quotes and escapes, and where it ends.

    Unlike elsewhere, an escape counts inside single quotes too.
    """
    word: list[str] = []
    quote = ""
    while position < len(text) and (quote or text[position] not in blanks.LATIN_1):
        char = text[position]
        position += 1
        if char == quote:
            quote = ""
        elif char in _QUOTES and not quote:
            quote = char
        elif char == escape:
            word.append(text[position : position + 1])
            position += 1
        else:
            word.append(char)
    return "".join(word), position


def _piece(text: str, position: int, escape: str) -> str:
    match = _PIECES[escape].match(text, position)
    return match[0] if match else text[position]


def _split(text: str, escape: str) -> tuple[str, tuple[str, ...], str]:
    stripped = text.strip(blanks.UNICODE)
    match = blanks.RUN.search(stripped)
    if match is None:
        return stripped, (), ""
    flags, rest = _flags(stripped[match.end() :], escape)
    return stripped[: match.start()], flags, rest.strip(blanks.UNICODE)


def _flags(text: str, escape: str) -> tuple[tuple[str, ...], str]:
    """The leading words that start with two dashes. BuildKit takes each byte here for a character of Latin-1."""
    if text[0] not in _MAY_PRECEDE_FLAGS:
        return (), text
    found: list[str] = []
    text = blanks.latin_1(text)
    position = _after_blanks(text, 0)
    while text.startswith("--", position):
        word, position = flag(text, position, escape)
        if word == "--":
            break
        found.append(word)
        position = _after_blanks(text, position)
    return tuple(found), blanks.from_latin_1(text[position:])


def _after_blanks(text: str, position: int) -> int:
    match = _LATIN_1_BLANKS.match(text, position)
    return match.end() if match else position


def _maybe_json(rest: str, _escape: str) -> Arguments:
    """RUN, CMD, ENTRYPOINT, SHELL: a JSON array, or one text."""
    return _json(rest) or (Arguments("shell", value=rest) if rest else Arguments())


def _maybe_json_list(rest: str, escape: str) -> Arguments:
    """ADD, COPY, VOLUME: a JSON array, or words between blanks."""
    return _json(rest) or _list(rest, escape)


def _json(rest: str) -> Arguments | None:
    try:
        words = exec_form.strings(rest)
    except exec_form.NotStringsError as error:
        return Arguments(refusal=str(error))
    return None if words is None else Arguments("json", words)


def _list(rest: str, _escape: str) -> Arguments:
    """FROM, EXPOSE: words between ASCII blanks; quotes group nothing."""
    return Arguments(words=tuple(blanks.RUN.split(rest)) if rest else ())


def _text(rest: str, _escape: str) -> Arguments:
    """MAINTAINER, STOPSIGNAL, USER, WORKDIR: one text."""
    return Arguments(value=rest or None)


def _names(rest: str, escape: str) -> Arguments:
    """ARG: words, each a name or a name with a default."""
    return Arguments(words=tuple(rest[start:end] for start, end in pair_words(rest, escape)))


def _name_values(keyword: str, rest: str, escape: str) -> Arguments:
    """ENV, LABEL: `name=value` words, or in the old form one name and, after blanks, one value."""
    words = [rest[start:end] for start, end in pair_words(rest, escape)]
    if words and "=" not in words[0]:
        old = blanks.RUN.split(rest, 1)
        return Arguments(words=(*old, "")) if len(old) == 2 else Arguments(refusal=f"{keyword} must have two arguments")
    bad = next((word for word in words if "=" not in word), None)
    if bad is not None:
        written = json.dumps(bad, ensure_ascii=False)
        return Arguments(refusal=f"Syntax error - can't find = in {written}. Must be of the form: name=value")
    split = (word.partition("=") for word in words)
    return Arguments(words=tuple(part for name, mark, value in split for part in (name, value, mark)))


def _healthcheck(rest: str, escape: str) -> Arguments:
    """HEALTHCHECK: a type and the command. The blanks between are looked for byte by byte, as in flags."""
    match = _LATIN_1_BLANKS.search(blanks.latin_1(rest))
    if match is None:
        return Arguments(words=(rest,) if rest else ())
    kind = blanks.from_latin_1(match.string[: match.start()])
    command = _maybe_json(blanks.from_latin_1(match.string[match.end() :]), escape)
    if command.refusal:
        return command
    words = command.words if command.value is None else (command.value,)
    return Arguments(command.form, (kind, *words))


_READERS: dict[str, Callable[[str, str], Arguments]] = {
    "add": _maybe_json_list,
    "arg": _names,
    "cmd": _maybe_json,
    "copy": _maybe_json_list,
    "entrypoint": _maybe_json,
    "env": partial(_name_values, "ENV"),
    "expose": _list,
    "from": _list,
    "healthcheck": _healthcheck,
    "label": partial(_name_values, "LABEL"),
    "maintainer": _text,
    "run": _maybe_json,
    "shell": _maybe_json,
    "stopsignal": _text,
    "user": _text,
    "volume": _maybe_json_list,
    "workdir": _text,
}
