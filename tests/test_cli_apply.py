"""`dfmod apply`: a report is carried out to the byte, or refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rewriter.cli import apply as _registered  # noqa: F401 (importing registers the command)
from tests.command_line import dfmod
from tests.outcomes import ADDED

TEXT = b"FROM golang:1.20\n"
AFTER = TEXT + ADDED.encode() + b"\n"
LATIN = b"# caf\xe9\r\nFROM a"
DECLINED = b"# case: declined\nFROM ubuntu\n"


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work" / "a").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    Path("Dockerfile").write_bytes(TEXT)
    Path("a/Dockerfile").write_bytes(LATIN)
    Path("Dockerfile.b").write_bytes(DECLINED)


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_report_does_what_a_write_would_have_done(form: str) -> None:
    report = dfmod("convert", "--format", form).out
    ran = dfmod("apply", "-", stdin=report)
    assert (ran.code, ran.out, ran.err) == (0, b"", "Done: 2 as the report says, 0 refused\n")
    assert Path("Dockerfile").read_bytes() == AFTER
    assert Path("a/Dockerfile").read_bytes() == LATIN + b"\r\n" + ADDED.encode() + b"\r\n"
    assert Path("Dockerfile.b").read_bytes() == DECLINED
    again = dfmod("apply", "-", stdin=report)
    assert (again.code, again.err) == (0, ran.err)


def test_a_file_that_changed_since_is_refused_and_the_others_are_written() -> None:
    dfmod("convert", "--format", "json", "-o", "r.json")
    Path("Dockerfile").write_bytes(b"FROM other\n")
    ran = dfmod("apply", "-q", "r.json")
    assert ran.code == 2
    assert ran.err == "Dockerfile: error: changed since the report was made; nothing was written; convert it again\n"
    assert Path("Dockerfile").read_bytes() == b"FROM other\n"
    assert Path("a/Dockerfile").read_bytes() != LATIN


def test_a_file_that_is_gone_or_was_standard_input_is_refused() -> None:
    piped = dfmod("convert", "--format", "json", "-", stdin=TEXT).out
    assert "was standard input" in dfmod("apply", "-", stdin=piped).err
    report = dfmod("convert", "--format", "json", "Dockerfile").out
    Path("Dockerfile").unlink()
    ran = dfmod("apply", "-", stdin=report)
    assert ran.code == 2
    assert "no such file or folder" in ran.err
    assert not Path("Dockerfile").exists()


@pytest.mark.parametrize("way", ["../Dockerfile", "link/Dockerfile"])
def test_a_file_outside_is_refused_unless_that_is_asked_for(way: str) -> None:
    Path("../Dockerfile").write_bytes(TEXT)
    Path("link").symlink_to("..")
    report = dfmod("convert", "--format", "json", way).out
    ran = dfmod("apply", "-", stdin=report)
    assert ran.code == 2
    assert "lies outside this folder" in ran.err
    assert Path("../Dockerfile").read_bytes() == TEXT
    assert dfmod("apply", "--unsafe-paths", "-", stdin=report).code == 0
    assert Path("../Dockerfile").read_bytes() == AFTER


BROKEN: dict[str, Callable[[dict[str, Any]], object]] = {
    "another schema": lambda report: {**report, "schema": 2},
    "no object": lambda _: [],
    "results that are none": lambda report: {**report, "results": [1]},
    "another text": lambda report: _with(report, text="FROM x\n"),
    "no text": lambda report: _with(report, text=None),
    "no path": lambda report: _with(report, path=None),
    "no blob id": lambda report: _with(report, before=None),
    "no base64": lambda report: _with(report, text_b64="?"),
}


def _with(report: dict[str, Any], **fields: object) -> dict[str, Any]:
    first, *rest = report["results"]
    return {**report, "results": [{**first, **fields}, *rest]}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_report_of_ours_is_refused_before_anything_is_written(case: str) -> None:
    report = json.loads(dfmod("convert", "--format", "json").out)
    ran = dfmod("apply", "-", stdin=json.dumps(BROKEN[case](report)).encode())
    assert ran.code == 2
    assert ran.err.startswith("error: ")
    assert (Path("Dockerfile").read_bytes(), Path("a/Dockerfile").read_bytes()) == (TEXT, LATIN)


def test_a_report_that_cannot_be_read_is_told() -> None:
    assert dfmod("apply", "nowhere").err == "error: nowhere: no such file or directory\n"
    assert dfmod("apply", "Dockerfile").err.startswith("error: Dockerfile: no JSON: ")
