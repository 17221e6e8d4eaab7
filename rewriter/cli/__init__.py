"""The command line: arguments in, exit code out. typer is known to `app` and `options` alone."""

from __future__ import annotations

import gc
import os
import signal
import sys
from importlib import import_module
from typing import NoReturn

# Commands whose options no other command should pay for.
LAZY = frozenset({"apply", "bot", "config", "describe", "fleet", "review", "verify"})
USAGE, BUG, INTERRUPTED, CLOSED_PIPE, TERMINATED = 2, 70, 130, 141, 143


def main() -> NoReturn:
    """Run the command line and leave the process with its exit code."""
    # Nothing made while loading is garbage; looking for some takes a tenth of a short run.
    gc.disable()
    # SystemExit runs the clean-up that removes an unfinished file; the default action would not.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        from rewriter.cli.app import app  # noqa: PLC0415 (loaded with the collector off)

        _register(sys.argv[1:2])
        app(prog_name="dfmod")
    except SystemExit as done:
        _leave(done.code)
    except KeyboardInterrupt:
        _leave(INTERRUPTED)
    _leave(0)


def _register(word: list[str]) -> None:
    """Import the module of the command, which registers it; for a list of the commands, of every one."""
    for name in sorted(LAZY if word in ([], ["-h"], ["--help"]) else LAZY & set(word)):
        import_module(f"rewriter.cli.{name}")


def _leave(code: int | str | None) -> NoReturn:
    """Leave the process, what was printed having been read or not.

    The interpreter would complain about a closed pipe on its way out; so the pipe is replaced by nothing first.
    """
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = code or CLOSED_PIPE
    # What is frozen is not taken apart object by object: the system takes the memory back in one piece.
    gc.freeze()
    sys.exit(code)
