"""From a plan to a Dockerfile: the only door to jinja2. Decides nothing.

The templates print fields of the plan through filters that quote, or refuse what they cannot quote. A variable a
template does not know is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from rewriter.plan import Kept, Plan
from rewriter.quoting import (
    copy_line,
    env_pairs,
    exec_form,
    healthcheck,
    label_pairs,
    shell_patterns,
    shell_words,
    word,
)
from rewriter.syntax.document import Document
from rewriter.syntax.edits import Edit, apply

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.runtime import Context

_HERE = Path(__file__).parent


class RenderError(ValueError):
    """A plan holds something that no Dockerfile can say; the message names it."""


def render(plan: Plan, document: Document, templates: Path | None = None) -> str:
    """Return the text of the converted Dockerfile.

    `templates` is a folder whose templates stand in for the packaged ones of the same name. New lines take the
    document's newline, escape character and keyword case; kept lines stay byte for byte.

    Raises:
        RenderError: a value cannot be written into a Dockerfile.
    """
    edits = (*plan.keep, Edit(plan.at, _stages(plan, document, templates)))
    return apply(document.text, edits)


def fill(template: str, filters: Mapping[str, Callable[..., str]], values: Mapping[str, object]) -> str:
    """Return a packaged template that is no Dockerfile, filled in; `filters` quote for what it is.

    Raises:
        jinja2.UndefinedError: the template asks for a value that is not given.
    """
    environment = _environment("\n", None).overlay()
    environment.filters = {**environment.filters, **filters}
    return environment.get_template(template).render(values)


def fill_html(template: str, values: Mapping[str, object]) -> str:
    """Return a packaged template that is a page, filled in; every value is escaped.

    Raises:
        jinja2.UndefinedError: the template asks for a value that is not given.
    """
    environment = _environment("\n", None).overlay(autoescape=True)
    return environment.get_template(template).render(values)


def _stages(plan: Plan, document: Document, templates: Path | None) -> str:
    environment = _environment(document.newline, templates)
    template = environment.get_template(f"{plan.recipe}.Dockerfile.jinja")
    lower = all(i.keyword == i.keyword.lower() for i in document.instructions)
    context = {"document": document, "lower": lower, "escape": document.escape}
    try:
        body = template.render(plan=plan, **context)
    except ValueError as error:
        raise RenderError(str(error)) from error
    return _lead(plan, document) + body.strip("\r\n") + document.newline + _trail(plan, document)


def _lead(plan: Plan, document: Document) -> str:
    """Return what separates the new stages from the text before them: the missing newline and a blank line."""
    before = document.text[: plan.at.start]
    if not before.strip():
        return ""
    newline = document.newline
    missing = "" if before.endswith("\n") else newline
    return missing if before.endswith(newline * 2) else missing + newline


def _trail(plan: Plan, document: Document) -> str:
    """Return the blank line between new stages and what follows; a stage edited in place keeps what it had."""
    after = document.text[plan.at.end :]
    starts = (i.span.start for i in document.instructions if i.name == "FROM")
    in_place = any(plan.at.start <= start < plan.at.end for start in starts)
    return "" if in_place or not after.strip() or after.startswith(("\n", "\r\n")) else document.newline


@cache
def _environment(newline: str, templates: Path | None) -> Environment:
    from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, pass_context  # noqa: PLC0415 (slow)

    folders = [folder for folder in (templates, _HERE / "templates", _HERE.parent / "templates") if folder]
    environment = (_sandbox() if templates else Environment)(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        undefined=StrictUndefined,
        newline_sequence="\r\n" if newline == "\r\n" else "\n",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # the output is a Dockerfile; the filters quote
        auto_reload=False,
    )
    environment.filters |= {
        "copy_line": copy_line,
        "env_pairs": env_pairs,
        "exec_form": exec_form,
        "healthcheck": healthcheck,
        "label_pairs": label_pairs,
        "shell_patterns": shell_patterns,
        "shell_words": shell_words,
        "word": word,
        "kind": lambda line: type(line).__name__,
        "keyword": pass_context(_keyword),
        "kept": pass_context(_kept),
    }
    return environment


def _sandbox() -> type[Environment]:
    """Return the environment for templates of somebody else's, which a repository's own settings can name.

    They can print what a plan holds, and run nothing.
    """
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415 (rarely needed)

    return ImmutableSandboxedEnvironment


def _keyword(context: Context, name: str) -> str:
    """Return the keyword in the case the document writes its own in."""
    return name.lower() if context["lower"] else name


def _kept(context: Context, line: Kept) -> str:
    """Return the original text of a kept piece, with a newline at its end."""
    document: Document = context["document"]
    text = document.text[line.span.start : line.span.end]
    return text if text.endswith("\n") else text + document.newline
