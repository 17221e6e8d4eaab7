"""The literals of source files that may name files of the build context, for languages written like C.

Any literal that looks like a path counts, whatever it is used for: what no file answers to is no asset.
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import Found, Topic, at_line
from rewriter.analysis.tokens import Syntax, scan

# Quotes of one character stand for lifetimes in Rust and are left alone in all languages.
_SYNTAX = Syntax(lines='"')
_LONGEST = 200
_NEVER = frozenset({"", ".", "..", "./", "../", "/"})


def path_literals(path: str, text: str) -> Iterator[Found]:
    """Yield the literals of a file that may be paths; what follows a slash is a path below the root or a folder."""
    lines = text.splitlines()
    for token in scan(text, _SYNTAX):
        if token.kind == "text" and _is_path(token.text):
            yield from _found(token.text, at_line(path, lines, token.line))


def _found(value: str, evidence: Evidence) -> Iterator[Found]:
    yield Found(Topic.ASSET, value, evidence)
    if value.startswith("/"):  # concat!(env!("CARGO_MANIFEST_DIR"), "/static")
        yield Found(Topic.ASSET, value.lstrip("/"), evidence)


def _is_path(value: str) -> bool:
    if value in _NEVER or len(value) > _LONGEST or not value.isprintable():
        return False
    return not set(value) & set(" {}<>|%$\\\"'") and "://" not in value


def line_with(path: str, text: str, words: tuple[str, ...]) -> Evidence | None:
    """Return the first line that has one of the words in it, comments left out; None without."""
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        code = line.partition("//")[0]
        if any(word in code for word in words):
            return at_line(path, lines, number)
    return None
