"""A light scanner for languages written like C: tokens, and the calls and literals they form.

Strings and comments are respected, nothing else is understood: no types, no scopes. Linear in the text, works on any
text, and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from rewriter.record import record

Kind = Literal["name", "text", "template", "mark", "comment"]


@record
class Syntax:
    """What differs: `raw` quotes know no escapes, `lines` quotes end with the line, `templates` are JavaScript's.

    `slashes` says that a slash can open a regular expression, `hashes` that comments begin with `#` (and not with two
    slashes), `triples` that tripled quotes open a string of many lines; `joins` are the functions that join paths.
    """

    raw: str = ""
    lines: str = "\"'"
    templates: bool = False
    slashes: bool = False
    hashes: bool = False
    triples: bool = False
    joins: frozenset[str] = frozenset()


GO = Syntax(raw="`", joins=frozenset({"path.Join", "filepath.Join", "path/filepath.Join"}))
JAVA = Syntax(triples=True)
PYTHON = Syntax(hashes=True, triples=True)
JAVASCRIPT = Syntax(templates=True, slashes=True)


class Token(NamedTuple):
    """`text` is the value of a string (a template's up to its first `${`), else what stands there."""

    kind: Kind
    text: str
    line: int


class Argument(NamedTuple):
    """One argument. `text` is the literal it starts with, `whole` whether that is all of it.

    `name` is set where it is a (dotted) name and nothing more, `items` where it is a list of literals in brackets.
    """

    text: str | None
    whole: bool
    name: str
    items: tuple[str, ...]


class Group(NamedTuple):
    """What stands between brackets, with the dotted name before them: `os.Open("a")`, `fiber.Config{Prefork: true}`.

    After something that is not a name the first part is empty: `f().Static("/", "web")` has the name `.Static`.
    `pairs` are `key: value`, those of an object given as an argument included.
    """

    opener: str
    name: str
    arguments: tuple[Argument, ...]
    pairs: tuple[tuple[str, str], ...]
    line: int

    @property
    def method(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]

    @property
    def literals(self) -> tuple[str, ...]:
        """The values of the arguments that are one literal."""
        return tuple(argument.text for argument in self.arguments if argument.text is not None and argument.whole)


_WORD = re.compile(r"[\w$]+")
_BLANKS = re.compile(r"[^\S\n]+")
_TRIPLES = {quote: re.compile(rf"(?:[^\\{quote}]|\\.|{quote}(?!{quote * 2}))*+", re.DOTALL) for quote in "\"'"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
# Before these a slash divides; after anything else it opens a regular expression (a name, but not a keyword, too).
_OPERANDS = ")]}"
_LONGEST_REGEX = 400  # keeps a line of stray slashes from being read again and again
_KEYWORDS = frozenset({"return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "await"})


def scan(text: str, syntax: Syntax) -> Iterator[Token]:
    """Yield the tokens; block comments and regular expressions are left out."""
    at, line = 0, 1
    last = Token("mark", "", 0)
    while at < len(text):
        token, end = _token(text, at, line, syntax, last)
        line += text.count("\n", at, end)
        at = end
        if token is None:
            continue
        yield token
        if token.kind != "comment":
            last = token


def groups(
    tokens: Iterable[Token], syntax: Syntax, constants: Mapping[str, str] | None = None, only: Container[str] = "([{"
) -> Iterator[Group]:
    """Yield everything in brackets, inner before outer. `constants` are names that stand for a literal."""
    stack = [_Open("", "", 0)]
    for token in tokens:
        top = stack[-1]
        if token.kind == "comment":
            continue
        if token.kind == "mark" and token.text in "([{":
            stack.append(_Open(token.text, top.dotted(), token.line, starts=top.is_name()))
            top.count += 1
            top.chain = []
        elif token.kind == "mark" and token.text in ")]}":
            if len(stack) > 1:
                group = stack.pop().close(constants or {})
                stack[-1].take(group, syntax, starts=top.starts)
                if group.opener in only:
                    yield group
        else:
            top.add(token, constants or {})


def literal_names(tokens: Iterable[Token]) -> dict[str, str]:
    """Return the names that are set to one literal and to nothing else (`const dir = "web"`, `dir := "web"`)."""
    found: dict[str, str | None] = {}
    window = [Token("mark", "", 0)]
    for token in (*tokens, Token("mark", "", -1)):
        if token.kind == "comment":
            continue
        window = [*window[-4:], token]
        if len(window) < 5:
            continue
        name, equals, value, after = window[1:]
        if name.text == ":":  # Go's short form, `name := "x"`
            name = window[0]
        if name.kind != "name" or equals[:2] != ("mark", "=") or value.text == "=":
            continue
        literal = value.kind == "text" and (after.line != value.line or after.text in {";", ",", ")", "}"})
        found[name.text] = value.text if literal and found.get(name.text, value.text) == value.text else None
    return {name: value for name, value in found.items() if value is not None}


@dataclass(slots=True)
class _Open:
    """A bracket that is still open, and the argument being read in it."""

    opener: str
    name: str
    line: int
    starts: bool = False
    arguments: list[Argument] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    chain: list[str] = field(default_factory=list)
    dot: bool = False
    text: str | None = None
    whole: bool = False
    items: tuple[str, ...] = ()
    key: str | None = None
    count: int = 0

    def dotted(self) -> str:
        return ".".join(self.chain)

    def is_name(self) -> bool:
        """Return whether nothing but a dotted name (or nothing at all) was read of the argument so far."""
        return self.count == max(0, 2 * len(self.chain) - 1)

    def add(self, token: Token, constants: Mapping[str, str]) -> None:
        """Take one token into the argument being read."""
        if token.kind == "mark" and token.text in ",;":
            self.end(constants)
            return
        if token.kind == "mark" and token.text == ":" and self.count == 1 and self.key is None:
            self.key = self.text if self.text is not None else self.dotted()
            self.chain, self.text, self.count, self.whole = [], None, 0, False
            return
        if token.text == "=" and self.key is not None and not self.count:
            self.key = None  # Go's `:=`
        self.whole = False
        if token.kind in {"text", "template"} and self.count == 0:
            self.text, self.whole = token.text, token.kind == "text"
        self.follow(token)
        self.count += 1

    def follow(self, token: Token) -> None:
        """Keep the dotted name that ends here."""
        if token.kind == "mark" and token.text == ".":
            self.chain, self.dot = self.chain or [""], True
        elif token.kind == "name":
            self.chain, self.dot = [*self.chain, token.text] if self.dot else [token.text], False
        else:
            self.chain, self.dot = [], False

    def end(self, constants: Mapping[str, str]) -> None:
        """Close the argument being read."""
        name = self.dotted() if self.is_name() else ""
        text, whole = (constants[name], True) if name in constants else (self.text, self.whole)
        if self.key is not None:
            self.pairs.append((self.key, text if text is not None else name))
        elif self.count:
            self.arguments.append(Argument(text, whole, name, self.items))
        self.chain, self.text, self.whole, self.items, self.key, self.count = [], None, False, (), None, 0

    def close(self, constants: Mapping[str, str]) -> Group:
        self.end(constants)
        return Group(self.opener, self.name, tuple(self.arguments), tuple(self.pairs), self.line)

    def take(self, group: Group, syntax: Syntax, *, starts: bool) -> None:
        """Let a closed inner group be (part of) the argument being read."""
        self.chain, self.dot = [], False
        self.whole = False
        if group.opener == "{" and self.opener == "(":
            self.pairs += group.pairs
        if not starts:
            return
        if group.opener == "[":
            self.items = group.literals
        if group.name in syntax.joins and group.arguments and len(group.literals) == len(group.arguments):
            self.text, self.whole = "/".join(group.literals), True


def _token(text: str, at: int, line: int, syntax: Syntax, last: Token) -> tuple[Token | None, int]:
    char = text[at]
    if char == "\n":
        return None, at + 1
    if blanks := _BLANKS.match(text, at):
        return None, blanks.end()
    if text.startswith("#" if syntax.hashes else "//", at):
        end = _find(text, "\n", at)
        return Token("comment", text[at:end], line), end
    if text.startswith("/*", at) and not syntax.hashes:
        return None, min(_find(text, "*/", at + 2) + 2, len(text))
    if word := _WORD.match(text, at):
        return Token("name", word[0], line), word.end()
    if char in syntax.raw or char in syntax.lines or (char == "`" and syntax.templates):
        return _quoted(text, at, line, syntax)
    if char == "/" and syntax.slashes and _opens_regex(last):
        return None, _regex_end(text, at)
    return Token("mark", char, line), at + 1


def _quoted(text: str, at: int, line: int, syntax: Syntax) -> tuple[Token, int]:
    char = text[at]
    if char in syntax.raw:
        end = _find(text, char, at + 1)
        return Token("text", text[at + 1 : end], line), end + 1
    if char == "`":
        return _template(text, at, line)
    if syntax.triples and text.startswith(char * 3, at):
        body = _TRIPLES[char].match(text, at + 3)
        end = body.end() if body else len(text)
        return Token("text", _value(text[at + 3 : end]), line), end + 3
    end = _string_end(text, at)
    return Token("text", _value(text[at + 1 : end]), line), end + 1


def _find(text: str, what: str, at: int) -> int:
    found = text.find(what, at)
    return len(text) if found < 0 else found


def _string_end(text: str, at: int) -> int:
    quote = text[at]
    at += 1
    while at < len(text) and text[at] not in (quote, "\n"):
        at += 2 if text[at] == "\\" else 1
    return at


def _value(raw: str) -> str:
    """Return the string without its escapes; numeric ones are left as they stand."""
    if "\\" not in raw:
        return raw
    out: list[str] = []
    rest = iter(raw)
    for char in rest:
        escaped = next(rest, "") if char == "\\" else None
        if escaped is None or escaped in {"x", "u", "U"}:
            out.append(char + (escaped or ""))
        else:
            out.append(_ESCAPES.get(escaped, escaped))
    return "".join(out)


def _template(text: str, at: int, line: int) -> tuple[Token, int]:
    """Read a template, the templates and blocks inside its `${}` included, with a stack instead of recursion."""
    start = at + 1
    first = -1
    stack = ["`"]
    at += 1
    while at < len(text) and stack:
        char = text[at]
        if char == "\\":
            at += 1
        elif stack[-1] == "`":
            if char == "`":
                stack.pop()
            elif text.startswith("${", at):
                first = at if first < 0 else first
                stack.append("{")
                at += 1
        elif char in "{`":
            stack.append(char)
        elif char == "}":
            stack.pop()
        elif char in "\"'":
            at = _string_end(text, at)
        at += 1
    if first >= 0:
        return Token("template", _value(text[start:first]), line), at
    return Token("text", _value(text[start : at - 1]), line), at


def _opens_regex(last: Token) -> bool:
    if last.kind == "name":
        return last.text in _KEYWORDS
    return last.kind == "mark" and last.text not in _OPERANDS


def _regex_end(text: str, at: int) -> int:
    """Return where a regular expression ends; just after the slash if the line ends before it does."""
    start = at + 1
    in_class = False
    at += 1
    end = min(len(text), at + _LONGEST_REGEX)
    while at < end and text[at] != "\n":
        char = text[at]
        if char == "/" and not in_class:
            return at + 1
        in_class = char == "[" or (in_class and char != "]")
        at += 2 if char == "\\" else 1
    return start
