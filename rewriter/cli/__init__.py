"""The command line: arguments in, exit code out. typer is known to `app` and `options` alone."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import NoReturn

USAGE, BUG, INTERRUPTED, CLOSED_PIPE, TERMINATED = 2, 70, 130, 141, 143


def main() -> NoReturn:
    """Run the command line and leave the process with its exit code."""
    # Nothing made while loading is garbage; looking for some takes a tenth of a short run.
    gc.disable()
    # SystemExit runs the clean-up that removes an unfinished file; the default action would not.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        from rewriter.cli.app import app  # noqa: PLC0415 (loaded with the collector off)

        if sys.argv[1:2] in ([], ["-h"], ["--help"], ["bot"], ["fleet"]):
            # Commands with many options, which no other command should pay for; importing registers them.
            from rewriter.cli import bot, fleet  # noqa: F401, PLC0415
        if sys.argv[1:2] in ([], ["-h"], ["--help"], ["verify"]):
            from rewriter.cli import verify  # noqa: F401, PLC0415 (likewise)
        if sys.argv[1:2] in ([], ["-h"], ["--help"], ["describe"]):
            from rewriter.cli import describe  # noqa: F401, PLC0415 (likewise)
        if sys.argv[1:2] in ([], ["-h"], ["--help"], ["review"]):
            from rewriter.cli import review  # noqa: F401, PLC0415 (likewise)
        app(prog_name="dfmod")
    except SystemExit as done:
        _leave(done.code)
    except KeyboardInterrupt:
        _leave(INTERRUPTED)
    _leave(0)


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
