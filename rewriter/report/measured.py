"""What `dfmod verify --format json` measured of two images, for a page that shows it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from rewriter.record import record

_ROWS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("size", "size", lambda value: f"{value / 1e6:.1f} MB"),
    ("packages", "packages", str),
    ("executables", "executables", str),
    ("setuid files", "setuid", str),
    ("shells", "shells", lambda value: " ".join(value) or "none"),
    ("package managers", "package_managers", lambda value: " ".join(value) or "none"),
)


@record
class Measure:
    """One thing measured, in words, and how long its bars are, in percent of the longer one; None for what has none."""

    name: str
    before: str
    after: str
    bars: tuple[int, int] | None


@record
class Measured:
    """The measurements of one Dockerfile's images. `path` is the file as `verify` was given it."""

    path: str
    measures: tuple[Measure, ...]


def measured(data: bytes) -> Measured:
    """Return what a document of `dfmod verify --format json` holds; of images that were not built, nothing.

    Raises:
        ValueError: it is no such document.
    """
    try:
        value = json.loads(data)
        images = value["images"]
        return Measured(value["path"], tuple(_measures(images["before"], images["after"])) if images else ())
    except (AttributeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise ValueError("not what `dfmod verify --format json` prints") from error


def _measures(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Measure]:
    return [
        Measure(name, words(before[key]), words(after[key]), _bars(before[key], after[key]))
        for name, key, words in _ROWS
    ]


def _bars(before: object, after: object) -> tuple[int, int] | None:
    if not isinstance(before, int) or not isinstance(after, int):
        return None
    longest = max(before, after)
    return (round(100 * before / longest), round(100 * after / longest)) if longest else None
