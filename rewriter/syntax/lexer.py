"""BuildKit's word lexer: quotes, escapes and `$VAR` of one text (`frontend/dockerfile/shell/lex.go`).

It is not a shell: the rules look like one and differ in many corners. Knows nothing about instructions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from rewriter.record import record
from rewriter.syntax import blanks, patterns
from rewriter.syntax.patterns import MAX_LENGTH, WordError

# BuildKit sets no limit; ours keeps the recursion of this reader bounded, far beyond what anybody writes.
MAX_DEPTH = 100

_PLAIN = re.compile(r"[^$<'\"\\`/}\s]+")
_SINGLE_QUOTED = re.compile(r"'([^']*)'")
_SPECIAL_NAMES = "@*#?-$!0"
_HEREDOC_BLANKS = re.compile("[\t\r ]*")


class TooDeepError(WordError):
    """More nested substitutions than this reader follows; BuildKit may well take the text."""


@record
class Expansion:
    """What became of a text: as one word, split into words, and the names looked up with and without success."""

    value: str
    words: tuple[str, ...]
    matched: frozenset[str]
    unmatched: frozenset[str]


@dataclass(slots=True)
class _Reader:
    text: str
    env: Mapping[str, str]
    escape: str
    raw_quotes: bool
    keep_unset: bool
    quotes: bool
    raw_escapes: bool = False
    position: int = 0
    depth: int = 0
    expanded: int = 0
    # The current word is one buffer for all nesting levels, as in BuildKit: an inner text forgets the outer's word.
    word: list[str] = field(default_factory=list)
    matched: set[str] = field(default_factory=set)
    unmatched: set[str] = field(default_factory=set)

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def next(self) -> str:
        char = self.text[self.position : self.position + 1]
        self.position += len(char)
        return char

    def look_up(self, name: str) -> str | None:
        value = self.env.get(name)
        (self.unmatched if value is None else self.matched).add(name)
        self.expanded += len(value or "")
        if self.expanded > MAX_LENGTH:
            raise WordError(f"the expansion is longer than {MAX_LENGTH} characters")
        return value


def process(
    text: str,
    env: Mapping[str, str],
    escape: str,
    *,
    raw_quotes: bool = False,
    raw_escapes: bool = False,
    keep_unset: bool = False,
    quotes: bool = True,
) -> Expansion:
    r"""Return the text expanded: as one word (BuildKit's `ProcessWord`) and as words (`ProcessWords`).

    `raw_quotes` and `raw_escapes` leave quotes and escapes standing, `keep_unset` leaves `$NAME` of an unset
    variable standing; without `quotes` a quote is a character like others. Bad bytes become U+FFFD and a leading
    byte-order mark vanishes, as in BuildKit.

    Raises:
        WordError: the text does not follow the grammar, or a `${NAME:?message}` is not satisfied.
    """
    text = blanks.without_surrogates(text).removeprefix(blanks.BYTE_ORDER_MARK)
    reader = _Reader(text, env, escape, raw_quotes, keep_unset, quotes)
    value, words = _text(reader, "", raw_escapes=raw_escapes)
    return Expansion(value, tuple(words), frozenset(reader.matched), frozenset(reader.unmatched))


def names(text: str) -> Iterator[str]:
    """Yield the names behind each `$` or `${`, whatever stands around it."""
    position = text.find("$") + 1
    while position:
        position += text.startswith("{", position)
        end = _end_of_name(text, position)
        if end > position:
            yield text[position:end]
        position = text.find("$", position) + 1


class _Words:
    """The words of one nesting level; the word being read lives in the shared buffer."""

    __slots__ = ("buffer", "done", "in_word")

    def __init__(self, buffer: list[str]) -> None:
        self.buffer = buffer
        self.done: list[str] = []
        self.in_word = False

    def add(self, piece: str) -> None:
        """Add text whose blanks end words."""
        for char in piece:
            if char not in blanks.UNICODE:
                self.add_raw(char)
            elif self.in_word:
                self.close()

    def add_raw(self, piece: str) -> None:
        """Add text whose blanks belong to the word."""
        if piece:
            self.buffer.append(piece)
        self.in_word = True

    def close(self) -> None:
        if self.buffer:
            self.done.append("".join(self.buffer))
            self.buffer.clear()
            self.in_word = False


def _text(reader: _Reader, stop: str, *, raw_escapes: bool) -> tuple[str, list[str]]:
    """Text = { plain | escape any | quoted | "$" ... | "<<" blanks }, up to `stop` ("" for the end of the text)."""
    outer, reader.raw_escapes = reader.raw_escapes, raw_escapes
    result: list[str] = []
    reader.word.clear()
    words = _Words(reader.word)
    while (char := reader.peek()) and char != stop:
        result.append(_unit(reader, words, char))
    if char != stop:
        raise WordError(f"unexpected end of statement while looking for matching {stop}")
    reader.next()
    reader.raw_escapes = outer
    words.close()
    return "".join(result), words.done


def _unit(reader: _Reader, words: _Words, char: str) -> str:
    plain = _PLAIN.match(reader.text, reader.position)
    if plain:
        reader.position = plain.end()
        words.add_raw(plain[0])
        return plain[0]
    if char == "$":
        value = _dollar(reader)
        words.add(value)
        return value
    if char == "<" or (char in "'\"" and reader.quotes):
        piece = _MARKS[char](reader)
        words.add_raw(piece)
        return piece
    return _single(reader, words)


def _single(reader: _Reader, words: _Words) -> str:
    char = reader.next()
    if char != reader.escape:
        words.add(char)
        return char
    escaped = reader.next()
    kept = char + escaped if reader.raw_escapes else escaped
    if kept:
        words.add_raw(kept)
    return kept


def _single_quoted(reader: _Reader) -> str:
    """Everything up to the next single quote stands for itself."""
    match = _SINGLE_QUOTED.match(reader.text, reader.position)
    if match is None:
        reader.position = len(reader.text)
        raise WordError("unexpected end of statement while looking for matching single-quote")
    reader.position = match.end()
    return match[0] if reader.raw_quotes else match[1]


def _double_quoted(reader: _Reader) -> str:
    """Only `$`, the closing quote and an escape before one of `"`, `$` and the escape itself are special."""
    quote = reader.next() if reader.raw_quotes else reader.next()[1:]
    result = [quote]
    while char := reader.peek():
        if char == "$":
            result.append(_dollar(reader))
            continue
        reader.next()
        if char == '"':
            return "".join((*result, quote))
        result.append(_after_escape(reader) if char == reader.escape else char)
    raise WordError("unexpected end of statement while looking for matching double-quote")


def _after_escape(reader: _Reader) -> str:
    # With raw escapes BuildKit doubles an escape that escapes nothing.
    kept = reader.escape if reader.raw_escapes else ""
    following = reader.peek()
    if not following:
        return kept
    return kept + (reader.next() if following in ('"', "$", reader.escape) else reader.escape)


def _heredoc_mark(reader: _Reader) -> str:
    """Blanks after `<<` stay in the word, so that `<< EOF` is one word."""
    reader.next()
    if reader.peek() != "<":
        return "<"
    reader.next()
    match = _HEREDOC_BLANKS.match(reader.text, reader.position)
    space = match[0] if match else ""
    reader.position += len(space)
    return "<<" + space


_MARKS: dict[str, Callable[[_Reader], str]] = {"'": _single_quoted, '"': _double_quoted, "<": _heredoc_mark}


def _dollar(reader: _Reader) -> str:
    """Dollar = "$" name | "${" name [ modifier text ] "}"."""
    reader.next()
    if reader.peek() != "{":
        name = _name(reader)
        value = reader.look_up(name) if name else "$"
        return ("$" + name if reader.keep_unset else "") if value is None else value
    reader.next()
    if reader.peek() in ("", "{", "}", ":"):
        raise WordError("syntax error: bad substitution" if reader.peek() else "syntax error: missing '}'")
    reader.depth += 1
    if reader.depth > MAX_DEPTH:
        raise TooDeepError(f"substitutions are nested deeper than {MAX_DEPTH}")
    value = _braced(reader, _name(reader))
    reader.depth -= 1
    return value


def _name(reader: _Reader) -> str:
    start = reader.position
    reader.position = _end_of_name(reader.text, start)
    return reader.text[start : reader.position]


def _end_of_name(text: str, start: int) -> int:
    """Name = digits | special parameter | { letter | digit | "_" }."""
    end = start
    if text[end : end + 1].isdecimal():
        while text[end : end + 1].isdecimal():
            end += 1
    elif text[end : end + 1] and text[end] in _SPECIAL_NAMES:
        end += 1
    else:
        while (char := text[end : end + 1]) == "_" or char.isalpha() or char.isdecimal():
            end += 1
    return end


def _braced(reader: _Reader, name: str) -> str:
    mark = reader.next()
    if mark == "}":
        value = reader.look_up(name)
        return (f"${{{name}}}" if reader.keep_unset else "") if value is None else value
    if mark == "/":
        return _replaced(reader, name)
    colon = mark == ":"
    modifier = reader.next() if colon else mark
    written = ":" * colon + (modifier or "\ufffd")
    if (colon and modifier in ("#", "%")) or (not colon and modifier not in ("+", "-", "?", "#", "%")):
        raise WordError(f"unsupported modifier ({written}) in substitution")
    word = _inner(reader, "}", raw_escapes=modifier in ("#", "%"))
    value = reader.look_up(name)
    if value is None and reader.keep_unset:
        return f"${{{name}{written}{word}}}"
    return _modified(name, value, modifier, word, colon=colon)


def _inner(reader: _Reader, stop: str, *, raw_escapes: bool) -> str:
    """The text up to `stop`. An error that ate the rest of the text is reported as the missing stop."""
    try:
        return _text(reader, stop, raw_escapes=raw_escapes)[0]
    except TooDeepError:
        raise
    except WordError as error:
        if reader.peek():
            raise
        missing = "missing '/' in ${}" if stop == "/" else "missing '}'"
        raise WordError(f"syntax error: {missing}") from error


def _modified(name: str, value: str | None, modifier: str, word: str, *, colon: bool) -> str:
    is_set = value is not None and not (colon and value == "")
    match modifier:
        case "-":
            return value if value is not None and is_set else word
        case "+":
            return word if is_set else ""
        case "?":
            if value is not None and is_set:
                return value
            state = "unset" if value is None else "empty"
            raise WordError(f"{name}: {word or f'is not allowed to be {state}'}")
        case "#":
            return patterns.without_prefix(value or "", word.removeprefix("#"), greedy=word.startswith("#"))
        case "%":
            return patterns.without_suffix(value or "", word.removeprefix("%"), greedy=word.startswith("%"))
        case _:
            raise WordError(f"unsupported modifier (:{modifier}) in substitution")


def _replaced(reader: _Reader, name: str) -> str:
    every = reader.peek() == "/"
    if every:
        reader.next()
    pattern = _inner(reader, "/", raw_escapes=True)
    replacement = _inner(reader, "}", raw_escapes=True)
    value = reader.look_up(name)
    if value is None and reader.keep_unset:
        # BuildKit writes one slash back, whether there were one or two.
        return f"${{{name}/{pattern}/{replacement}}}"
    return patterns.replaced(value or "", pattern, replacement, every=every)
