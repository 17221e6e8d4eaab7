"""Which operating-system release a tag stands for, and what is known about releases.

A tag may name its release (`bookworm`, `alpine3.20`), or have moved from one release to the next over the years; the
`suites` of a family say when. A release that cannot be told is None, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Literal, get_args

from rewriter.images.model import Libc, Release
from rewriter.images.tables import FOLDER, Row, keys, read_table
from rewriter.record import record

_TABLE_KEYS = keys("source checked releases")
_RELEASE_KEYS = keys(
    "id os version libc libc_version aliases gcc glibcxx openssl python end_of_life lts_end merged_usr source checked"
)
_SUITES_KEYS = keys("series patches_follow floating switches meanings")
_ALPINE = r"alpine3\.\d+"
_VERSION = r"(\d[\w.]*(?:-b\d+)?)(?:-(.+))?"
_FINAL = r"\d+([._u]\d+)*(-b\d+)?"

VersionKey = tuple[float, ...]


@record
class Floating:
    """What a moving tag means: its release, and the day it was last published where that is over."""

    release: str
    ended: str | None


@record
class Suites:
    """The releases of one family's tags.

    `switches` maps (variant, series) to the versions with which the series moved to another release. With
    `patches_follow` a patch version without a switch has the release of its series. `meanings` gives the version of
    tags, and first words of tags, that name none: `slim-buster` was 3.11 when it was last published, `jod` is 22.
    """

    series: Literal["major", "minor"]
    patches_follow: bool
    floating: Mapping[str, Floating]
    switches: Mapping[tuple[str, str], tuple[tuple[VersionKey, str], ...]]
    meanings: Mapping[str, str]

    @property
    def words(self) -> frozenset[str]:
        """The words that occur between the dashes of known tags."""
        variants = {variant for variant, _ in self.switches}
        return frozenset(word for tag in (*self.floating, *variants, *self.meanings) for word in tag.split("-"))


@record
class TagParts:
    """A tag taken apart: `version` ("3.12.4", "8u302-b08") and `variant` ("slim"); both may be empty."""

    version: str
    variant: str

    @property
    def is_final(self) -> bool:
        """Whether the version is a released one, neither a candidate nor a nightly."""
        return re.fullmatch(_FINAL, self.version) is not None

    def series(self, kind: Literal["major", "minor"]) -> str:
        """Return the major version, or the first two numbers where the series has two."""
        numbers = re.findall(r"\d+", self.version)
        return ".".join(numbers[: 1 if kind == "major" else 2])


def split_tag(tag: str) -> TagParts:
    """Return the version and the variant of a tag: `3.12-slim` is `3.12` and `slim`, `alpine` has no version."""
    found = re.fullmatch(_VERSION, tag)
    return TagParts(found[1], found[2] or "") if found else TagParts("", tag)


def version_key(version: str) -> VersionKey:
    """Return a version in a form that compares; `1.19` stands for the newest 1.19 and sorts behind all of them."""
    numbers = _numbers(version)
    return numbers if len(numbers) > 2 else (*numbers, float("inf"))


def _numbers(version: str) -> VersionKey:
    return tuple(float(number) for number in re.findall(r"\d+", version))


def release_of(tag: str, suites: Suites) -> str | None:
    """Return the id of the release a tag means, None where the facts do not say.

    In this order: the tag names the release; it is a moving tag; its version lies between two known switches; it is a
    patch version of a series that never switched.
    """
    # Temurin writes alpine-3.20 for what all others write alpine3.20.
    named = (release_named(word) for word in tag.replace("alpine-3.", "alpine3.").split("-"))
    if found := next((release for release in named if release), None):
        return found
    if tag in suites.floating:
        return suites.floating[tag].release
    parts = split_tag(tag)
    if not parts.is_final:
        return None
    switches = suites.switches.get((parts.variant, parts.series(suites.series)))
    if switches is not None:
        key = version_key(parts.version)
        return next((release for first, release in reversed(switches) if first <= key), None)
    moving = series_tag(tag, suites)
    return moving.release if moving and suites.patches_follow else None


def series_tag(tag: str, suites: Suites) -> Floating | None:
    """Return the moving tag that a version belongs to: for `3.12.4-slim` that is `3.12-slim`."""
    parts = split_tag(tag)
    series = parts.series(suites.series)
    return suites.floating.get(f"{series}-{parts.variant}" if parts.variant else series)


def last_published(tag: str, suites: Suites) -> str | None:
    """Return the day the tag, or else the series it belongs to, was published for the last time, if it is over."""
    series = suites.floating.get(split_tag(tag).series(suites.series))
    moving = suites.floating.get(tag) or series_tag(tag, suites) or series
    return moving.ended if moving else None


def spelled_out(tag: str, suites: Suites) -> str:
    """Return the tag with its version in front: `slim-buster` as `3.11-slim-buster`; as it is if that is not known."""
    parts = split_tag(tag)
    if version := suites.meanings.get(tag):
        return f"{version}-{parts.variant}" if parts.variant else version
    word, dash, rest = tag.partition("-")
    version = suites.meanings.get(word)
    return f"{version}{dash}{rest}" if version and not parts.version else tag


def release_named(token: str) -> str | None:
    """Return the id of the release that a word of a tag names (for `al2023` that is `amazonlinux2023`), or None."""
    return token if re.fullmatch(_ALPINE, token) else _aliases().get(token)


def release(name: str) -> Release | None:
    """Return what is known about the release `name`, given by its id; any `alpine3.N` is known to be musl."""
    if re.fullmatch(_ALPINE, name):
        return replace(_releases()["alpine"], id=name, version=name.removeprefix("alpine"))
    return _releases().get(name)


def read_suites(row: Row) -> Suites:
    """Return the suites of a family table; a family without them has one release per tag, named in the tag."""
    row.only(_SUITES_KEYS)
    series: Literal["major", "minor"] = "major" if row.one_of("series", ("major", "minor")) == "major" else "minor"
    floating = [moving for line in _lines(row, "floating") for moving in _floating_line(row, line)]
    switches = [entry for line in _lines(row, "switches") for entry in _switch_line(row, line, series)]
    meanings = [(tag, version) for (version, *_), tags in _lines(row, "meanings") for tag in tags]
    if not floating:
        raise row.fail("there are no floating tags")
    for pairs in (floating, switches, meanings):
        if len(dict(pairs)) != len(pairs):
            raise row.fail("a tag or a series is given twice")
    return Suites(series, row.flag("patches_follow"), dict(floating), dict(switches), dict(meanings))


NO_SUITES = Suites("minor", patches_follow=False, floating={}, switches={}, meanings={})


def _lines(row: Row, key: str) -> list[tuple[list[str], list[str]]]:
    """Return the lines of a text as (words before the colon, words after it)."""
    lines = [line.partition(":") for line in (row.maybe(key) or "").splitlines() if line.strip()]
    if not all(head.split() and tail.split() for head, _, tail in lines):
        raise row.fail(f"{key} has a line without a colon or with one side empty")
    return [(head.split(), tail.split()) for head, _, tail in lines]


def _floating_line(row: Row, line: tuple[list[str], list[str]]) -> list[tuple[str, Floating]]:
    """Read `bookworm 2024-02-06: 1.20 1.20-x`, the date being the last day of these tags."""
    (name, *ended), tags = line
    if len(ended) > 1 or not all(re.fullmatch(r"20\d\d-\d\d-\d\d", day) for day in ended):
        raise row.fail(f"floating {name}: not one date")
    _known(row, name)
    return [(tag, Floating(name, ended[0] if ended else None)) for tag in tags]


def _switch_line(
    row: Row, line: tuple[list[str], list[str]], kind: Literal["major", "minor"]
) -> list[tuple[tuple[str, str], tuple[tuple[VersionKey, str], ...]]]:
    """Read `- slim: 1.19.0=bullseye 1.19.10=bookworm`, where `-` is the variant without a name."""
    variants, texts = line
    points = [text.partition("=")[::2] for text in texts]
    series = {TagParts(version, "").series(kind) for version, _ in points}
    numbers = [_numbers(version) for version, _ in points]
    if len(series) != 1 or numbers != sorted(numbers):
        raise row.fail(f"switches {' '.join(texts)}: more than one series, or not in order")
    for _, name in points:
        _known(row, name)
    (only,) = series
    entries = tuple((key, name) for key, (_, name) in zip(numbers, points, strict=True))
    return [(("" if variant == "-" else variant, only), entries) for variant in variants]


def _known(row: Row, name: str) -> None:
    if release(name) is None:
        raise row.fail(f"{name!r} is no known release")


@cache
def _releases() -> Mapping[str, Release]:
    """Return the releases by id."""
    table = read_table(FOLDER / "releases.toml").only(_TABLE_KEYS)
    common = {key: table.values[key] for key in ("source", "checked") if key in table.values}
    found = [_read_release(row.under(common).only(_RELEASE_KEYS)) for row in table.rows("releases")]
    by_id = {item.id: item for item in found}
    if len(by_id) != len(found):
        raise table.fail("a release is given twice")
    return by_id


@cache
def _aliases() -> Mapping[str, str]:
    """Return the ids of the releases by the words that tags use for them."""
    table = read_table(FOLDER / "releases.toml")
    named = [(word, row.text("id")) for row in table.rows("releases") for word in row.words("aliases")]
    return dict([*((name, name) for name in _releases() if name != "alpine"), *named])


def _read_release(row: Row) -> Release:
    libc: Libc = next(name for name in get_args(Libc) if name == row.one_of("libc", get_args(Libc)))
    return Release(
        id=row.text("id"),
        os=row.text("os"),
        version=row.text("version"),
        libc=libc,
        libc_version=row.maybe("libc_version"),
        gcc=row.maybe("gcc"),
        glibcxx=row.maybe("glibcxx"),
        openssl=row.maybe("openssl"),
        python=row.maybe("python"),
        end_of_life=row.maybe("end_of_life") and row.date("end_of_life"),
        lts_end=row.maybe("lts_end") and row.date("lts_end"),
        merged_usr=row.flag("merged_usr"),
        source=row.text("source"),
        checked=row.date("checked"),
    )
