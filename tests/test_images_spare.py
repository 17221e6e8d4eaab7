from __future__ import annotations

from pathlib import Path

import pytest

from rewriter.images.catalog import lookup, spare_parts
from rewriter.images.model import KnownImage
from rewriter.images.reference import parse_reference
from rewriter.images.spare import read_spare
from rewriter.images.tables import BrokenTableError

HEAD = "checked = '2026-11-24'\nsource = 'x'\n[[spare]]\n"


def paths_of(image: str, work: tuple[str, ...] = ("/src",)) -> set[str]:
    ref = parse_reference(image)
    assert ref is not None
    known = lookup(ref)
    assert isinstance(known, KnownImage)
    return {path for part in spare_parts() for path in part.of(known, work)}


@pytest.mark.parametrize(
    ("image", "path"),
    [
        ("python:3.12-slim", "/usr/local/lib/python*/site-packages/pip"),
        ("python:3.12-slim", "/root/.cache/pip"),
        ("ghcr.io/astral-sh/uv:python3.13-bookworm", "/usr/local/include"),
        ("node:22", "/usr/local/lib/node_modules/npm"),
        ("node:22", "/opt/yarn-v*"),
        ("node:22", "/src/node_modules/.cache"),
        ("eclipse-temurin:21", "/opt/java/openjdk/jmods"),
        ("openjdk:17", "/usr/java/openjdk-17/jmods"),
        ("maven:3.9-eclipse-temurin-21", "/usr/share/maven"),
        ("sbtscala/scala-sbt:eclipse-temurin-21.0.6_7_1.10.11_2.13.16", "/home/sbtuser/.cache"),
        ("rust:1.80", "/src/target/*/incremental"),
    ],
)
def test_image_has_the_spare_part(image: str, path: str) -> None:
    assert path in paths_of(image)


@pytest.mark.parametrize(
    ("image", "part_of_path"),
    [
        ("maven:3.9-eclipse-temurin-21", "/usr/share/maven/jmods"),
        ("debian:12", "/"),
        ("golang:1.22", "/"),
        ("node:26", "/opt/yarn-v*"),
    ],
)
def test_image_has_no_such_part(image: str, part_of_path: str) -> None:
    assert [path for path in paths_of(image) if path.startswith(part_of_path)] == []


def test_without_a_run_nothing_was_cached() -> None:
    assert [path for path in paths_of("python:3.12", ()) if path.startswith("/root")] == []


@pytest.mark.parametrize(
    "row",
    [
        "what = 'x'\nlanguages = 'python'\nprograms = 'pip'",
        "what = 'x'\nlanguages = 'python'\npaths = '/x'",
        "what = 'x'\nlanguages = 'python'\nprograms = 'pip'\npaths = 'relative'",
        "what = 'x'\nlanguages = 'python'\nprograms = 'pip'\ntrees = '/usr/local'\npaths = '/absolute'",
        "languages = 'python'\nprograms = 'pip'\npaths = '/x'",
        "what = 'x'\nlanguages = 'python'\nprograms = 'pip'\npaths = '/x'\nelse = 'y'",
    ],
)
def test_broken_row_is_named(row: str, tmp_path: Path) -> None:
    file = tmp_path / "spare.toml"
    file.write_text(HEAD + row)
    with pytest.raises(BrokenTableError, match=r"spare\.toml: spare 1"):
        read_spare(file)
