"""The closure stage as a text, and the script in it."""

from __future__ import annotations

from dataclasses import dataclass

from rewriter import render
from rewriter.plan import Closure


@dataclass(frozen=True, slots=True)
class Document:
    """As much of a document as the template asks for."""

    newline: str = "\n"


def stage(closure: Closure, newline: str = "\n") -> str:
    """Return the stage, in the line ends of the file it is for."""
    environment = render._environment(newline, None)
    template = environment.get_template("_closure.jinja")
    module = template.make_module({"document": Document(newline), "lower": False})
    return str(getattr(module, "closure")(closure))  # noqa: B009 - a module of jinja2 has what its template says


def script(closure: Closure) -> str:
    """Return the script that the stage runs."""
    _, _, heredoc = stage(closure).partition("<<'EOF'\n")
    return heredoc.removesuffix("EOF\n")
