"""What only a whole process can show: closed pipes, terminals, processes side by side, completion, what is loaded."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from rewriter import __version__
from rewriter.cli.screen import wants_colour
from tests.command_line import PROGRAM, process_environment, spawn

DFMOD = (sys.executable, "-m", "rewriter")
TEXT = b"FROM golang:1.20\n"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("args", [("convert",), ("convert", "--format", "json"), ("explain",), ("explain", "init")])
def test_a_closed_pipe_ends_the_run_without_a_complaint(args: tuple[str, ...]) -> None:
    Path("Dockerfile").write_bytes(TEXT)
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        (*PROGRAM, *args), stdout=write, stderr=subprocess.PIPE, env=process_environment(), check=False
    )
    os.close(write)
    assert ran.returncode == 141
    assert not {b"Traceback", b"Broken", b"ignored"} & set(ran.stderr.split())


@pytest.mark.parametrize("closed", ["1", "2"])
def test_a_closed_stream_is_no_bug(closed: str) -> None:
    Path("Dockerfile").write_bytes(TEXT)
    command = f"exec {closed}>&-; exec {' '.join(PROGRAM)} convert"
    ran = subprocess.run(("sh", "-c", command), capture_output=True, env=process_environment(), check=False)
    if closed == "1":
        assert (ran.returncode, ran.stderr) == (2, b"error: standard output is closed; open it, or use --output FILE\n")
    else:
        assert (ran.returncode, ran.stdout[:10]) == (0, b"diff --git")


def test_a_full_disk_under_standard_output_is_told() -> None:
    Path("Dockerfile").write_bytes(TEXT)
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            (*PROGRAM, "convert"), stdout=full, stderr=subprocess.PIPE, env=process_environment(), check=False
        )
    assert ran.returncode == 2
    assert ran.stderr == b"error: standard output cannot be written: no space left on device; use --output FILE\n"


def _on_a_terminal(*args: str, **environment: str) -> str:
    """Return what a run prints on a terminal, both streams together."""
    here, there = pty.openpty()
    environment = process_environment(**{"TERM": "xterm", **environment})
    with subprocess.Popen((*PROGRAM, *args), stdin=there, stdout=there, stderr=there, env=environment) as process:
        os.close(there)
        printed = b""
        while chunk := _read(here):
            printed += chunk
    os.close(here)
    assert process.returncode == 0
    return printed.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other side is closed.
        return b""


def test_a_terminal_gets_colour_and_a_count_and_a_pipe_gets_neither() -> None:
    for number in range(3):
        Path(f"Dockerfile.{number}").write_bytes(TEXT)
    printed = _on_a_terminal("convert")
    assert "\x1b[32m+CMD" in printed
    assert "1 of 3 files\r\x1b[K" in printed
    assert [line for line in printed.split("\n") if "of 3 files" in line.rpartition("\x1b[K")[2]] == []
    assert "\x1b" not in _on_a_terminal("convert", "-q", "--color", "never")
    ran = spawn("convert")
    assert "\x1b" not in ran.out.decode() + ran.err
    assert "of 3 files" not in ran.err


@pytest.mark.parametrize(
    ("color", "environment", "terminal", "wanted"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_when_to_colour(color: str, environment: dict[str, str], *, terminal: bool, wanted: bool) -> None:
    assert wants_colour(color, environment, is_terminal=terminal) == wanted


@pytest.mark.parametrize("form", ["diff", "json", "jsonl"])
def test_the_number_of_processes_changes_nothing(form: str) -> None:
    for number in range(9):
        case = (b"", b"# case: declined\n", b"# case: noted\n")[number % 3]
        Path(f"Dockerfile.{number}").write_bytes(case + TEXT)
    one, three = spawn("convert", "-j", "1", "--format", form), spawn("convert", "-j", "3", "--format", form)
    assert one == three
    assert one.code == 0
    assert one.out


def test_an_ascii_terminal_is_no_obstacle() -> None:
    Path("Dockerfile").write_bytes("# case: noted\nFROM ß\n".encode())
    Path("Dockerfile.é").write_bytes(b"\0")
    ran = spawn("convert", environment={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    assert (ran.code, "Traceback" in ran.err) == (2, False)
    assert "ß".encode() in ran.out


@pytest.mark.parametrize("args", [("--help",), ("-h",), ("convert", "--help"), ("explain", "-h")])
def test_help_shows_examples_and_loads_nothing_heavy(args: tuple[str, ...]) -> None:
    heavy = "'jinja2', 'libcst', 'rich', 'pydantic', 'dockerfile_parse', 'json', 'tempfile', 'rewriter.plan'"
    program = (
        "import sys, atexit; from rewriter.cli import main;"
        f"atexit.register(lambda: print(sorted({{{heavy}}} & set(sys.modules)), file=sys.stderr)); main()"
    )
    ran = spawn(*args, program=(sys.executable, "-c", program))
    assert (ran.code, ran.err) == (0, "[]\n")
    assert b"Examples:\n  " in ran.out.replace(b"    ", b"  ")


def test_a_conversion_loads_neither_rich_nor_pydantic() -> None:
    program = (
        "import sys, atexit; from rewriter.cli import main;"
        "atexit.register(lambda: print(sorted({'rich', 'pydantic', 'libcst', 'multiprocessing'} & set(sys.modules)),"
        "file=sys.stderr)); main()"
    )
    Path("Dockerfile").write_bytes(b"FROM golang:1.20\nRUN go build -o /app\nENTRYPOINT ./app\n")
    ran = spawn("convert", "-q", "Dockerfile", program=(sys.executable, "-c", program))
    assert (ran.code, ran.err) == (0, "[]\n")


def test_the_version_is_printed() -> None:
    ran = spawn("--version", program=DFMOD)
    assert (ran.code, ran.out) == (0, f"dfmod {__version__}\n".encode())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete(shell: str) -> None:
    environment = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    script = spawn("--show-completion", shell, program=DFMOD, environment=environment)
    assert script.code == 0
    assert b"_DFMOD_COMPLETE=complete_" + shell.encode() in script.out


def test_bash_completes_commands_and_options() -> None:
    assert _completed("dfmod convert --ch", word=2) == [b"--check"]
    assert _completed("dfmod ex", word=1) == [b"explain"]


def _completed(line: str, word: int) -> list[bytes]:
    asked = {"_DFMOD_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(word)}
    return spawn(program=DFMOD, environment=asked).out.split()
