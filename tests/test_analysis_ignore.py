"""`.dockerignore` and COPY patterns against the answers of the engine's own matchers."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rewriter.analysis.globs import copy_glob, ignore_glob, is_wild
from rewriter.analysis.ignore import Ignore, Judged, judge, may_return, parse

TABLES = Path(__file__).parent / "tables"
HEAD = ("# pattern", "# (ignorefile")
SPELLED = (("<BOM>", "\ufeff"), ("<CR>", "\r"), ("<TAB>", "\t"), (" ; ", "\n"))


def rows(name: str) -> list[list[str]]:
    lines = (TABLES / name).read_text("utf-8").rstrip("\n").split("\n")
    return [line.rsplit(" | ", 2) for line in lines if not line.startswith(HEAD)]


def judged(ignore: Ignore, path: str) -> Judged:
    parent = Judged()
    parts = path.split("/")
    for end in range(1, len(parts) + 1):
        parent = judge(ignore, "/".join(parts[:end]), parent)
    return parent


@pytest.mark.parametrize(("pattern", "path", "answer"), rows("dockerignore.txt"))
def test_dockerignore(pattern: str, path: str, answer: str) -> None:
    for spelled, real in SPELLED:
        pattern = pattern.replace(spelled, real)
    ignore = parse(pattern.encode())
    assert ignore.problems == ()
    assert judged(ignore, path).excluded == (answer == "out")


@pytest.mark.parametrize(("pattern", "name", "answer"), rows("copy-sources.txt"))
def test_copy_source(pattern: str, name: str, answer: str) -> None:
    if answer == "malformed":
        with pytest.raises(ValueError, match=r"class|backslash"):
            copy_glob(pattern)
    else:
        assert copy_glob(pattern).matches(name) == (answer == "yes")


@pytest.mark.parametrize("line", ["!", "! ", "!/", "[", "[]a]", "a[-]", "\\", "x" * 65536])
def test_a_line_the_engine_refuses_is_a_problem(line: str) -> None:
    ignore = parse(f"a\n{line}\n".encode())
    assert [pattern.text for pattern in ignore.patterns] == ["a"]
    assert len(ignore.problems) == 1
    assert ignore.problems[0].startswith("line 2: ")


@pytest.mark.parametrize(
    ("pattern", "folder", "expected"),
    [("!a/b", "a", True), ("!a/b", "b", False), ("!a", "a/b", False), ("!**/x", "b", True), ("a/b", "a", False)],
)
def test_folders_worth_entering(pattern: str, folder: str, *, expected: bool) -> None:
    assert may_return(parse(pattern.encode()), folder) == expected


@pytest.mark.parametrize(
    ("source", "expected"), [("a*", True), ("a?", True), ("[a]", True), ("a\\*", False), ("a", False), ("a]", False)]
)
def test_wild_sources(source: str, *, expected: bool) -> None:
    assert is_wild(source) == expected


def test_matching_is_linear_on_hostile_patterns() -> None:
    started = time.process_time()
    assert not copy_glob("*a" * 30 + "b").matches("a" * 250)
    assert not ignore_glob("**/a/" * 30 + "b").matches("a/" * 250)
    assert time.process_time() - started < 2
