"""Standard output for data, standard error for people: what goes where, in colour or not.

Data is written as bytes; whatever cannot be encoded for people is escaped. A closed stream is no stream.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import BinaryIO, TextIO

from rewriter.cli.faults import FileError
from rewriter.record import record
from rewriter.report.colour import Colour, paint, paint_diff

_CLEAR_LINE = "\r\x1b[K"


@record
class Screen:
    """The two streams and how to use them. `level` is -1 for `-q`, 0, or 1 for `-v`."""

    out: BinaryIO | None
    err: TextIO | None
    colour_out: bool = False
    colour_err: bool = False
    progress: bool = False
    level: int = 0

    def data(self, data: bytes) -> None:
        """Write data to standard output at once.

        Raises:
            FileError: it is closed, or its disk is full.
            BrokenPipeError: nobody reads it.
        """
        if not data:
            return
        if self.out is None:
            raise FileError("standard output is closed", "open it, or use --output FILE")
        try:
            self.out.write(data)
            self.out.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise FileError(f"standard output cannot be written: {reason}", "use --output FILE") from error

    def diff(self, diff: bytes) -> None:
        """Write a patch to standard output: as it is, or coloured for a terminal."""
        self.data(paint_diff(diff).encode("utf-8", "backslashreplace") if self.colour_out else diff)

    def say(self, text: str) -> None:
        """Tell people something, unless they asked for quiet."""
        if self.level >= 0:
            self.insist(text)

    def insist(self, text: str) -> None:
        """Tell people something they must know even with `-q`."""
        if self.err is not None and text:
            self.err.write(text)
            self.err.flush()

    def error(self, text: str) -> None:
        """Tell people what went wrong, with the word in front by which they find it."""
        self.insist(f"{paint('error', Colour.BAD, on=self.colour_err)}: {text}\n")

    def count(self, done: int, total: int) -> None:
        """Show how far a long run is, on a line that `uncount` takes away; only on a terminal."""
        if self.progress and self.err is not None and total > 1:
            self.err.write(f"{done} of {total} files")
            self.err.flush()

    def uncount(self) -> None:
        """Take the count away, so that something else can stand on its line."""
        if self.progress and self.err is not None:
            self.err.write(_CLEAR_LINE)
            self.err.flush()


def screen(color: str = "auto", *, quiet: bool = False, verbose: bool = False) -> Screen:
    """Return the screen of this process: colour as `--color`, NO_COLOR, FORCE_COLOR and the terminal have it."""
    out, err = sys.stdout, sys.stderr
    return Screen(
        out=out.buffer if out else None,
        err=err,
        colour_out=wants_colour(color, os.environ, is_terminal=bool(out) and out.isatty()),
        colour_err=wants_colour(color, os.environ, is_terminal=bool(err) and err.isatty()),
        progress=bool(err) and err.isatty() and not quiet and os.environ.get("TERM") != "dumb",
        level=-1 if quiet else int(verbose),
    )


def wants_colour(color: str, environment: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Return whether to colour. The option wins, then NO_COLOR, then FORCE_COLOR; each counts unless empty.

    See no-color.org and force-color.org for the two variables.
    """
    if color != "auto":
        return color == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return is_terminal and environment.get("TERM") != "dumb"
