"""The commands and their arguments, for typer; `options` has the help.

What a command needs beyond its arguments is imported when it runs, so that `--help` costs little more than typer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from rewriter import __version__
from rewriter.cli import BUG, CLOSED_PIPE, INTERRUPTED, USAGE
from rewriter.cli import options as o

if TYPE_CHECKING:
    from rewriter.cli.screen import Screen

app = typer.Typer(
    name="dfmod",
    help=o.DFMOD,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:  # noqa: FBT001 (typer's own signature)
    if value:
        typer.echo(f"dfmod {__version__}")
        raise typer.Exit


@app.callback()
def _dfmod(
    *,
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take what stands before the command."""


@app.command("convert", help=o.CONVERT)
def _convert(
    paths: o.Paths = None,
    *,
    write: o.Write = False,
    check: o.Check = False,
    format_: o.Format = None,
    output: o.Output = None,
    patch: o.Patch = None,
    context: o.ContextFolder = None,
    target: o.Target = None,
    tier: o.TierName = None,
    nonroot: o.Nonroot = None,
    no_init: o.NoInit = None,
    init_source: o.InitSource = None,
    registry_prefix: o.RegistryPrefix = None,
    pin: o.Pin = None,
    debug_target: o.DebugTarget = None,
    templates: o.Templates = None,
    images: o.Images = None,
    select: o.Select = None,
    ignore: o.Ignore = None,
    exclude: o.Exclude = None,
    no_config: o.NoConfig = False,
    strict: o.Strict = None,
    color: o.Color = "auto",
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
    jobs: o.Jobs = None,
    files_from: o.FilesFrom = None,
    stdin_filename: o.StdinFilename = None,
) -> None:
    def command(screen: Screen) -> int:
        from rewriter.cli.convert import run  # noqa: PLC0415
        from rewriter.cli.request import Request  # noqa: PLC0415

        request = Request(
            tuple(paths or ()),
            write=write,
            check=check,
            format=format_,
            output=output,
            patch=patch,
            context=context,
            target=target,
            tier=tier,
            nonroot=nonroot,
            no_init=no_init,
            init_source=init_source,
            registry_prefix=registry_prefix,
            pin=pin,
            debug_target=debug_target,
            templates=templates,
            images=tuple(images or ()),
            select=tuple(select or ()),
            ignore=tuple(ignore or ()),
            exclude=tuple(exclude or ()),
            no_config=no_config,
            strict=strict,
            jobs=jobs,
            files_from=files_from,
            stdin_filename=stdin_filename,
        )
        return run(request, screen)

    _carry_out(command, color, quiet=quiet, verbose=verbose)


@app.command("explain", help=o.EXPLAIN)
def _explain(
    name: Annotated[str | None, typer.Argument(help="A note, refusal or decision. Default: list all.")] = None,
) -> None:
    def command(screen: Screen) -> int:
        from rewriter.cli.explain import run  # noqa: PLC0415

        return run(name, screen)

    _carry_out(command)


def _carry_out(
    run: Callable[[Screen], int], color: str = "auto", *, quiet: bool = False, verbose: bool = False
) -> None:
    """Run a command to its exit code, whatever happens in it.

    Raises:
        Exit: always, with the code.
    """
    from rewriter.cli.faults import FileError, UsageError  # noqa: PLC0415
    from rewriter.cli.screen import screen  # noqa: PLC0415

    here = screen(color, quiet=quiet, verbose=verbose)
    try:
        code = run(here)
    except (UsageError, FileError) as error:
        here.error(str(error))
        code = USAGE
    except KeyboardInterrupt:
        here.insist("interrupted\n")
        code = INTERRUPTED
    except BrokenPipeError:
        code = CLOSED_PIPE
    except Exception as error:  # A traceback is for us, not for the user.
        from rewriter.cli.bug import details, save_report  # noqa: PLC0415

        here.insist(save_report([details(error)]))
        code = BUG
    raise typer.Exit(code)
