"""`dfmod config`: prints what is in force for a path, as TOML, and where each value comes from; or the schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from rewriter.cli import options as o
from rewriter.cli.app import _carry_out, app

if TYPE_CHECKING:
    from rewriter.cli.configuration import Config
    from rewriter.cli.screen import Screen

CONFIG = """Print the configuration that is in force for a file or folder.

It is that of .dfmod.toml, or of pyproject.toml under [tool.dfmod]: the nearest one, from the file's folder up to the
top of its repository. Options on the command line count more. What is not set stands in a comment.

\b
Examples:
  dfmod config services/api          what holds for the Dockerfiles there
  dfmod config --show-source         and where each value comes from
  dfmod config --schema              the JSON schema of the file
"""

Path_ = Annotated[str, typer.Argument(metavar="[PATH]", help="A file or a folder. Default: this folder.")]
ShowSource = Annotated[bool, typer.Option("--show-source", help="Say of each value which file it comes from.")]
Schema = Annotated[bool, typer.Option("--schema", help="Print the JSON schema of a configuration file.")]


@app.command("config", help=CONFIG)
def _config(
    path: Path_ = ".", *, show_source: ShowSource = False, schema: Schema = False, no_config: o.NoConfig = False
) -> None:
    def command(screen: Screen) -> int:
        from rewriter.cli.configuration import NONE  # noqa: PLC0415
        from rewriter.cli.schema import text  # noqa: PLC0415

        if schema:
            screen.data(text().encode())
            return 0
        config = NONE if no_config else _nearest(path)
        screen.data("".join(f"{line}\n" for line in (*_lines(config, show_source), *_bot(config))).encode())
        return 0

    _carry_out(command)


def _nearest(path: str) -> Config:
    """Return the configuration of a file, or of the files in a folder.

    Raises:
        UsageError: there is no such path, or the configuration says something unknown.
    """
    from pathlib import Path  # noqa: PLC0415

    from rewriter.cli.configuration import finder  # noqa: PLC0415
    from rewriter.cli.faults import UsageError  # noqa: PLC0415

    if not Path(path).exists():
        raise UsageError(f"{path}: no such file or folder")
    return finder()(f"{path.rstrip('/')}/Dockerfile" if Path(path).is_dir() else path)


def _lines(config: Config, show_source: bool) -> Iterator[str]:  # noqa: FBT001
    """Yield a line for every key, in the order of the table."""
    from rewriter.cli.keys import KEYS  # noqa: PLC0415

    for key in KEYS.values():
        is_set = key.field in config.values
        line = f"{key.name} = {_toml(config.values[key.field])}" if is_set else f"# {key.name}"
        yield f"{line}  # {config.path if is_set else 'default'}" if show_source else line


def _bot(config: Config) -> Iterator[str]:
    """Yield the bot's table as the file has it.

    Raises:
        UsageError: it says something unknown.
    """
    from rewriter.bot.settings import SettingsError, settings_of  # noqa: PLC0415
    from rewriter.cli.faults import UsageError  # noqa: PLC0415

    if config.bot is None:
        return
    if not isinstance(config.bot, dict):
        raise UsageError(f"{config.path}: bot is no table")
    try:
        settings_of(config.bot)
    except SettingsError as error:
        raise UsageError(str(error)) from error
    yield from ("", "[bot]", *(f"{name} = {_toml(value)}" for name, value in config.bot.items()))


def _toml(value: object) -> str:
    """Return a value of a configuration as TOML, whose basic strings are JSON's but for one character."""
    import json  # noqa: PLC0415

    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
