"""The tables of image families: which variants a family has, and what the one that a tag names is like.

A value that the tag does not settle is left out or refused, never filled in from a neighbouring variant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import get_args

from rewriter.images.model import (
    DEFAULT_PATH,
    Exec,
    ImageConfig,
    ImageRef,
    KnownImage,
    Libc,
    Packages,
    Pairs,
    Unknown,
)
from rewriter.images.releases import (
    NO_SUITES,
    Suites,
    TagParts,
    last_published,
    read_suites,
    release,
    release_named,
    release_of,
    spelled_out,
    split_tag,
)
from rewriter.images.tables import FOLDER, Row, keys, read_table
from rewriter.record import record

# Tables in the same folder that are not families of images.
SHARED = frozenset(("index", "inits", "packages", "releases", "runtime", "spare", "tini", "wrappers"))

_FAMILY_KEYS = keys("family names words variants suites")
_VARIANT_KEYS = keys(
    "match only unknown os release libc has_shell packages language entrypoint cmd shell workdir user env versioned_env"
    " ports volumes stopsignal programs trees wrapper users end_of_life notes source checked"
)
_PLACEHOLDER = r"\{[a-z]+\}"
# Versions and dates (3.12.4, 8u302, 21_35, 3.13.0rc1), and the words for candidates and builds (rc.1, M02, b08).
_VERSION_WORD = r"(?i)\d[\d._u]*((alpha|beta|preview|rc|a|b|m)\d*)?|(rc|alpha|beta|m|ea|preview|b)[\d.]*"


@record
class Variant:
    """One row: the images of a family whose tag `match` finds, in the repositories `only` (all when empty)."""

    match: re.Pattern[str]
    only: tuple[str, ...]
    row: Row


@record
class Family:
    """A family table. `words` are what may stand between the dashes of a tag; any other word makes it unknown."""

    name: str
    repositories: tuple[str, ...]
    words: frozenset[str]
    variants: tuple[Variant, ...]
    suites: Suites


@cache
def family(name: str) -> Family:
    """Return the family of that name.

    Raises:
        BrokenTableError: the table is missing or has a mistake in it.
    """
    return read_family(FOLDER / f"{name}.toml")


def has_family(name: str) -> bool:
    """Return whether there is a table for the family."""
    return name not in SHARED and (FOLDER / f"{name}.toml").is_file()


def known_image(ref: ImageRef, found: Family) -> KnownImage | Unknown:
    """Return the image of the family that `ref` names, or why it cannot be told which that is."""
    tag = ref.tag or "latest"
    if ref.digest and not ref.tag:
        return Unknown(ref.written, "it is named by digest alone, which does not say which version or variant it is")
    if strange := next((word for word in tag.split("-") if not _is_word(word, found)), None):
        return Unknown(ref.written, f"no facts about the tag word {strange!r} of the {found.name} images")
    repository, full = ref.repository.rpartition("/")[2], spelled_out(tag, found.suites)
    fitting = (v.row for v in found.variants if (not v.only or repository in v.only) and v.match.search(full))
    row = next(fitting, None)
    if row is None:
        return Unknown(ref.written, f"no facts about this variant of the {found.name} images")
    if why := row.maybe("unknown"):
        return Unknown(ref.written, why)
    return _build(ref, tag, found, row)


def _is_word(word: str, found: Family) -> bool:
    """Return whether it is known what a word of a tag means."""
    return word in found.words or bool(release_named(word) or re.fullmatch(_VERSION_WORD, word))


def _build(ref: ImageRef, tag: str, found: Family, row: Row) -> KnownImage | Unknown:
    parts = split_tag(spelled_out(tag, found.suites))
    name = _filled(row.maybe("release") or "", parts) or release_of(tag, found.suites)
    facts = release(name) if name else None
    if facts and facts.os != row.maybe("os"):
        return Unknown(ref.written, f"no facts about the {found.name} images on {facts.os} {facts.version}")
    config = _config(row, parts)
    if config is None:
        return Unknown(ref.written, "the tag does not say which version it is, and with it not where its programs are")
    env, unsettled = _env(row, parts)
    libc = row.maybe("libc")
    return KnownImage(
        ref=ref,
        config=replace(config, env=env),
        family=found.name,
        os=row.maybe("os"),
        release=facts.id if facts else None,
        libc=next((kind for kind in get_args(Libc) if kind == libc), None),
        libc_version=facts.libc_version if facts and facts.libc == libc else None,
        has_shell=row.flag("has_shell", default=True),
        packages=next((kind for kind in get_args(Packages) if kind == row.maybe("packages")), None),
        language=row.maybe("language"),
        programs=_programs(row, parts),
        trees=tuple(path for text in row.texts("trees") if (path := _filled(text, parts)) is not None),
        wrapper=row.maybe("wrapper") or None,
        versioned_env=(*row.words("versioned_env"), *unsettled),
        users=row.texts("users"),
        end_of_life=_end_of_life(row, tag, found.suites, name),
        source=row.text("source"),
        checked=row.date("checked"),
        notes=(*row.texts("notes"), *_moving(tag, found, row, parts), *_pinned(ref)),
    )


def _config(row: Row, parts: TagParts) -> ImageConfig | None:
    """Return the configuration but for its environment, None where the tag leaves a part of it open."""
    texts = {key: [_filled(text, parts) for text in row.texts(key)] for key in ("entrypoint", "cmd")}
    workdir = _filled(row.maybe("workdir") or "", parts)
    path = [_filled(value, parts) for key, value in row.pairs("env") if key == "PATH"]
    if None in (*texts["entrypoint"], *texts["cmd"], *path, workdir):
        return None
    words = {key: tuple(text for text in found if text is not None) for key, found in texts.items()}
    return ImageConfig(
        user=row.maybe("user"),
        workdir=workdir or None,
        entrypoint=Exec(words["entrypoint"]) if words["entrypoint"] else None,
        cmd=Exec(words["cmd"]) if words["cmd"] else None,
        shell=row.texts("shell") or None,
        ports=tuple(port if "/" in port else f"{port}/tcp" for port in row.texts("ports")),
        volumes=row.texts("volumes"),
        stopsignal=row.maybe("stopsignal"),
    )


def _env(row: Row, parts: TagParts) -> tuple[Pairs, tuple[str, ...]]:
    """Return the variables whose value is known, and the names of those whose value hangs on an unknown version."""
    filled = [(key, _filled(value, parts)) for key, value in row.pairs("env")]
    known = tuple((key, value) for key, value in filled if value is not None)
    return known, tuple(key for key, value in filled if value is None)


def _programs(row: Row, parts: TagParts) -> Pairs:
    """Return the programs with their paths; of several rows for one name the first that can be filled in counts."""
    found: dict[str, str] = {}
    for name, text in row.pairs("programs"):
        path = _filled(text, parts)
        if path is not None:
            found.setdefault(name, path)
    return tuple(found.items())


def _filled(text: str, parts: TagParts) -> str | None:
    """Return `text` with its placeholders filled in, None where the tag does not settle one of them."""
    minor = parts.series("minor")
    values: Mapping[str, str] = {
        "{path}": DEFAULT_PATH,
        "{major}": parts.series("major"),
        "{minor}": minor if "." in minor else "",
        "{version}": parts.version if parts.version.count(".") > 1 else "",
    }
    wanted = {mark for mark in re.findall(_PLACEHOLDER, text) if mark in values}
    if not all(values[mark] for mark in wanted):
        return None
    return re.sub(_PLACEHOLDER, lambda mark: values.get(mark[0], mark[0]), text)


def _end_of_life(row: Row, tag: str, suites: Suites, name: str | None) -> str | None:
    """Return the day the tag or its series was last published, else the end of the support of its release."""
    if stated := row.maybe("end_of_life"):
        return stated
    if ended := last_published(tag, suites):
        return ended
    facts = release(name) if name else None
    return (facts.lts_end or facts.end_of_life) if facts else None


def _moving(tag: str, found: Family, row: Row, parts: TagParts) -> tuple[str, ...]:
    """Return a note for a tag that means another image every few months; `debian:bookworm` is no such tag."""
    is_release = found.name == row.maybe("os") and any(release_named(word) for word in tag.split("-"))
    if parts.version or is_release:
        return ()
    return ("the tag names no version: this is what it meant when it was checked",)


def _pinned(ref: ImageRef) -> tuple[str, ...]:
    return ("what is known is known of the tag; the digest decides what is pulled",) if ref.digest else ()


def read_family(path: Path) -> Family:
    """Return the family written in the file, which has its name.

    Raises:
        BrokenTableError: a key is unknown or missing, a list is empty, a pattern is no pattern.
    """
    table = read_table(path)
    found = family_of(table)
    if not f"{path.stem}-".startswith(f"{found.name}-"):
        raise table.fail("the file is not named after its family")
    return found


def family_of(table: Row) -> Family:
    """Return the family that a table describes.

    Keys outside the variants are the defaults of all its variants.

    Raises:
        BrokenTableError: a key is unknown or missing, a list is empty, a pattern is no pattern.
    """
    table = table.only(_FAMILY_KEYS | _VARIANT_KEYS)
    defaults = {key: value for key, value in table.values.items() if key in _VARIANT_KEYS}
    name = table.text("family")
    if not table.texts("names"):
        raise table.fail("the family has no names")
    suites = read_suites(table.table("suites")) if "suites" in table.values else NO_SUITES
    variants = tuple(_read_variant(row.only(_VARIANT_KEYS).under(defaults)) for row in table.rows("variants"))
    words = frozenset((*table.words("words"), *suites.words, "latest"))
    return Family(name, table.texts("names"), words, variants, suites)


def _read_variant(row: Row) -> Variant:
    """Check a row, defaults included, as far as that is possible without a tag."""
    try:
        pattern = re.compile(row.maybe("match") or "")
    except re.error as problem:
        raise row.fail(f"match is no pattern: {problem}") from problem
    row.text("source")
    row.date("checked")
    if not row.maybe("unknown") and "PATH" not in dict(row.pairs("env")):
        raise row.fail("env has no PATH, which every image has")
    for key in ("entrypoint", "cmd", "shell", "ports", "volumes", "trees", "users", "notes"):
        row.texts(key)
    for key in ("env", "programs"):
        row.pairs(key)
    for key, allowed in (("libc", get_args(Libc)), ("packages", get_args(Packages))):
        if key in row.values:
            row.one_of(key, allowed)
    for key in ("unknown", "os", "release", "language", "workdir", "user", "stopsignal", "wrapper", "versioned_env"):
        row.maybe(key)
    return Variant(pattern, row.words("only"), row)
