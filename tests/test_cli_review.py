"""`dfmod review` and the report forms of `dfmod convert`, by the command line."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from rewriter.cli import review  # noqa: F401 (registers the command)
from rewriter.report.documents import FORMS
from tests.command_line import PROGRAM, dfmod, process_environment
from tests.outcomes import ADDED
from tests.test_cli_convert import BUG, DECLINED, TEXT, lay


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def test_a_page_is_written_and_nothing_else() -> None:
    lay(Dockerfile=TEXT, b__Dockerfile=DECLINED)
    ran = dfmod("review", "-o", "review.html", ".")
    assert (ran.code, ran.out) == (0, b"")
    assert ran.err == (
        "Plan: 1 to convert, 0 unchanged, 1 declined\nApply it with: dfmod convert --write .\nThe page is review.html\n"
    )
    page = Path("review.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "supervisord must be PID 1 itself" in page
    assert ADDED.replace('"', "&#34;") in page
    assert Path("Dockerfile").read_bytes() == TEXT
    assert sorted(path.name for path in Path().rglob("*")) == ["Dockerfile", "Dockerfile", "b", "review.html"]


def test_a_page_can_be_sent_on_and_is_what_convert_prints() -> None:
    lay(Dockerfile=TEXT)
    page = dfmod("review", "Dockerfile")
    assert page.out == dfmod("convert", "--format", "html", "Dockerfile").out
    assert "The page" not in page.err


def test_the_worst_of_a_run_is_its_code_and_is_on_the_page() -> None:
    lay(Dockerfile=TEXT)
    ran = dfmod("review", "-o", "p", "Dockerfile", "missing")
    assert ran.code == 2
    assert ran.err.startswith("missing: error: no such file or folder\n")
    assert "no such file or folder" in Path("p").read_text()
    lay(Dockerfile=BUG)
    assert dfmod("review", "-o", "p", "Dockerfile").code == 70


def test_measurements_are_shown() -> None:
    lay(Dockerfile=TEXT)
    image = {"size": 5_000_000, "packages": 0, "executables": 1, "setuid": 0, "shells": [], "package_managers": []}
    Path("m.json").write_text(json.dumps({"path": "Dockerfile", "images": {"before": image, "after": image}}))
    assert b"5.0 MB" in dfmod("review", "--measured", "m.json", "Dockerfile").out


WRONG = {
    "no such file": (("--measured", "none.json"), "none.json: no such file or folder"),
    "no measurements": (("--measured", "Dockerfile"), "Dockerfile: "),
    "nowhere to write": (("-o", "none/page.html"), "--output: no such folder: none"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_makes_no_sense_is_refused(case: str) -> None:
    lay(Dockerfile=TEXT)
    args, message = WRONG[case]
    ran = dfmod("review", *args, "Dockerfile")
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.startswith(f"error: {message}")


def test_no_page_is_printed_on_a_terminal() -> None:
    lay(Dockerfile=TEXT)
    ours, theirs = os.openpty()
    try:
        ran = subprocess.run(
            (*PROGRAM, "review", "Dockerfile"), stdout=theirs, stderr=subprocess.PIPE, check=False,
            stdin=subprocess.DEVNULL, env=process_environment(),
        )  # fmt: skip
    finally:
        os.close(theirs)
        os.close(ours)
    assert (ran.returncode, ran.stderr) == (2, b"error: a page is no use on a terminal; name a file with -o FILE\n")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_goes_to_stdout_or_to_a_file_whole(form: str) -> None:
    lay(Dockerfile=TEXT, b__Dockerfile=DECLINED)
    ran = dfmod("convert", "--format", form, ".")
    assert ran.code == 0
    assert ran.out.endswith(b"\n")
    assert b"b/Dockerfile" in ran.out
    assert dfmod("convert", "--format", form, "-o", "report", ".").out == b""
    assert Path("report").read_bytes() == ran.out


def test_a_write_can_report_too() -> None:
    lay(Dockerfile=TEXT)
    ran = dfmod("convert", "--write", "--format", "sarif", "Dockerfile")
    assert json.loads(ran.out)["version"] == "2.1.0"
    assert Path("Dockerfile").read_bytes() != TEXT
