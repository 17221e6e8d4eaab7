"""File name patterns as the engine reads them: COPY's (Go's `filepath.Match`) and `.dockerignore`'s (patternmatcher).

Both are parsed into the same few items and matched in linear time. Knows no files: names go in, answers come out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from rewriter.record import record


class Wild(Enum):
    """An item that stands for any number of characters."""

    STAR = "[^/]*"  # within one folder
    DEEP = "(?:.*/)?"  # any number of folders, also none
    REST = ".*"  # whatever is left or comes before

    @property
    def fragment(self) -> str:
        """The item as a regular expression."""
        return self.value


@record
class One:
    """An item that stands for exactly one character; `fragment` is it as a regular expression."""

    fragment: str


Item = One | Wild
_SLASH = One("/")
# A regular expression with this many wild items at most cannot be made slow by any name of a real length.
_QUICK = 3


class Glob:
    """A compiled pattern; `matches` says whether the whole name fits it."""

    __slots__ = ("_items", "_regex")

    def __init__(self, items: tuple[Item, ...]) -> None:
        wild = sum(isinstance(item, Wild) for item in items)
        self._items = items
        self._regex = re.compile("".join(i.fragment for i in items), re.DOTALL) if wild <= _QUICK else None

    def matches(self, name: str) -> bool:
        """Return whether the name fits, in time linear in its length."""
        return self._regex.fullmatch(name) is not None if self._regex else _simulate(self._items, name)


def copy_glob(pattern: str) -> Glob:
    """Return a COPY source as a matcher: Go's `filepath.Match`, in which `**` is just `*`.

    Raises:
        ValueError: Go calls the pattern malformed.
    """
    return Glob(tuple(_copy_items(pattern)))


def ignore_glob(pattern: str) -> Glob:
    """Return a cleaned `.dockerignore` pattern as a matcher, as patternmatcher's `compile` reads it.

    `**` crosses folders and eats a slash after it; at the start and with no other wild card it is a plain suffix
    (`**foo` fits "a/xfoo").

    Raises:
        ValueError: Go calls the pattern malformed.
    """
    for _ in _copy_items(pattern):
        pass  # patternmatcher asks filepath.Match for its verdict on the syntax first
    items = tuple(_ignore_items(pattern))
    if items[:1] == (Wild.DEEP,) and pattern[2] != "/" and not set("*?[]\\") & set(pattern[2:]):
        items = (Wild.REST, *items[1:])
    return Glob(items)


def is_wild(pattern: str) -> bool:
    """Return whether a COPY source has a wild card, as BuildKit's `containsWildcards` decides it."""
    rest = iter(pattern)
    for char in rest:
        if char == "\\":
            next(rest, "")
        elif char in "*?[":
            return True
    return False


def _copy_items(pattern: str) -> Iterator[Item]:
    at = 0
    while at < len(pattern):
        if pattern[at] == "*":
            yield Wild.STAR
            while pattern[at : at + 1] == "*":
                at += 1
        else:
            item, at = _one(pattern, at)
            yield item


def _ignore_items(pattern: str) -> Iterator[Item]:
    at = 0
    while at < len(pattern):
        if pattern.startswith("**", at):
            at += 3 if pattern.startswith("/", at + 2) else 2
            while pattern.startswith("**/", at):
                at += 3  # a repetition adds nothing, but would cost time
            yield Wild.DEEP if at < len(pattern) else Wild.REST
        elif pattern[at] == "*":
            yield Wild.STAR
            at += 1
        else:
            item, at = _one(pattern, at)
            yield item


def _one(pattern: str, at: int) -> tuple[One, int]:
    char = pattern[at]
    if char == "?":
        return One("[^/]"), at + 1
    if char == "[":
        return _character_class(pattern, at + 1)
    if char == "\\":
        at += 1
        if at == len(pattern):
            raise ValueError("the pattern ends in a backslash")
    return One(re.escape(pattern[at])), at + 1


def _character_class(pattern: str, at: int) -> tuple[One, int]:
    negated = pattern.startswith("^", at)
    at += negated
    ranges: list[str] = []
    while not ranges or not pattern.startswith("]", at):
        low, at = _member(pattern, at)
        high = low
        if pattern.startswith("-", at):
            high, at = _member(pattern, at + 1)
        ranges.append(f"{re.escape(low)}-{re.escape(high)}" if low <= high else "")
    body = "".join(ranges)
    if not body:
        return One("." if negated else "(?!)"), at + 1
    return One(f"[{'^' if negated else ''}{body}]"), at + 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    if pattern.startswith("\\", at):
        at += 1
    elif pattern[at : at + 1] in {"-", "]"}:
        raise ValueError("a character class has a bare - or ]")
    if at + 1 >= len(pattern):
        raise ValueError("a character class is not closed")
    return pattern[at], at + 1


def _simulate(items: tuple[Item, ...], name: str) -> bool:
    """Follow all possible positions in the pattern at once, for patterns on which backtracking could be slow."""
    plain = tuple(part for item in items for part in ((item, Wild.REST, _SLASH) if item is Wild.DEEP else (item,)))
    tests = [re.compile(item.fragment, re.DOTALL) if isinstance(item, One) else None for item in plain]
    states = _closure(plain, {0})
    for char in name:
        ahead: set[int] = set()
        for state in states:
            item = plain[state] if state < len(plain) else None
            test = tests[state] if state < len(plain) else None
            if test is not None and test.match(char):
                ahead.add(state + 1)
            elif item is Wild.REST or (item is Wild.STAR and char != "/"):
                ahead.add(state)
        states = _closure(plain, ahead)
    return len(plain) in states


def _closure(items: tuple[Item, ...], states: set[int]) -> set[int]:
    todo = list(states)
    while todo:
        state = todo.pop()
        item = items[state] if state < len(items) else None
        ahead = {state + 1} if isinstance(item, Wild) else set()
        if item is Wild.DEEP:
            ahead.add(state + 3)
        todo += ahead - states
        states |= ahead
    return states
