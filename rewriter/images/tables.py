"""Strict reading of the fact tables: a table with a mistake in it raises, naming the file and the row.

Knows what a well-formed row is, nothing about what rows mean. A table is never silently empty.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rewriter.record import record

FOLDER = Path(__file__).parent
_DATE = r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"


class BrokenTableError(Exception):
    """A fact table has a mistake in it; the message names the file, the row and the mistake."""


def keys(text: str) -> frozenset[str]:
    """Return the words of `text` as the set of keys that a row may have."""
    return frozenset(text.split())


@record
class Row:
    """One table of a file, read through typed getters. `where` names it in error messages."""

    where: str
    values: Mapping[str, object]

    def fail(self, what: str) -> BrokenTableError:
        """Return the error to raise about this row."""
        return BrokenTableError(f"{self.where}: {what}")

    def text(self, key: str) -> str:
        """Return a required text, which must not be empty."""
        found = self.maybe(key)
        if not found:
            raise self.fail(f"{key} is missing")
        return found

    def maybe(self, key: str) -> str | None:
        """Return a text, or None where the key is absent."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, str):
            raise self.fail(f"{key} must be a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; `()` where the key is absent."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.fail(f"{key} must be a list of texts")
        return tuple(value)

    def words(self, key: str) -> tuple[str, ...]:
        """Return the words of a text; `()` where the key is absent."""
        return tuple((self.maybe(key) or "").split())

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """Return a list of `name=value` texts as pairs."""
        split = [item.partition("=") for item in self.texts(key)]
        if not all(name and equals for name, equals, _ in split):
            raise self.fail(f"{key} must hold name=value texts")
        return tuple((name, value) for name, _, value in split)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return a truth value."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.fail(f"{key} must be true or false")
        return value

    def one_of(self, key: str, allowed: Iterable[str]) -> str:
        """Return a text that must be one of `allowed`."""
        found = self.text(key)
        if found not in allowed:
            raise self.fail(f"{key} is {found!r}, not one of {', '.join(allowed)}")
        return found

    def date(self, key: str) -> str:
        """Return a required ISO date."""
        found = self.text(key)
        if not re.fullmatch(_DATE, found):
            raise self.fail(f"{key} must be a date like 2026-11-24")
        return found

    def only(self, known: frozenset[str]) -> Row:
        """Return the row itself when it has no other keys than `known`."""
        unknown = sorted(set(self.values) - known)
        if unknown:
            raise self.fail(f"unknown key {', '.join(unknown)}")
        return self

    def rows(self, key: str) -> Iterator[Row]:
        """Yield the tables of an array of tables, of which there must be at least one."""
        tables = self.values.get(key)
        if not isinstance(tables, list) or not tables:
            raise self.fail(f"{key} has no rows")
        for number, table in enumerate(tables, start=1):
            if not isinstance(table, dict) or not table:
                raise self.fail(f"{key} {number} is no table or an empty one")
            yield Row(f"{self.where}: {key} {number}", table)

    def table(self, key: str) -> Row:
        """Return a table within this one; an empty row where the key is absent."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.fail(f"{key} must be a table")
        return Row(f"{self.where}: {key}", value)

    def under(self, defaults: Mapping[str, object]) -> Row:
        """Return this row with `defaults` filled in where it has nothing of its own."""
        return Row(self.where, {**defaults, **self.values})


def read_table(path: Path) -> Row:
    """Return the whole of a table file.

    Raises:
        BrokenTableError: the file cannot be read, is not TOML, or is empty.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as problem:
        raise BrokenTableError(f"{path.name}: {problem}") from problem
    return table_of(text, path.name)


def table_of(text: str, where: str) -> Row:
    """Return the whole of a table's text; `where` names it in error messages.

    Raises:
        BrokenTableError: the text is not TOML, or is empty.
    """
    try:
        values = tomllib.loads(text)
    except ValueError as problem:
        raise BrokenTableError(f"{where}: {problem}") from problem
    if not values:
        raise BrokenTableError(f"{where}: the table is empty")
    return Row(where, values)
