r"""The patterns of `${NAME#p}`, `${NAME%p}` and `${NAME/p/r}`: `*`, `?`, and `\` before one of them.

BuildKit translates them to Go regular expressions, which never backtrack. Python's do, so each `*` but the last is
matched at its first possible place for good, and a text is tried once a line: the result is the same, in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rewriter.syntax import blanks

# BuildKit has no limit, but Linux starts no process with a string that long, and `A=$A$A` doubles with every line.
MAX_LENGTH = 1 << 20

_TEMPLATE = re.compile(r"\$(?:\$|(?P<plain>\w+)|\{(?P<braced>\w+)\})")


class WordError(ValueError):
    """A text that BuildKit's word lexer refuses; the message is BuildKit's."""


def without_prefix(value: str, pattern: str, *, greedy: bool) -> str:
    """Return the value without its shortest (or longest) beginning that matches the pattern.

    Raises:
        WordError: a backslash in the pattern escapes something that needs no escape.
    """
    match = re.compile(_regex(pattern, greedy=greedy)).match(value)
    return value[match.end() :] if match else value


def without_suffix(value: str, pattern: str, *, greedy: bool) -> str:
    """Return the value without its shortest (or longest) end that matches the pattern; raises as `without_prefix`."""
    return without_prefix(value[::-1], _reversed(pattern), greedy=greedy)[::-1]


def replaced(value: str, pattern: str, replacement: str, *, every: bool) -> str:
    """Return the value with the first (or every) match of the pattern replaced; raises as `without_prefix`.

    With `every`, `$0` in the replacement stands for the match and `$$` for a dollar, as Go's templates have it.
    """
    result: list[str] = []
    position = length = 0
    for start, end in _matches(value, pattern):
        piece = _filled(replacement, value[start:end]) if every else replacement
        result += (value[position:start], piece)
        length += start - position + len(piece)
        if length > MAX_LENGTH:
            raise WordError(f"the expansion is longer than {MAX_LENGTH} characters")
        position = end
        if not every:
            break
    return "".join((*result, value[position:]))


def _matches(value: str, pattern: str) -> Iterator[tuple[int, int]]:
    """The matches from left to right; an empty one that follows another at once does not count, as in Go."""
    first, *rest = _segments(pattern)
    head, tail = re.compile(first), re.compile(_after_star(rest, greedy=True))
    position = last = 0
    while position <= len(value):
        found = _next_match(head, tail, value, position)
        if found is None:
            return
        start, end = found
        if end > last or start == 0:
            yield found
        last = end
        position = max(position + 1, end)


def _next_match(head: re.Pattern[str], tail: re.Pattern[str], value: str, position: int) -> tuple[int, int] | None:
    while match := head.search(value, position):
        rest = tail.match(value, match.end())
        if rest:
            return match.start(), rest.end()
        # No later beginning in this line can succeed either, and `*` does not cross the end of a line.
        position = value.find("\n", match.start()) + 1
        if not position:
            return None
    return None


def _filled(template: str, match: str) -> str:
    def value(reference: re.Match[str]) -> str:
        name = reference["plain"] or reference["braced"]
        return "$" if name is None else match if name == "0" else ""

    return _TEMPLATE.sub(value, template) if "$" in template else template


def _regex(pattern: str, *, greedy: bool) -> str:
    first, *rest = _segments(pattern)
    return first + _after_star(rest, greedy=greedy)


def _after_star(segments: list[str], *, greedy: bool) -> str:
    """The regular expression of `*segment*segment...`."""
    if not segments:
        return ""
    *middle, last = segments
    return "".join(f"(?>.*?{segment})" for segment in middle) + (".*" if greedy else ".*?") + last


def _segments(pattern: str) -> list[str]:
    """The parts between the stars, each as a regular expression of fixed length."""
    segments = [""]
    chars = iter(pattern.removeprefix(blanks.BYTE_ORDER_MARK))
    for char in chars:
        if char == "*":
            segments.append("")
            continue
        if char == "\\":
            char = next(chars, "\ufffd")  # noqa: PLW2901
            # A closing brace or a slash had to be escaped to get into the pattern at all.
            if char not in "*?\\}/":
                raise WordError(f"invalid pattern ({pattern}) in substitution: invalid escape '\\{char}'")
            segments[-1] += re.escape(char)
        else:
            segments[-1] += "." if char == "?" else re.escape(char)
    return segments


def _reversed(pattern: str) -> str:
    """The pattern from right to left, each escape before its character; one that ends the pattern comes first."""
    chars = iter(pattern)
    units = [char + next(chars, "") if char == "\\" else char for char in chars]
    return "".join(reversed(units))
