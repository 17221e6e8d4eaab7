"""What the user does not want to be told: `--select`, `--ignore`, and `# dfmod: ignore[NAME] reason` in the file.

A comment holds for its whole file, wherever it stands. A note of such a name is not told. A refusal of such a name
still leaves the file as it is, since nothing can convert it, but it is not told and does not fail `--strict`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace as changed

from rewriter.cli.configuration import not_ignorable
from rewriter.cli.request import Settings
from rewriter.notes import Note, Rule, Severity
from rewriter.plan import Declined
from rewriter.report.pages import ignorable
from rewriter.report.result import Failed, Result
from rewriter.syntax.document import Comment, Document, decode
from rewriter.syntax.scanner import parse

NOT_UNDERSTOOD = Rule("comment-not-understood", "a comment to dfmod says nothing it knows")
_OURS = "dfmod:"
_IGNORE = re.compile(r"dfmod:\s*ignore\[([^\]]*)\](?:\s.*)?", re.DOTALL)


def told(result: Result, settings: Settings) -> Result:
    """Return the result with the notes the user wants to see, and whether a refusal is to be told and to count."""
    outcome = result.outcome
    if isinstance(outcome, Failed):
        return result
    text = decode(result.before)
    said, wrong = _said(parse(text)) if _OURS in text else (frozenset(), ())
    hidden = said | frozenset(settings.ignore)
    notes = (
        note
        for note in (*outcome.notes, *wrong)
        if note.rule.name not in hidden and (not settings.select or note.rule.name in settings.select)
    )
    result = changed(result, outcome=changed(outcome, notes=tuple(notes)))
    if not isinstance(outcome, Declined):
        return result
    ignored = outcome.refusal.rule.name in hidden
    return changed(result, ignored=ignored, strict=settings.strict and not ignored)


def _said(document: Document) -> tuple[frozenset[str], tuple[Note, ...]]:
    """Return the names that the file's comments ignore, and a note for each of them that says nothing."""
    names: set[str] = set()
    wrong: list[Note] = []
    for item in document.items:
        if isinstance(item, Comment) and item.text.startswith(_OURS):
            found = _IGNORE.fullmatch(item.text)
            given = [name.strip() for name in found[1].split(",")] if found else []
            names |= set(given) & set(ignorable())
            wrong += _wrong(item, given)
    return frozenset(names), tuple(wrong)


def _wrong(comment: Comment, given: list[str]) -> Iterator[Note]:
    if not given:
        help_ = "write `# dfmod: ignore[NAME] reason`, with a name that `dfmod explain` lists"
        yield Note(NOT_UNDERSTOOD, Severity.WARNING, f"{comment.text!r} says nothing", comment.span.line, help_)
    for name in given:
        if name not in ignorable():
            message, _, help_ = not_ignorable(name).partition("; ")
            yield Note(NOT_UNDERSTOOD, Severity.WARNING, message, comment.span.line, help_)
