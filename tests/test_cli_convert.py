"""`dfmod convert`: what is printed where, in which form, and with which exit code."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from rewriter.report.diff import unified
from tests.command_line import dfmod, spawn
from tests.outcomes import ADDED
from tests.test_report_json import LINE, REPORT

TEXT = b"FROM golang:1.20\n"
AFTER = TEXT + ADDED.encode() + b"\n"
DECLINED = b"# case: declined\nFROM ubuntu\n"
BUG = b"# case: bug\nFROM ubuntu\n"
NOTED = b"# case: noted\nFROM golang:1.20\n"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def lay(**files: bytes) -> None:
    """Write the files; `__` in a name is a slash, `_` a dot."""
    for name, data in files.items():
        path = Path(name.replace("__", "/").replace("_", "."))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def test_a_dry_run_prints_the_patch_and_says_how_to_apply_it() -> None:
    lay(Dockerfile=TEXT)
    ran = dfmod("convert", "Dockerfile")
    assert ran.code == 0
    assert ran.out == unified(TEXT, AFTER, "Dockerfile")
    assert ran.err == (
        "Dockerfile: go, distroless\n"
        "  base: gcr.io/distroless/static-debian13 in place of golang:1.20 (the binary is static)"
        " Dockerfile:1, main.go:3\n"
        "  env.GOPATH: left out (nothing reads it) [review] facts: golang\n"
        "Plan: 1 to convert, 0 unchanged, 0 declined\n"
        "Apply it with: dfmod convert --write Dockerfile\n"
    )
    assert Path("Dockerfile").read_bytes() == TEXT


def test_without_a_path_the_current_folder_is_searched() -> None:
    lay(Dockerfile=TEXT, a__Dockerfile=AFTER, b__Dockerfile=DECLINED)
    ran = dfmod("convert")
    assert ran.out == unified(TEXT, AFTER, "Dockerfile")
    assert "Plan: 1 to convert, 1 unchanged, 1 declined\nApply it with: dfmod convert --write\n" in ran.err


def test_a_write_prints_no_data_and_says_how_to_undo_it() -> None:
    subprocess.run(("git", "init", "-q"), check=True)
    lay(Dockerfile=TEXT, a__Dockerfile=AFTER)
    subprocess.run(("git", "add", "."), check=True)
    ran = dfmod("convert", "-w", ".")
    assert (ran.code, ran.out) == (0, b"")
    assert Path("Dockerfile").read_bytes() == AFTER
    assert ran.err.endswith("Done: 1 converted, 1 unchanged, 0 declined\nUndo it with: git checkout -- Dockerfile\n")
    again = dfmod("convert", "-w", ".")
    assert (again.code, again.err) == (0, "Done: 0 converted, 2 unchanged, 0 declined\n")


def test_what_it_says_to_apply_does_it_and_what_it_says_to_undo_undoes_it() -> None:
    subprocess.run(("git", "init", "-q"), check=True)
    lay(**{"a b__Dockerfile": TEXT})
    subprocess.run(("git", "add", "."), check=True)
    subprocess.run(("git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"), check=True)
    said = dfmod("convert", "--nonroot", "--target", "0", "a b").err.rpartition("Apply it with: ")[2].strip()
    assert said == "dfmod convert --write --target 0 --nonroot 'a b'"
    undo = dfmod("convert", "--write", "a b").err.rpartition("Undo it with: ")[2]
    assert Path("a b/Dockerfile").read_bytes() == AFTER
    subprocess.run(undo, shell=True, check=True)  # noqa: S602 (it is a line for a shell)
    assert Path("a b/Dockerfile").read_bytes() == TEXT


@pytest.mark.parametrize("git", [True, False])
def test_a_saved_patch_undoes_a_write_exactly(git: bool) -> None:  # noqa: FBT001
    if git:
        subprocess.run(("git", "init", "-q"), check=True)
    lay(Dockerfile=TEXT, c__Dockerfile=TEXT)
    ran = dfmod("convert", "-w", "--patch", "p", ".")
    assert Path("c/Dockerfile").read_bytes() == AFTER
    undo = ran.err.rpartition("Undo it with: ")[2]
    assert undo == ("git apply -R p\n" if git else "patch -R -p1 < p\n")
    subprocess.run(undo, shell=True, check=True, stdout=subprocess.DEVNULL)  # noqa: S602
    assert (Path("Dockerfile").read_bytes(), Path("c/Dockerfile").read_bytes()) == (TEXT, TEXT)


@pytest.mark.parametrize("git", [True, False])
def test_no_undo_is_named_that_would_lose_more_than_the_write(git: bool) -> None:  # noqa: FBT001
    lay(Dockerfile=b"FROM other\n")
    if git:
        subprocess.run("git init -q && git add .", shell=True, check=True)  # noqa: S602
    lay(Dockerfile=TEXT)
    assert dfmod("convert", "-w", "Dockerfile").err.endswith(
        "Done: 1 converted, 0 unchanged, 0 declined\n"
        "The old text of 1 file is not in git: --patch FILE saves what undoes a write.\n"
    )


CODES = {
    "nothing to do": ((), {"Dockerfile": AFTER}, 0),
    "something to do": ((), {"Dockerfile": TEXT}, 0),
    "declined": ((), {"Dockerfile": DECLINED}, 0),
    "check, nothing to do": (("--check",), {"Dockerfile": AFTER}, 0),
    "check, something to do": (("--check",), {"Dockerfile": TEXT}, 1),
    "check, declined": (("--check",), {"Dockerfile": DECLINED}, 0),
    "strict, something to do": (("--strict",), {"Dockerfile": TEXT}, 0),
    "strict, declined": (("--strict",), {"Dockerfile": DECLINED}, 1),
    "strict write, declined": (("--strict", "-w"), {"Dockerfile": DECLINED}, 1),
    "a bad file beside a good one": (("--check",), {"Dockerfile": TEXT, "Dockerfile.b": b"\0"}, 2),
    "a bug beside a bad file": ((), {"Dockerfile": BUG, "Dockerfile.b": b"\0"}, 70),
}


@pytest.mark.parametrize("case", CODES)
def test_exit_codes(case: str) -> None:
    options, files, code = CODES[case]
    lay(**files)
    assert dfmod("convert", *options, ".").code == code


def test_check_writes_nothing() -> None:
    lay(Dockerfile=TEXT)
    assert dfmod("convert", "--check", "-q").err == ""
    assert Path("Dockerfile").read_bytes() == TEXT


def test_a_bug_of_ours_is_told_and_reported_and_the_rest_is_done() -> None:
    lay(Dockerfile=TEXT, Dockerfile_bug=BUG)
    ran = spawn("convert", "-w", "-q", ".")
    assert ran.code == 70
    assert (Path("Dockerfile").read_bytes(), Path("Dockerfile.bug").read_bytes()) == (AFTER, BUG)
    assert ran.err.startswith("Dockerfile.bug: error: a bug in dfmod (RuntimeError at outcomes.py:")
    assert "Traceback" not in ran.err
    assert "Please report it with the Dockerfile and " in ran.err
    (report,) = Path().glob("dfmod-bug-*.txt")
    assert "RuntimeError: a thing that cannot be" in report.read_text()


def test_quiet_tells_errors_alone() -> None:
    lay(Dockerfile=NOTED, Dockerfile_b=b"\0")
    ran = dfmod("convert", "-q", ".")
    assert ran.err == (
        "Dockerfile.b: error: not a text file: byte 0 is NUL\n    help: name a Dockerfile; this is something else\n"
    )
    assert ran.out.startswith(b"diff --git a/Dockerfile b/Dockerfile\n")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), ["shell-lost", "unpinned-base"]),
        (("--select", "shell-lost"), ["shell-lost"]),
        (("--select", "shell-lost", "--select", "unpinned-base"), ["shell-lost", "unpinned-base"]),
        (("--ignore", "shell-lost"), ["unpinned-base"]),
        (("--select", "shell-lost", "--ignore", "shell-lost"), []),
    ],
)
def test_select_and_ignore_choose_among_notes(
    options: tuple[str, ...], told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rewriter.cli.configuration.ignorable", lambda: ("shell-lost", "unpinned-base"))
    lay(Dockerfile=NOTED)
    ran = dfmod("convert", *options, "--format", "json")
    assert [note["name"] for note in json.loads(ran.out)["results"][0]["notes"]] == told


def test_json_is_sorted_valid_and_the_same_every_time() -> None:
    lay(Dockerfile=NOTED, b__Dockerfile=DECLINED, a__Dockerfile=AFTER, Dockerfile_b=b"\0")
    first, second = dfmod("convert", "--format", "json"), dfmod("convert", "--format", "json", ".")
    assert first.out == second.out
    value = json.loads(first.out)
    REPORT.validate(value)
    assert [(r["path"], r["outcome"]) for r in value["results"]] == [
        ("Dockerfile", "rewritten"),
        ("Dockerfile.b", "failed"),
        ("a/Dockerfile", "unchanged"),
        ("b/Dockerfile", "declined"),
    ]
    assert value["totals"] == {"rewritten": 1, "unchanged": 1, "declined": 1, "failed": 1}
    assert str(Path.cwd()).encode() not in first.out


def test_a_patch_in_the_report_applies() -> None:
    lay(Dockerfile=b"# caf\xe9\r\nFROM a")
    (result,) = json.loads(dfmod("convert", "--format", "json").out)["results"]
    assert "diff_b64" in result
    subprocess.run("base64 -d | git apply", shell=True, input=result["diff_b64"].encode(), check=True)  # noqa: S602
    assert Path("Dockerfile").read_bytes() == b"# caf\xe9\r\nFROM a\r\n" + ADDED.encode() + b"\r\n"


def test_json_lines_are_complete_in_themselves() -> None:
    lay(Dockerfile=NOTED, b__Dockerfile=DECLINED)
    lines = [json.loads(line) for line in dfmod("convert", "--format", "jsonl").out.splitlines()]
    for value in lines:
        LINE.validate(value)
    assert [(v["schema"], v["path"], v["outcome"]) for v in lines] == [
        (1, "Dockerfile", "rewritten"),
        (1, "b/Dockerfile", "declined"),
    ]


def test_the_report_of_a_write_says_what_was_written() -> None:
    lay(Dockerfile=TEXT)
    (result,) = json.loads(dfmod("convert", "-w", "--format", "json").out)["results"]
    assert (result["outcome"], result["text"]) == ("rewritten", AFTER.decode())


@pytest.mark.parametrize(("data", "printed"), [(TEXT, AFTER), (AFTER, AFTER), (DECLINED, DECLINED), (b"\0", b"")])
def test_the_dockerfile_form_prints_the_file_as_it_should_be(data: bytes, printed: bytes) -> None:
    lay(Dockerfile=data)
    assert dfmod("convert", "--format", "dockerfile", "Dockerfile").out == printed


def test_standard_input_is_a_file_under_the_name_it_is_given() -> None:
    named = dfmod("convert", "--stdin-filename", "app/Dockerfile", "-", stdin=TEXT)
    assert named.out == unified(TEXT, AFTER, "app/Dockerfile")
    assert named.err.startswith("app/Dockerfile: go, distroless\n")
    assert named.err.endswith("Apply it with: dfmod convert --format dockerfile --stdin-filename app/Dockerfile -\n")
    assert dfmod("convert", "-", stdin=TEXT).out == unified(TEXT, AFTER, "Dockerfile")
    assert dfmod("convert", "--format", "dockerfile", "-", stdin=TEXT).out == AFTER


def test_output_goes_to_a_file_and_the_patch_to_another() -> None:
    lay(Dockerfile=TEXT)
    ran = dfmod("convert", "--format", "json", "-o", "r.json", "--patch", "p.patch")
    assert ran.out == b""
    REPORT.validate(json.loads(Path("r.json").read_bytes()))
    assert Path("p.patch").read_bytes() == unified(TEXT, AFTER, "Dockerfile")


def test_more_paths_come_from_a_file_or_from_standard_input() -> None:
    lay(a__Dockerfile=TEXT, b__Dockerfile=TEXT, list=b"a/Dockerfile\n\nb\n")
    both = dfmod("convert", "--files-from", "list").out
    assert both.count(b"diff --git") == 2
    assert dfmod("convert", "--files-from", "-", stdin=b"b\0a/Dockerfile\0").out == both
    assert dfmod("convert", "--files-from", "-", stdin=b"").out == b""


USAGE = {
    "unknown command": ("covnert",),
    "unknown option": ("convert", "--wirte"),
    "unknown form": ("convert", "--format", "yaml"),
    "unknown tier": ("convert", "--tier", "alpine"),
    "no number of jobs": ("convert", "-j", "0"),
    "unknown note": ("convert", "--ignore", "initt"),
    "write and check": ("convert", "-w", "--check"),
    "write to standard input": ("convert", "-w", "-"),
    "an init and none": ("convert", "--no-init", "--init-source", "package"),
    "no such context": ("convert", "--context", "nowhere"),
    "no such templates": ("convert", "--templates", "nowhere"),
    "no such list": ("convert", "--files-from", "nowhere"),
    "a list and a file on standard input": ("convert", "--files-from", "-", "-"),
    "the text of two files": ("convert", "--format", "dockerfile", "Dockerfile", "Dockerfile.b"),
    "unknown page": ("explain", "entrypiont"),
}


@pytest.mark.parametrize("case", USAGE)
def test_wrong_usage_is_told_in_a_sentence(case: str) -> None:
    lay(Dockerfile=TEXT, Dockerfile_b=TEXT)
    ran = dfmod(*USAGE[case])
    assert (ran.code, ran.out) == (2, b"")
    assert "Traceback" not in ran.err
    assert len(ran.err.splitlines()[-1]) > 20
    assert Path("Dockerfile").read_bytes() == TEXT


def test_a_stage_that_is_not_there_is_the_files_fault() -> None:
    lay(Dockerfile=b"FROM golang AS build\nFROM scratch AS App\n")
    assert dfmod("convert", "--target", "app").code == 0
    assert dfmod("convert", "--target", "1").code == 0
    ran = dfmod("convert", "--target", "biuld")
    assert ran.code == 2
    assert "no stage 'biuld'\n    help: did you mean 'build'?" in ran.err
    assert "no stage '2'\n    help: the named stages are: build, app" in dfmod("convert", "--target", "2").err


def test_a_command_line_that_says_nothing_prints_help() -> None:
    ran = dfmod()
    assert ran.code == 2
    assert b"Usage: dfmod" in ran.out + ran.err.encode()
