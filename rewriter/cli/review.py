"""`dfmod review`: the dry run as a page for a browser. Its arguments, for typer, and what it does with them.

The conversion itself is that of `convert`; what is said on standard error is only what the page cannot say.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from rewriter.cli import options as o
from rewriter.cli.app import _carry_out, app

if TYPE_CHECKING:
    from rewriter.cli.request import Request
    from rewriter.cli.screen import Screen
    from rewriter.report.measured import Measured
    from rewriter.report.result import Result

REVIEW = """Show the conversion of Dockerfiles as a page for a browser.

One file without scripts that loads nothing: both texts side by side, the stages
as a picture, every decision with its reason and its lines. Nothing else is written.

\b
Examples:
  dfmod review -o review.html
  dfmod verify --format json app/Dockerfile > measured.json
  dfmod review --measured measured.json -o review.html app/Dockerfile

\b
Exit codes:
  0    done, also when files were declined
  2    wrong usage, or a file that cannot be read or parsed
       (the others are on the page)
  70   a bug in dfmod
  130  interrupted
"""

Measurements = Annotated[
    list[str] | None,
    typer.Option("--measured", metavar="FILE", help="Show what `verify --format json` measured; can be repeated."),
]


@app.command("review", help=REVIEW)
def _review(
    paths: o.Paths = None,
    *,
    output: o.Output = None,
    measured: Measurements = None,
    context: o.ContextFolder = None,
    target: o.Target = None,
    tier: o.TierName = None,
    init_source: o.InitSource = None,
    templates: o.Templates = None,
    jobs: o.Jobs = None,
    files_from: o.FilesFrom = None,
    color: o.Color = "auto",
    quiet: o.Quiet = False,
) -> None:
    def command(screen: Screen) -> int:
        from rewriter.cli.request import Request  # noqa: PLC0415

        request = Request(
            tuple(paths or ()),
            format="html",
            output=output,
            context=context,
            target=target,
            tier=tier,
            init_source=init_source,
            templates=templates,
            jobs=jobs,
            files_from=files_from,
        )
        return run(request, measured or (), screen)

    _carry_out(command, color, quiet=quiet)


def run(request: Request, measurements: Sequence[str], screen: Screen) -> int:
    """Make the page and return the exit code.

    Raises:
        UsageError: an option makes no sense, or the page would be printed on a terminal.
        FileError: the measurements cannot be read, or the page cannot be written.
    """
    from rewriter.cli import convert  # noqa: PLC0415 (`--help` does without all of this)
    from rewriter.cli.closing import closing  # noqa: PLC0415
    from rewriter.cli.faults import UsageError  # noqa: PLC0415
    from rewriter.report import html  # noqa: PLC0415

    if request.output is None and sys.stdout is not None and sys.stdout.isatty():
        raise UsageError("a page is no use on a terminal; name a file with -o FILE")
    measured = [_measured(path) for path in measurements]
    done: list[Result] = []

    def page(_form: str, results: Sequence[Result]) -> bytes:
        done.extend(results)
        return html.document(results, measured)

    code = convert.run(request, replace(screen, level=-1), page)
    screen.say(closing(done, request))
    if request.output is not None:
        screen.say(f"The page is {request.output}\n")
    return code


def _measured(path: str) -> Measured:
    from rewriter.cli.faults import FileError  # noqa: PLC0415
    from rewriter.cli.files import read  # noqa: PLC0415
    from rewriter.report.measured import measured  # noqa: PLC0415

    try:
        return measured(read(path).data)
    except ValueError as error:
        raise FileError(f"{path}: {error}", "name a file that it was sent to") from error
    except FileError as error:
        raise FileError(f"{path}: {error.message}", error.advice) from error
