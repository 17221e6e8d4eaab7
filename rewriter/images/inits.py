"""Init programs: the one that conversions install, and those that are recognised in a command.

Says what stands in front of a command and where the command begins; what is done about it is decided elsewhere.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from rewriter.images.model import Init, InitAsset, InitRelease
from rewriter.images.tables import FOLDER, Row, keys, read_table
from rewriter.record import record

_RELEASE_KEYS = keys("version url checked source assets")
_ASSET_KEYS = keys("name arch static sha256 source")
_INIT_KEYS = keys("name role names paths flags valued alone ends_options source checked notes")


@record
class InitUse:
    """A command line taken apart: `program` as it is written, its own `options`, and the `command` it starts."""

    init: Init
    program: str
    options: tuple[str, ...]
    command: tuple[str, ...]


@cache
def inits() -> tuple[Init, ...]:
    """Return the known init programs."""
    return read_inits(FOLDER / "inits.toml")


def init_named(word: str) -> Init | None:
    """Return the init that the first word of a command is, given by name or by path; None if it is none."""
    name = word.rpartition("/")[2]
    return next((init for init in inits() if word in init.paths or name in init.names), None)


def take_apart(argv: tuple[str, ...]) -> InitUse | None:
    """Return the init at the front of a command line, its options, and the command behind them.

    `("tini", "-g", "--", "app", "-x")` has the option `-g` and the command `app -x`. None is returned for a line that
    does not start with an init of the kind that can be taken off, or whose options it would refuse or not come back
    from (`tini --version`).
    """
    init = init_named(argv[0]) if argv else None
    if init is None or init.role != "wrapper":
        return None
    at = 1
    while at < len(argv) and argv[at].startswith("-") and argv[at] != "--":
        taken = _words_of(argv[at], init)
        if taken == 0:
            return None
        at += taken
    command = argv[at + 1 :] if argv[at : at + 1] == ("--",) else argv[at:]
    return InitUse(init, argv[0], argv[1:at], command) if command else None


def _words_of(word: str, init: Init) -> int:
    """Return how many words an option takes: 2 with a value of its own, 1 without, 0 for one that is not known."""
    if word in init.valued:
        return 2
    glued = any(word.startswith(f"{name}=" if name.startswith("--") else name) for name in init.valued)
    together = not word.startswith("--") and len(word) > 1 and all(f"-{letter}" in init.flags for letter in word[1:])
    return 1 if glued or together or word in init.flags else 0


@cache
def init_release() -> InitRelease:
    """Return the release of tini that conversions install, with the checksums that could be confirmed."""
    return read_init_release(FOLDER / "tini.toml")


def read_inits(path: Path) -> tuple[Init, ...]:
    """Return the inits written in the file.

    Raises:
        BrokenTableError: a key is unknown or missing, or two inits claim one name.
    """
    table = read_table(path).only(keys("checked inits"))
    found = tuple(
        _read_init(row.only(_INIT_KEYS).under({"checked": table.date("checked")})) for row in table.rows("inits")
    )
    claimed = [name for init in found for name in (*init.names, *init.paths)]
    if len(set(claimed)) != len(claimed):
        raise table.fail("two inits have one name")
    return found


def _read_init(row: Row) -> Init:
    names, paths = row.words("names"), row.words("paths")
    if not names and not paths:
        raise row.fail("neither names nor paths")
    return Init(
        name=row.text("name"),
        role="wrapper" if row.one_of("role", ("wrapper", "supervisor")) == "wrapper" else "supervisor",
        names=names,
        paths=paths,
        flags=row.words("flags"),
        valued=row.words("valued"),
        alone=row.words("alone"),
        ends_options=row.flag("ends_options"),
        source=row.text("source"),
        checked=row.date("checked"),
        notes=row.texts("notes"),
    )


def read_init_release(path: Path) -> InitRelease:
    """Return the release written in the file.

    Raises:
        BrokenTableError: a key is unknown or missing, or a checksum is none or names no source.
    """
    table = read_table(path).only(_RELEASE_KEYS)
    url = table.text("url")
    if "{asset}" not in url:
        raise table.fail("url has no {asset}")
    assets = tuple(_read_asset(row.only(_ASSET_KEYS)) for row in table.rows("assets"))
    return InitRelease(table.text("version"), url, assets, table.text("source"), table.date("checked"))


def _read_asset(row: Row) -> InitAsset:
    checksum = row.maybe("sha256")
    if checksum is not None and not (re.fullmatch(r"[0-9a-f]{64}", checksum) and row.text("source")):
        raise row.fail("sha256 is no checksum")
    return InitAsset(row.text("name"), row.text("arch"), row.flag("static"), checksum)
