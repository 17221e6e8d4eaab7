"""The manual page and shell completion are made from the commands: they know every one, and every option."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from rewriter.cli.app import app
from rewriter.cli.man import page
from tests.command_line import process_environment, spawn

DFMOD = (sys.executable, "-m", "rewriter")


def _options(command: Any) -> Iterator[str]:
    for one in command.params:
        yield from (name for name in (*one.opts, *one.secondary_opts) if name.startswith("-"))
    for below in getattr(command, "commands", {}).values():
        yield from _options(below)


def test_the_manual_names_every_command_and_every_option() -> None:
    text = page().replace("\\-", "-")
    root: Any = typer.main.get_command(app)
    assert {"apply", "config", "convert", "explain", "verify", "bot", "fleet"} <= set(root.commands)
    assert [name for name in root.commands if f'.SH "dfmod {name}"\n' not in text] == []
    assert [name for name in _options(root) if name not in text] == []


def test_only_what_every_reader_of_manuals_knows_begins_a_line() -> None:
    requests = {line.split()[0] for line in page().splitlines() if line.startswith((".", "'"))}
    assert requests == {".TH", ".SH", ".B", ".I", ".TP", ".PP", ".nf", ".fi"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_can_be_shown(shell: str) -> None:
    environment = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    ran = spawn("--show-completion", shell, program=DFMOD, environment=environment)
    assert (ran.code, ran.err) == (0, "")
    assert b"_DFMOD_COMPLETE" in ran.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [("dfmod ver", b"verify"), ("dfmod app", b"apply"), ("dfmod convert --deb", b"--debug-target")],
)
def test_a_completion_knows_commands_that_are_loaded_late_too(words: str, expected: bytes) -> None:
    variables = {"_DFMOD_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    ran = subprocess.run(DFMOD, env=process_environment(**variables), capture_output=True, check=False)
    assert expected in ran.stdout.split()
