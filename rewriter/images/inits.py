"""Init programs: the one that conversions install, and those that are recognised in a command.

Data with types; how a command is taken apart is decided elsewhere.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from rewriter.images.model import InitAsset, InitRelease
from rewriter.images.tables import FOLDER, Row, keys, read_table

_RELEASE_KEYS = keys("version url checked source assets")
_ASSET_KEYS = keys("name arch static sha256 source")


@cache
def init_release() -> InitRelease:
    """Return the release of tini that conversions install, with the checksums that could be confirmed."""
    return read_init_release(FOLDER / "tini.toml")


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
