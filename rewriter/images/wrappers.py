"""The entrypoint scripts of base images, as data: what they put in front of a command and what else they do."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from rewriter.images.model import Wrapper
from rewriter.images.tables import FOLDER, Row, keys, read_table

_KEYS = keys(
    "name names path interpreter passes_through prepends prepends_when acts_on_env acts_on_commands always_acts"
    " acts_on_paths shipped_effect unless_paths effects programs source checked"
)
_WHEN = ("option", "unknown-command", "not-executable", "always")


@cache
def wrappers() -> tuple[Wrapper, ...]:
    """Return the known scripts."""
    return read_wrappers(FOLDER / "wrappers.toml")


def read_wrappers(path: Path) -> tuple[Wrapper, ...]:
    """Return the scripts written in the file.

    Raises:
        BrokenTableError: a key is unknown or missing, a condition is none, or a name is given twice.
    """
    table = read_table(path).only(keys("checked wrappers"))
    found = tuple(
        _read_wrapper(row.only(_KEYS).under({"checked": table.date("checked")})) for row in table.rows("wrappers")
    )
    if len({row.name for row in found}) != len(found):
        raise table.fail("a name is given twice")
    return found


def _read_wrapper(row: Row) -> Wrapper:
    when, prepends = row.texts("prepends_when"), row.texts("prepends")
    strange = [text for text in when if text not in _WHEN and not text.startswith(("suffix:", "word:"))]
    if strange or bool(when) != bool(prepends):
        raise row.fail("prepends and prepends_when do not go together, or a condition is not known")
    if not row.texts("names"):
        raise row.fail("names is missing")
    return Wrapper(
        name=row.text("name"),
        names=row.texts("names"),
        path=row.text("path"),
        interpreter=row.text("interpreter"),
        passes_through=row.flag("passes_through"),
        prepends=prepends,
        prepends_when=when,
        acts_on_env=row.texts("acts_on_env"),
        acts_on_commands=row.texts("acts_on_commands"),
        always_acts=row.flag("always_acts"),
        effects=row.texts("effects"),
        programs=row.texts("programs"),
        source=row.text("source"),
        checked=row.date("checked"),
        acts_on_paths=row.texts("acts_on_paths"),
        shipped_effect=row.maybe("shipped_effect") or "",
        unless_paths=row.texts("unless_paths"),
    )
