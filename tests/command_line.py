"""Runs `dfmod` for the tests: within this process, where that can show it, else as a process of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from rewriter.cli import work
from rewriter.cli.app import app
from tests.outcomes import stand_in

ROOT = Path(__file__).parent.parent
PROGRAM = (sys.executable, "-m", "tests.outcomes")


@dataclass(frozen=True)
class Ran:
    """What a run left: its exit code, standard output as bytes, standard error as text."""

    code: int
    out: bytes
    err: str


def dfmod(*args: str, stdin: bytes = b"") -> Ran:
    """Run the command line in this process, in the current folder, with the stand-in for the pipeline."""
    out, err = io.TextIOWrapper(io.BytesIO()), io.TextIOWrapper(io.BytesIO(), errors="backslashreplace")
    given = io.TextIOWrapper(io.BytesIO(stdin))
    streams = patch.multiple(sys, stdin=given, stdout=out, stderr=err)
    with streams, patch.object(work, "rewrite", stand_in):
        code = _exit_code(args)
    return Ran(code, _written(out), _written(err).decode())


def spawn(*args: str, program: tuple[str, ...] = PROGRAM, environment: Mapping[str, str] | None = None) -> Ran:
    """Run it as a process in the current folder."""
    variables = process_environment(**(environment or {}))
    ran = subprocess.run((*program, *args), stdin=subprocess.DEVNULL, capture_output=True, check=False, env=variables)
    return Ran(ran.returncode, ran.stdout, ran.stderr.decode())


def process_environment(**more: str) -> dict[str, str]:
    """Return the environment of a process that finds the tests from any folder."""
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": paths, **more}


def _exit_code(args: tuple[str, ...]) -> int:
    try:
        app(args, prog_name="dfmod")
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    raise AssertionError("a command always ends with an exit code")


def _written(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue()
