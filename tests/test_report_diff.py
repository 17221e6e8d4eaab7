"""The patch writer, judged by `git apply` and `patch`: what they make of a patch must be the new bytes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rewriter.report.diff import blob_id, unified


def _counted(*without: int) -> bytes:
    return b"".join(b"%d\n" % n for n in range(500) if n not in without)


PAIRS = {
    "one line changed": (b"FROM a\nRUN b\n", b"FROM a\nRUN c\n"),
    "from nothing": (b"", b"FROM a\n"),
    "to nothing": (b"FROM a\n", b""),
    "final newline lost": (b"a\nb\n", b"a\nb"),
    "final newline gained": (b"a\nb", b"a\nb\n"),
    "no final newline on either side": (b"a\nb", b"a\nc"),
    "no final newline, changed above": (b"a\n1\n2\n3\n4\n5\nz", b"b\n1\n2\n3\n4\n5\nz"),
    "CRLF": (b"FROM a\r\nRUN b\r\n", b"FROM a\r\nRUN c\r\nUSER d\r\n"),
    "CRLF to LF": (b"FROM a\r\nRUN b\r\n", b"FROM a\nRUN b\n"),
    "lone carriage return": (b"FROM a\rRUN b\nX\n", b"FROM a\rRUN c\nX\n"),
    "form feed, vertical tab": (b"RUN a\x0cb\n\x0b\nX\n", b"RUN a\x0cb\n\x0b\nY\n"),
    "U+2028 and NEL": ("RUN a\u2028b\u0085\nX\n".encode(), "RUN a\u2028b\u0085\nY\n".encode()),
    "Latin-1": (b"# caf\xe9\nFROM a\n", b"# caf\xe9\nFROM b\n"),
    "byte order mark": (b"\xef\xbb\xbfFROM a\n", b"\xef\xbb\xbfFROM b\n"),
    "byte order mark lost": (b"\xef\xbb\xbfFROM a\n", b"FROM a\n"),
    "NUL": (b"FROM a\n\0\nX\n", b"FROM a\n\0\nY\n"),
    "lines that look like a patch": (b"--- a\n+++ b\n@@ -1 +1 @@\n\\ x\n", b"--- a\n+++ c\n@@ -1 +1 @@\n\\ y\n"),
    "trailing blanks": (b"RUN a \t\n\n \n", b"RUN a \t\n\n \n \n"),
    "the same line a thousand times": (b"RUN a\n" * 1000, b"RUN a\n" * 1001),
    "far apart": (_counted(), _counted(3, 480)),
    "wholly different": (b"a\nb\nc\n", b"x\ny\n"),
}  # fmt: skip

NAMES = (
    "Dockerfile",
    "services/api/Dockerfile.prod",
    "with blank/Docker file",
    'quo"te/Dockerfile',
    "back\\slash/Dockerfile",
    "tab\there/Dockerfile",
    "new\nline/Dockerfile",
    "straße/Dockerfile",
    "blank and ß/Dockerfile",
    "not utf-8 \udcff/Dockerfile",
    "-dash/Dockerfile",
    "b/a/Dockerfile",
)


def _laid(folder: Path, name: str, data: bytes) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def _applied(tool: tuple[str, ...], folder: Path, patch: bytes) -> None:
    ran = subprocess.run(tool, cwd=folder, input=patch, capture_output=True, check=False)
    assert ran.returncode == 0, (ran.stdout, ran.stderr, patch)


@pytest.mark.parametrize("case", PAIRS)
def test_git_apply_makes_the_new_bytes_and_takes_them_back(case: str, tmp_path: Path) -> None:
    before, after = PAIRS[case]
    file = _laid(tmp_path, "Dockerfile", before)
    patch = unified(before, after, "Dockerfile")
    _applied(("git", "apply"), tmp_path, patch)
    assert (file.read_bytes() if file.exists() else b"") == after
    file.write_bytes(after)
    _applied(("git", "apply", "-R"), tmp_path, patch)
    assert file.read_bytes() == before


@pytest.mark.parametrize("case", PAIRS)
def test_patch_makes_the_new_bytes(case: str, tmp_path: Path) -> None:
    before, after = PAIRS[case]
    file = _laid(tmp_path, "Dockerfile", before)
    _applied(("patch", "-p1", "--quiet"), tmp_path, unified(before, after, "Dockerfile"))
    assert (file.read_bytes() if file.exists() else b"") == after


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tool", [("git", "apply"), ("patch", "-p1", "--quiet")])
def test_any_path_name_is_found_again(name: str, tool: tuple[str, ...], tmp_path: Path) -> None:
    file = _laid(tmp_path, name, b"FROM a\n")
    _applied(tool, tmp_path, unified(b"FROM a\n", b"FROM b\n", name))
    assert file.read_bytes() == b"FROM b\n"


@pytest.mark.parametrize("name", NAMES)
def test_headers_are_those_of_git_itself(name: str, tmp_path: Path) -> None:
    file = _laid(tmp_path, name, b"FROM a\nRUN x\n")
    git = ("git", "-c", "core.autocrlf=false", "-c", "core.quotePath=true")
    subprocess.run(("git", "init", "-q"), cwd=tmp_path, check=True)
    subprocess.run((*git, "add", "."), cwd=tmp_path, check=True)
    file.write_bytes(b"FROM b\nRUN x\n")
    wanted = subprocess.run(
        (*git, "diff", "--abbrev=12", "--no-ext-diff"), cwd=tmp_path, check=True, capture_output=True
    )
    assert unified(b"FROM a\nRUN x\n", b"FROM b\nRUN x\n", name) == wanted.stdout


def test_an_executable_file_keeps_its_mode(tmp_path: Path) -> None:
    file = _laid(tmp_path, "Dockerfile", b"FROM a\n")
    file.chmod(0o755)
    subprocess.run(("git", "init", "-q"), cwd=tmp_path, check=True)
    subprocess.run(("git", "add", "."), cwd=tmp_path, check=True)
    patch = unified(b"FROM a\n", b"FROM b\n", "Dockerfile", 0o100755)
    ran = subprocess.run(("git", "apply", "--index"), cwd=tmp_path, input=patch, capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert file.stat().st_mode & 0o777 == 0o755


def test_nothing_changed_is_no_patch() -> None:
    assert unified(b"FROM a", b"FROM a", "Dockerfile") == b""


def test_three_lines_around_a_change_are_shown() -> None:
    lines = [b"%d\n" % n for n in range(20)]
    patch = unified(b"".join(lines), b"".join((*lines[:10], b"new\n", *lines[10:])), "Dockerfile")
    assert patch.partition(b"@@")[2] == b" -8,6 +8,7 @@\n 7\n 8\n 9\n+new\n 10\n 11\n 12\n"


@pytest.mark.parametrize("data", [b"", b"FROM a\n", b"\0\xff"])
def test_blob_ids_are_those_of_git(data: bytes) -> None:
    ran = subprocess.run(("git", "hash-object", "--stdin"), input=data, capture_output=True, check=True)
    assert blob_id(data) == ran.stdout.decode().strip()


_LINES = st.lists(st.sampled_from([b"a", b"b", b"", b"\r", b" ", b"\\", b"-", b"\xff", b"\x0c"]), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([b"a", b"b", b"b", b"b", b"a"], [b"b", b"b", b"b", b"b", b"a"], b"", b"")  # an insertion before what is equal
@given(_LINES, _LINES, st.sampled_from([b"", b"\n"]), st.sampled_from([b"", b"\n"]))
def test_any_change_of_lines_applies(
    tmp_path: Path, old: list[bytes], new: list[bytes], old_end: bytes, new_end: bytes
) -> None:
    before, after = b"\n".join(old) + old_end, b"\n".join(new) + new_end
    if before == after:
        return
    file = _laid(tmp_path, "Dockerfile", before)
    _applied(("git", "apply"), tmp_path, unified(before, after, "Dockerfile"))
    assert (file.read_bytes() if file.exists() else b"") == after
