"""What the words of a command become when some variables are known: expansion, splitting, and honest gaps."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rewriter.semantics.shell import command as flat
from rewriter.semantics.shell.tree import Dialect, Part, Text, Variable, Word

# What is known of the variables: None for one that may hold anything, as for a name that is missing.
Known = Mapping[str, str | None]
# A value that doubles itself line by line grows without bound; nothing of interest is this long.
LONGEST = 65536
_BLANKS = re.compile(r"([ \t\n]+)")
_PATTERN = re.compile(r"[*?[]")


def fields(word: Word, known: Known, *, bash: bool) -> tuple[flat.Word, ...]:
    """Return the words this word becomes: one as a rule, none or several where an unquoted variable is split."""
    pattern = any(isinstance(p, Text) and not p.quoted and _PATTERN.search(p.text) for p in word.parts)
    pieces = [_piece(part, known, bash=bash) for part in _without_tilde(word.parts)]
    if not _all_known(pieces) or (bash and has_braces(word)):
        return (flat.Word(None, word.raw, pattern),)
    texts = _split([piece for piece in pieces if piece is not None])
    return tuple(flat.Word(text, word.raw, pattern) for text in texts)


def value(word: Word, known: Known, *, bash: bool) -> str | None:
    """Return the one text of a word that is not split (an assigned value, a redirection's target), or None."""
    pieces = [_piece(part, known, bash=bash) for part in _without_tilde(word.parts)]
    return "".join(piece[0] for piece in pieces if piece is not None) if _all_known(pieces) else None


def has_braces(word: Word) -> bool:
    """Whether bash would take something in this word for `{a,b}` or `{1..3}`."""
    mask = "".join(part.text if isinstance(part, Text) and not part.quoted else "_" for part in word.parts)
    inside = mask[mask.find("{") + 1 : mask.rfind("}")] if "{" in mask else ""
    return "," in inside or ".." in inside


def variable(part: Variable, known: Known, *, bash: bool) -> str | None:
    """Return what a variable expands to, None where it cannot be told. A name that is not known may be set or not."""
    found = known.get(part.name)
    if found is None:
        return None
    match part.operator:
        case "" | "-" | "=" | "?" | ":?":
            return found
        case ":-" | ":=":
            return found or _argument(part, known, bash=bash)
        case "+":
            return _argument(part, known, bash=bash)
        case ":+":
            return found and _argument(part, known, bash=bash)
        case _:
            return None


_Piece = tuple[str, bool, bool]


def _all_known(pieces: list[_Piece | None]) -> bool:
    return all(pieces) and sum(len(piece[0]) for piece in pieces if piece) <= LONGEST


def _piece(part: Part, known: Known, *, bash: bool) -> _Piece | None:
    """Text, whether it makes a word even when empty, whether it is split at blanks."""
    match part:
        case Text(text, quoted):
            return text, quoted, False
        case Dialect(in_bash, in_sh):
            return (in_bash if bash else in_sh), True, False
        case Variable(_, _, _, quoted):
            expanded = variable(part, known, bash=bash)
            return None if expanded is None else (expanded, quoted, not quoted)
        case _:
            return None


def _argument(part: Variable, known: Known, *, bash: bool) -> str | None:
    return value(part.argument, known, bash=bash) if part.argument else ""


def _without_tilde(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    first = parts[0] if parts else None
    if not isinstance(first, Text) or first.quoted or not first.text.startswith("~"):
        return parts
    name, slash, rest = first.text.partition("/")
    if name != "~" or (not slash and len(parts) > 1):
        return (Variable(name, "unknown", None, quoted=True), *parts[1:])
    return (Variable("HOME", "", None, quoted=True), Text(slash + rest, quoted=True), *parts[1:])


def _split(pieces: list[_Piece]) -> list[str]:
    words: list[list[str]] = []
    open_word = False
    for text, solid, splits in pieces:
        for piece in _BLANKS.split(text) if splits else (text,):
            blank = splits and not piece.strip(" \t\n")
            if not blank and (piece or solid):
                words += () if open_word else ([],)
                words[-1].append(piece)
                open_word = True
            elif piece:
                open_word = False
    return ["".join(word) for word in words]
