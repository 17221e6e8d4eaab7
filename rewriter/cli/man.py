"""The manual page, made from the commands themselves: `python -m rewriter.cli.man > dfmod.1`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import typer

from rewriter import __version__
from rewriter.cli import LAZY
from rewriter.cli.app import app


def page() -> str:
    """Return the page in roff: every command with its description and every option with its help."""
    for name in sorted(LAZY):
        import_module(f"rewriter.cli.{name}")
    root: Any = typer.main.get_command(app)
    lines = [
        f'.TH DFMOD 1 "" "dfmod {__version__}" "User Commands"',
        ".SH NAME",
        "dfmod \\- rewrite Dockerfiles: multi-stage, distroless, tini as PID 1",
        ".SH SYNOPSIS",
        ".B dfmod\n.I COMMAND\n[OPTIONS] [ARGUMENTS]",
        ".SH DESCRIPTION",
        *_prose(root.help),
        *_options(root),
        *(line for name, command in sorted(root.commands.items()) for line in _command(f"dfmod {name}", command)),
    ]
    return "\n".join(lines) + "\n"


def _command(name: str, command: Any) -> Iterator[str]:
    yield f'.SH "{_quoted(name)}"'
    yield from _prose(command.help or "")
    yield from _options(command)
    for word, below in sorted(getattr(command, "commands", {}).items()):
        yield from _command(f"{name} {word}", below)


def _options(command: Any) -> Iterator[str]:
    for one in command.params:
        names = [*one.opts, *one.secondary_opts]
        shown = ", ".join(names) if names[0].startswith("-") else one.human_readable_name
        yield from (".TP", f"\\fB{_quoted(shown)}\\fR", _quoted(getattr(one, "help", None) or ""))


def _prose(text: str) -> Iterator[str]:
    """Yield paragraphs; one that is marked to keep its lines keeps them."""
    for paragraph in text.strip().split("\n\n"):
        if paragraph.startswith("\b\n"):
            yield from (".PP", ".nf", *map(_quoted, paragraph.splitlines()[1:]), ".fi")
        else:
            yield from (".PP", _quoted(" ".join(paragraph.split())))


def _quoted(text: str) -> str:
    """Return a line as roff prints it: no escape, no request at its beginning, hyphens that can be copied."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    sys.stdout.write(page())
