"""`dfmod apply`: its arguments, for typer. What it does is in `applying`, loaded when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rewriter.cli import options as o
from rewriter.cli.app import _carry_out, app

if TYPE_CHECKING:
    from rewriter.cli.screen import Screen

APPLY = """Carry out a saved report of `dfmod convert --format json`, or jsonl, exactly.

A file that changed since the report was made is refused; so is one outside this folder. The others are written.

\b
Examples:
  dfmod convert --format json -o report.json
  dfmod apply report.json

\b
Exit codes:
  0    all that the report converts is as it says
  2    wrong usage, or a file was refused or cannot be written
"""

Report = Annotated[str, typer.Argument(metavar="REPORT", help="The report; - for stdin.")]
UnsafePaths = Annotated[bool, typer.Option("--unsafe-paths", help="Write files outside this folder, too.")]


@app.command("apply", help=APPLY)
def _apply(report: Report, *, unsafe_paths: UnsafePaths = False, quiet: o.Quiet = False) -> None:
    def command(screen: Screen) -> int:
        from rewriter.cli.applying import run  # noqa: PLC0415

        return run(report, screen, unsafe=unsafe_paths)

    _carry_out(command, quiet=quiet)
