"""Where a line opens heredocs, as BuildKit finds them (`heredocsFromLine`, `ParseHeredoc`).

Reads one joined line; the bodies are `scanner`'s. The escape directive has no say here: it is always a backslash.
"""

from __future__ import annotations

from collections.abc import Mapping

from rewriter.syntax import lexer
from rewriter.syntax.document import Heredoc
from rewriter.syntax.lexer import TooDeepError
from rewriter.syntax.patterns import WordError

_NO_ENV: Mapping[str, str] = {}
_DIGITS = frozenset("0123456789")
_MAX_FD = 2**64 - 1


def openings(line: str) -> tuple[Heredoc, ...]:
    """Return the heredocs a line opens, without content. A line the lexer cannot read opens none.

    Raises:
        WordError: the line can be read, the word behind a `<<` cannot, and BuildKit refuses the file; or the line
            nests deeper than our lexer follows.
    """
    if "<<" not in line:
        return ()
    try:
        words = lexer.process(line, _NO_ENV, "\\", raw_quotes=True, raw_escapes=True, keep_unset=True).words
    except TooDeepError:
        raise
    except WordError:
        return ()
    found = (opening(word) for word in words if "<<" in word)
    return tuple(one for one in found if one is not None)


def opening(word: str) -> Heredoc | None:
    """Return the heredoc that a word like `<<EOF`, `3<<-EOF` or `<<"EOF"` opens, None for another word.

    The body is expanded unless some part of the name is quoted.

    Raises:
        WordError: the lexer cannot read the name.
    """
    digits, mark, name = word.partition("<<")
    if not mark or "<" in name or not _DIGITS.issuperset(digits):
        return None
    chomp = name.startswith("-")
    name = name.removeprefix("-").lstrip("\t\n\f\r ")
    words = lexer.process(name, _NO_ENV, "\\", keep_unset=True).words
    raw = lexer.process(name, _NO_ENV, "\\", raw_quotes=True, keep_unset=True).words
    if len(words) != 1:
        return None
    if len(raw) != 1:
        raise WordError(f"internal lexing of heredoc produced inconsistent results: {name}")
    return Heredoc(words[0], _quotes(words[0]) == _quotes(raw[0]), chomp, "", _descriptor(digits))


def _quotes(word: str) -> int:
    return word.count("'") + word.count('"')


def _descriptor(digits: str) -> int:
    significant = digits.lstrip("0")
    return _MAX_FD if len(significant) > 20 else min(int(significant or "0"), _MAX_FD)
