"""Words of a shell script: quotes, escapes, and everything that begins with `$` or a backquote.

The rules are POSIX's (shell command language, sections 2.2 and 2.6) with what bash and busybox add. A script inside
a word is read by the grammar through `Reader.block`, so nothing is searched for its end first.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import groupby

from rewriter.semantics.shell.ansi import decoded
from rewriter.semantics.shell.reader import Awaited, Reader, linebreaks
from rewriter.semantics.shell.tree import (
    Arithmetic,
    Array,
    Dialect,
    Heredoc,
    Part,
    Substitution,
    Text,
    Variable,
    Word,
)

METACHARACTERS = " \t\n;&|()<>"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME_REST = re.compile(r"[A-Za-z0-9_]+")
_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]")
_PREFIX = re.compile(r"[#!](?=[A-Za-z0-9_@*])")
_OPERATOR = re.compile(r":[-=?+]|##|%%|//|/[#%]|\^\^|,,|[-=?+#%/^,@:]")
_DEFAULTS = frozenset((":-", "-", ":=", "=", ":?", "?", ":+", "+"))
_ARITHMETIC_MARKS = re.compile(r"[()'\"\\]")


def word(reader: Reader) -> Word:
    """Read one word; the reader stands at its first character.

    Raises:
        UnreadableError: a quote, brace or parenthesis is not closed.
    """
    return _word_until(reader, METACHARACTERS)


def array(reader: Reader) -> Array:
    """Read the words of an array assignment; the opening parenthesis is read."""
    words = []
    linebreaks(reader)
    while not reader.ended and reader.character() not in "();&|<>":
        words.append(word(reader))
        linebreaks(reader)
    if not reader.take(")"):
        raise reader.fail("unbalanced parenthesis")
    return Array(tuple(words))


def await_heredoc(reader: Reader, *, strip: bool) -> tuple[Word, int]:
    """Read the delimiter of a here-document, note that its body comes, and return delimiter and number."""
    delimiter = word(reader)
    texts = [part for part in delimiter.parts if isinstance(part, Text)]
    quoted = any(part.quoted for part in texts)
    text = "".join(part.text for part in texts) if len(texts) == len(delimiter.parts) else delimiter.raw
    index = len(reader.found.heredocs)
    reader.found.heredocs.append(Heredoc("", ()))
    reader.awaited.append(Awaited(index, text, strip, expand=not quoted))
    return delimiter, index


def calculation(reader: Reader) -> tuple[Part, ...] | None:
    """Read the inside of `((...))` after its opening; None, with nothing read, where it does not end in `))`."""
    end = _end_of_arithmetic(reader)
    if end is None:
        return None
    inner = reader.inside(reader.text[reader.position : end], reader.line())
    reader.position = end + 2
    return body_parts(inner)


def body_parts(reader: Reader) -> tuple[Part, ...]:
    """Read a whole here-document body in which variables are expanded."""
    parts: list[Part] = []
    while not reader.ended:
        parts += _expanding(reader, "")
    return _joined(parts)


def _word_until(reader: Reader, stop: str) -> Word:
    start, line = reader.position, reader.line()
    parts = _unquoted(reader, stop)
    return Word(parts, reader.text[start : reader.position], line)


def _unquoted(reader: Reader, stop: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    while not reader.ended:
        if reader.character() in stop and not (stop == METACHARACTERS and _goes_on(reader)):
            break
        parts += _unquoted_piece(reader, stop)
    return _joined(parts)


def _goes_on(reader: Reader) -> bool:
    """Whether a metacharacter belongs to the word all the same: `<(...)`, or the parenthesis of `@(a|b)`."""
    if reader.character() in "<>":
        return reader.character(1) == "("
    return reader.looking_at("(") and reader.position > 0 and reader.text[reader.position - 1] in "?*+@!"


def _unquoted_piece(reader: Reader, stop: str) -> tuple[Part, ...]:
    match reader.character():
        case "'":
            return (_single(reader),)
        case '"':
            return _double(reader)
        case "\\":
            return _escape(reader)
        case "$":
            return _dollar(reader, quoted=False)
        case "`":
            return (_backquoted(reader, quoted=False),)
        case "<" | ">" if stop == METACHARACTERS:
            return (_process(reader),)
        case "(" if stop == METACHARACTERS:
            return _alternatives(reader)
        case _:
            return (Text(_run(reader, _plain(stop)), quoted=False),)


@cache
def _plain(stop: str) -> re.Pattern[str]:
    return re.compile("[^" + re.escape(stop + "'\"\\$`") + "]+")


def _run(reader: Reader, plain: re.Pattern[str]) -> str:
    found = plain.match(reader.text, reader.position)
    text = found[0] if found else reader.character()
    reader.position += len(text)
    return text


def _single(reader: Reader) -> Text:
    end = reader.text.find("'", reader.position + 1)
    if end < 0:
        raise reader.fail("unbalanced quote")
    text = reader.text[reader.position + 1 : end]
    reader.position = end + 1
    return Text(text, quoted=True)


def _escape(reader: Reader) -> tuple[Part, ...]:
    reader.position += 1
    if reader.take("\n"):
        return ()
    # A backslash that ends the script stands for itself, in dash and bash alike.
    text = reader.character() or "\\"
    reader.position += 1
    return (Text(text, quoted=True),)


def _double(reader: Reader) -> tuple[Part, ...]:
    opening = reader.fail("unbalanced quote")
    reader.position += 1
    parts: list[Part] = [Text("", quoted=True)]
    while not reader.take('"'):
        if reader.ended:
            raise opening
        parts += _expanding(reader, '"')
    return tuple(parts)


def _expanding(reader: Reader, quote: str) -> tuple[Part, ...]:
    """Read one piece of text in which only `$`, backquote and backslash mean something, and `quote` ends it."""
    match reader.character():
        case "$":
            return _dollar(reader, quoted=True)
        case "`":
            return (_backquoted(reader, quoted=True),)
        case "\\":
            return _escape_before(reader, "$`\\" + quote)
        case _:
            return (Text(_run(reader, _expanding_plain(quote)), quoted=True),)


@cache
def _expanding_plain(quote: str) -> re.Pattern[str]:
    return re.compile("[^" + re.escape(quote + "\\$`") + "]+")


def _escape_before(reader: Reader, special: str) -> tuple[Part, ...]:
    reader.position += 1
    if reader.take("\n"):
        return ()
    character = reader.character()
    if not character or character not in special:
        return (Text("\\", quoted=True),)
    reader.position += 1
    return (Text(character, quoted=True),)


def _dollar(reader: Reader, *, quoted: bool) -> tuple[Part, ...]:
    reader.position += 1
    _continuations(reader)
    if reader.take("{"):
        return (_braced(reader, quoted=quoted),)
    if reader.take("(("):
        return (_arithmetic(reader, quoted=quoted),)
    if reader.take("("):
        return (_substitution(reader, "$(", quoted=quoted),)
    if not quoted and reader.character() in ("'", '"'):
        return _dollar_quoted(reader)
    if name := _name(reader):
        return (Variable(name, "", None, quoted),)
    if not _PARAMETER.fullmatch(reader.character()):
        return (Text("$", quoted=True),)
    reader.position += 1
    return (Variable(reader.character(-1), "", None, quoted),)


def _name(reader: Reader) -> str:
    """A name goes on after a line continuation, for continuations are gone before anything else is looked at."""
    pieces = []
    following = _NAME
    while piece := _matched(reader, following):
        pieces.append(piece)
        _continuations(reader)
        following = _NAME_REST
    return "".join(pieces)


def _continuations(reader: Reader) -> None:
    while reader.take("\\\n"):
        pass


def _dollar_quoted(reader: Reader) -> tuple[Part, ...]:
    if reader.character() == '"':
        return (Dialect("", "$"), *_double(reader))
    end = reader.position + 1
    while end < len(reader.text) and reader.text[end] != "'":
        end += 2 if reader.text[end] == "\\" else 1
    if end >= len(reader.text):
        raise reader.fail("unbalanced quote")
    inside = reader.text[reader.position + 1 : end]
    reader.position = end + 1
    return (Dialect(decoded(inside), "$" + inside),)


def _braced(reader: Reader, *, quoted: bool) -> Variable:
    reader.enter()
    opening = reader.fail("unbalanced brace")
    prefix = _matched(reader, _PREFIX)
    name = _matched(reader, _PARAMETER)
    if not name:
        raise reader.fail("bad substitution")
    operator = {"#": "length", "!": "indirect", "": ""}[prefix]
    if reader.take("["):
        _word_until(reader, "]")
        operator = operator or "subscript"
        reader.take("]")
    written = _matched(reader, _OPERATOR)
    argument = _argument(reader, written, quoted=quoted) if written else None
    if not reader.take("}"):
        raise opening if reader.ended else reader.fail("bad substitution")
    reader.leave()
    return Variable(name, operator or written, argument, quoted)


def _matched(reader: Reader, pattern: re.Pattern[str]) -> str:
    found = pattern.match(reader.text, reader.position)
    text = found[0] if found else ""
    reader.position += len(text)
    return text


def _argument(reader: Reader, operator: str, *, quoted: bool) -> Word:
    if not quoted or operator not in _DEFAULTS:
        return _word_until(reader, "}")
    # Inside double quotes a single quote is an ordinary character of a default value.
    start, line = reader.position, reader.line()
    parts: list[Part] = []
    while not reader.ended and not reader.looking_at("}"):
        parts += _double(reader) if reader.looking_at('"') else _expanding(reader, '"}')
    return Word(_joined(parts), reader.text[start : reader.position], line)


def _arithmetic(reader: Reader, *, quoted: bool) -> Part:
    """Read `$((...))` after its opening; where it does not end in `))` it is `$(` with a subshell in it."""
    parts = calculation(reader)
    if parts is not None:
        return Arithmetic(parts, quoted)
    reader.position -= 1
    return _substitution(reader, "$(", quoted=quoted)


def _end_of_arithmetic(reader: Reader) -> int | None:
    depth, position = 0, reader.position
    while found := _ARITHMETIC_MARKS.search(reader.text, position):
        mark, place = found[0], found.start()
        position = place + 1
        if mark in "'\"":
            position = reader.text.find(mark, position) + 1 or len(reader.text)
        elif mark == "\\":
            position += 1
        elif mark == "(":
            depth += 1
        elif depth:
            depth -= 1
        else:
            return place if reader.text.startswith("))", place) else None
    return None


def _substitution(reader: Reader, opener: str, *, quoted: bool) -> Substitution:
    reader.enter()
    opening = reader.fail("unbalanced parenthesis")
    body = reader.block(reader)
    if not reader.take(")"):
        raise opening if reader.ended else reader.fail(f"unexpected {reader.character()!r}")
    reader.leave()
    return Substitution(opener, body, quoted)


def _process(reader: Reader) -> Substitution:
    opener = reader.character() + "("
    reader.position += 2
    return _substitution(reader, opener, quoted=False)


def _alternatives(reader: Reader) -> tuple[Part, ...]:
    reader.enter()
    reader.position += 1
    inner = _unquoted(reader, ")")
    if not reader.take(")"):
        raise reader.fail("unbalanced parenthesis")
    reader.leave()
    return (Text("(", quoted=False), *inner, Text(")", quoted=False))


def _backquoted(reader: Reader, *, quoted: bool) -> Substitution:
    line = reader.line()
    text = _inside_backquotes(reader, '"$`\\' if quoted else "$`\\")
    inner = reader.inside(text, line)
    body = inner.block(inner)
    if not inner.ended:
        raise inner.fail(f"unexpected {inner.character()!r}")
    return Substitution("`", body, quoted)


def _inside_backquotes(reader: Reader, special: str) -> str:
    opening = reader.fail("unbalanced backquote")
    reader.position += 1
    pieces: list[str] = []
    while not reader.take("`"):
        if reader.ended:
            raise opening
        if reader.take("\\") and reader.character() not in special:
            pieces.append("\\")
        pieces.append(reader.character())
        reader.position += 1
    return "".join(pieces)


def _joined(parts: list[Part]) -> tuple[Part, ...]:
    """Put neighbouring texts of the same quoting together."""
    joined: list[Part] = []
    for quoted, run in groupby(parts, key=lambda part: part.quoted if isinstance(part, Text) else None):
        if quoted is None:
            joined += run
        else:
            joined.append(Text("".join(part.text for part in run if isinstance(part, Text)), quoted))
    return tuple(joined)
