"""Files that are awkward to read or to write: one clear sentence, or the right bytes; never a part of a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rewriter.cli.faults import FileError
from rewriter.cli.files import LARGEST, replace
from tests.command_line import PROGRAM, dfmod, process_environment
from tests.outcomes import ADDED

TEXT = b"FROM golang:1.20\n"
AFTER = TEXT + ADDED.encode() + b"\n"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: path.with_name("Dockerfil"), "no such file or folder"),
    "NUL bytes": (lambda path: path.write_bytes(b"FROM a\n\0"), "not a text file: byte 7 is NUL"),
    "UTF-16": (lambda path: path.write_bytes("FROM a\n".encode("utf-16")), "encoded as UTF-16"),
    "too large": (lambda path: path.write_bytes(b"#" * (LARGEST + 1)), "larger than 2 MiB"),
    "a pipe nobody writes to": (_pipe, "a pipe, not a regular file"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "a device, not a regular file"),
    "a dangling link": (lambda path: path.symlink_to("gone"), "a link to gone, which does not exist"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "cannot be read: too many levels"),
    "empty": (lambda path: path.write_bytes(b""), "line 1: file with no instructions"),
    "only comments": (lambda path: path.write_bytes(b"# a\n\n"), "file with no instructions"),
    "an open heredoc": (lambda path: path.write_bytes(b"FROM a\nRUN <<E\nls\n"), "unterminated heredoc"),
    "an unknown instruction": (lambda path: path.write_bytes(b"FROM a\nRUM ls\n"), "line 2: unknown instruction: RUM"),
}  # fmt: skip


@pytest.mark.parametrize("write", [(), ("-w",)], ids=["read", "write"])
@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_told_in_a_sentence_and_the_others_are_done(case: str, write: tuple[str, ...]) -> None:
    make, told = BAD[case]
    make(Path("Dockerfile.bad"))
    Path("Dockerfile").write_bytes(TEXT)
    ran = dfmod("convert", *write, "Dockerfile.bad", "Dockerfile")
    assert ran.code == 2
    assert "Dockerfile.bad: error: " in ran.err
    assert told in ran.err
    assert "    help: " in ran.err
    assert "1 unchanged" not in ran.err
    assert "0 unchanged, 0 declined, 1 failed" in ran.err
    assert Path("Dockerfile").read_bytes() == (AFTER if write else TEXT)


@pytest.mark.parametrize(
    ("data", "after"),
    [
        (b"# caf\xe9\nFROM a\n", b"# caf\xe9\nFROM a\n%s\n"),
        (b"\xef\xbb\xbfFROM a\r\n# x", b"\xef\xbb\xbfFROM a\r\n# x\r\n%s\r\n"),
        (b"FROM a\n# \x0c \xff\xfe", b"FROM a\n# \x0c \xff\xfe\n%s\n"),
    ],
)
def test_bytes_survive_a_write(data: bytes, after: bytes) -> None:
    Path("Dockerfile").write_bytes(data)
    assert dfmod("convert", "-w").code == 0
    assert Path("Dockerfile").read_bytes() == after % ADDED.encode()


@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o664, 0o444 | 0o200])
def test_mode_and_owner_are_kept(mode: int) -> None:
    file = Path("Dockerfile")
    file.write_bytes(TEXT)
    if os.geteuid() == 0:
        os.chown(file, 12345, 12346)
    file.chmod(mode)
    before = file.stat()
    assert dfmod("convert", "-w").code == 0
    after = file.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert (file.read_bytes(), list(Path().iterdir())) == (AFTER, [file])


def test_a_written_file_is_newer_than_what_was_made_from_the_old_one() -> None:
    Path("Dockerfile").write_bytes(TEXT)
    os.utime("Dockerfile", (1, 1))
    dfmod("convert", "-w")
    assert Path("Dockerfile").stat().st_mtime > 1_000_000


def test_a_link_stays_and_its_target_is_written() -> None:
    Path("real").mkdir()
    Path("real/Dockerfile").write_bytes(TEXT)
    Path("Dockerfile").symlink_to("real/Dockerfile")
    ran = dfmod("convert", "-w", "Dockerfile")
    assert ran.code == 0
    assert Path("Dockerfile").readlink() == Path("real/Dockerfile")
    assert Path("real/Dockerfile").read_bytes() == AFTER


def test_the_patch_of_a_link_names_its_target_and_applies() -> None:
    Path("real").mkdir()
    Path("real/Dockerfile").write_bytes(TEXT)
    Path("Dockerfile").symlink_to("real/Dockerfile")
    subprocess.run(("git", "apply"), input=dfmod("convert", "Dockerfile").out, check=True)
    assert Path("Dockerfile").is_symlink()
    assert Path("real/Dockerfile").read_bytes() == AFTER


def test_a_link_out_of_a_searched_folder_is_left_alone_and_a_named_one_is_not() -> None:
    Path("tree").mkdir()
    Path("elsewhere").write_bytes(TEXT)
    Path("tree/Dockerfile").symlink_to("../elsewhere")
    searched = dfmod("convert", "-w", "tree")
    assert (searched.code, Path("tree/Dockerfile").read_bytes()) == (0, TEXT)
    assert "tree/Dockerfile: skipped: a link that leads out of tree; name it to convert it\n" in searched.err
    assert dfmod("convert", "-w", "tree/Dockerfile").code == 0
    assert Path("tree/Dockerfile").read_bytes() == AFTER


def test_a_file_with_two_names_is_told_of() -> None:
    Path("Dockerfile").write_bytes(TEXT)
    Path("other").hardlink_to("Dockerfile")
    ran = dfmod("convert", "-w", "Dockerfile")
    assert "Dockerfile: warning: had 2 hard links; the other names keep the old text\n" in ran.err
    assert (Path("Dockerfile").read_bytes(), Path("other").read_bytes()) == (AFTER, TEXT)


def test_a_file_that_changed_since_it_was_read_is_not_written() -> None:
    Path("Dockerfile").write_bytes(b"FROM other\n")
    with pytest.raises(FileError, match="changed since it was read; nothing was written"):
        replace("Dockerfile", TEXT, AFTER)
    assert Path("Dockerfile").read_bytes() == b"FROM other\n"


def test_a_full_disk_under_a_report_is_told() -> None:
    Path("Dockerfile").write_bytes(TEXT)
    ran = dfmod("convert", "-o", "/dev/full", "Dockerfile")
    assert (ran.code, ran.out) == (2, b"")
    assert "error: cannot be written: no space left on device" in ran.err


@pytest.mark.parametrize("option", ["-o", "--patch"])
def test_a_report_with_nowhere_to_go_is_told_and_nothing_is_written(option: str) -> None:
    Path("Dockerfile").write_bytes(TEXT)
    ran = dfmod("convert", "-w", option, "nowhere/report", "Dockerfile")
    assert ran.code == 2
    assert "no such folder: nowhere" in ran.err
    assert Path("Dockerfile").read_bytes() == TEXT


def test_a_report_keeps_the_file_it_replaces_until_it_is_whole() -> None:
    Path("Dockerfile").write_bytes(TEXT)
    Path("report").write_bytes(b"old")
    Path("report").chmod(0o640)
    assert dfmod("convert", "--format", "json", "-o", "report").code == 0
    assert Path("report").stat().st_mode & 0o777 == 0o640
    assert Path("report").read_bytes().startswith(b'{\n  "schema"')
    assert sorted(path.name for path in Path().iterdir()) == ["Dockerfile", "report"]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder that other users can enter, which those of the test runner are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


AS_NOBODY = """
import os, sys
import rewriter.cli.app, rewriter.cli.convert, tempfile, shutil, rewriter.cli.bug
from rewriter.cli import work
from tests.outcomes import stand_in
work.rewrite = stand_in
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
rewriter.cli.main()
"""


def _as_nobody(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user to whom modes mean something, which they do not to root."""
    return subprocess.run(
        (sys.executable, "-c", AS_NOBODY, "convert", *args),
        cwd=folder,
        env=process_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


UNWRITABLE = {
    "a read-only file": (0o444, 0o777, "cannot be written: permission denied"),
    "a read-only folder": (0o666, 0o555, "cannot be written: permission denied"),
    "an unreadable file": (0o000, 0o777, "cannot be read: permission denied"),
}


@pytest.mark.parametrize("case", UNWRITABLE)
def test_what_may_not_be_written_is_told_and_left_as_it_was(case: str, open_folder: Path) -> None:
    file_mode, folder_mode, told = UNWRITABLE[case]
    file = open_folder / "Dockerfile"
    file.write_bytes(TEXT)
    file.chmod(file_mode)
    open_folder.chmod(folder_mode)
    ran = _as_nobody(open_folder, "-w", "Dockerfile")
    open_folder.chmod(0o755)
    assert ran.returncode == 2, ran.stderr
    assert f"Dockerfile: error: {told}" in ran.stderr
    assert "    help: " in ran.stderr
    file.chmod(0o644)
    assert (file.read_bytes(), list(open_folder.iterdir())) == (TEXT, [file])


def test_the_owner_of_another_ones_file_is_never_changed(open_folder: Path) -> None:
    file = open_folder / "Dockerfile"
    file.write_bytes(TEXT)
    file.chmod(0o666)
    open_folder.chmod(0o777)
    owner = file.stat().st_uid
    ran = _as_nobody(open_folder, "-w", "Dockerfile")
    assert file.stat().st_uid == owner
    # Without root to start from, the file is the runner's own, and is written.
    expected = (2, TEXT) if os.geteuid() == 0 else (0, AFTER)
    assert (ran.returncode, file.read_bytes()) == expected
    assert list(open_folder.iterdir()) == [file]


def test_a_folder_that_cannot_be_searched_is_told(open_folder: Path) -> None:
    (open_folder / "Dockerfile").write_bytes(AFTER)
    (open_folder / "closed").mkdir(mode=0o000)
    ran = _as_nobody(open_folder, ".")
    assert ran.returncode == 2
    assert "closed: error: cannot be searched: permission denied\n" in ran.stderr


KILLED = """
import os, signal
from rewriter.cli import files, work
from tests.outcomes import stand_in
work.rewrite = stand_in
os.fsync = lambda number: os.kill(os.getpid(), signal.{signal})
from rewriter.cli import main
main()
"""


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_signal_in_the_middle_of_a_write_leaves_the_old_file_and_nothing_else(name: str, code: int) -> None:
    Path("Dockerfile").write_bytes(TEXT)
    program = KILLED.format(signal=name)
    ran = subprocess.run(
        (sys.executable, "-c", program, "convert", "-w"), env=process_environment(), capture_output=True, check=False
    )
    assert ran.returncode == code, ran.stderr
    assert b"Traceback" not in ran.stderr
    assert (Path("Dockerfile").read_bytes(), list(Path().iterdir())) == (TEXT, [Path("Dockerfile")])


def test_a_long_run_ends_at_once_when_asked_to() -> None:
    Path("Dockerfile").write_bytes(b"# case: slow\nFROM a\n")
    with subprocess.Popen((*PROGRAM, "convert"), env=process_environment(), stderr=subprocess.PIPE) as process:
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=10)
    assert (process.returncode, told) == (130, b"interrupted\n")
