"""Results for a person at a terminal: one line per decision, notes, refusals with their help, and the closing plan.

This goes to standard error; it is for reading and may change at any time. Programs read the JSON report.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from rewriter.analysis.evidence import Evidence
from rewriter.notes import Note, Severity
from rewriter.plan import Decision, Declined, Refusal, Rewritten, Safety, Unchanged
from rewriter.record import record
from rewriter.report.colour import Colour, paint
from rewriter.report.printable import printable
from rewriter.report.result import Failed, Result, totals


@record
class Style:
    """How to write: in colour or not, and with every quote of evidence (`verbose`) or only its place."""

    colour: bool = False
    verbose: bool = False


def describe(result: Result, style: Style) -> str:
    """Return what became of one file and why, as lines; empty for an unchanged file with nothing to say."""
    outcome = result.outcome
    match outcome:
        case Rewritten(plan=plan):
            about = f"{plan.recipe}, {plan.tier.value}"
            body = [line for decision in plan.decisions for line in _decision(decision, style)]
        case Declined() if result.ignored and not style.verbose:
            return ""
        case Declined(refusal=refusal):
            about = paint(f"declined: {refusal.rule.name}", Colour.LOOK, on=style.colour)
            body = _refusal(refusal, style)
        case Unchanged(why=why):
            if not outcome.notes and not style.verbose:
                return ""
            about, body = f"unchanged: {printable(why)}", []
        case Failed():
            about = paint("error", Colour.BAD, on=style.colour) + f": {printable(outcome.message)}"
            body = _help(outcome.help)
        case _:
            assert_never(outcome)
    notes = () if isinstance(outcome, Failed) else outcome.notes
    body += [line for note in notes for line in _note(note, style)]
    title = paint(printable(result.path), Colour.TITLE, on=style.colour)
    return "".join(f"{line}\n" for line in (f"{title}: {about}", *body))


def summary(results: Sequence[Result], *, written: bool) -> str:
    """Return the closing line: "Plan: 2 to convert, 1 unchanged, 1 declined", or what was done."""
    count = totals(results)
    first = f"Done: {count['rewritten']} converted" if written else f"Plan: {count['rewritten']} to convert"
    failed = f", {count['failed']} failed" if count["failed"] else ""
    return f"{first}, {count['unchanged']} unchanged, {count['declined']} declined{failed}"


def _decision(decision: Decision, style: Style) -> list[str]:
    mark = paint(" [review]", Colour.LOOK, on=style.colour) if decision.safety is Safety.REVIEW else ""
    field = paint(printable(decision.field), Colour.PLACE, on=style.colour)
    what = f"  {field}: {printable(decision.what)} ({printable(decision.why)}){mark}"
    return _with_evidence(what, decision.evidence, style)


def _refusal(refusal: Refusal, style: Style) -> list[str]:
    return [*_with_evidence(f"  {printable(refusal.why)}", refusal.evidence, style), *_help(refusal.help)]


def _with_evidence(line: str, evidence: tuple[Evidence, ...], style: Style) -> list[str]:
    """Return the line with the places it rests on; verbose, each place stands on its own line with its quote."""
    if style.verbose:
        return [line, *(f"      {printable(e.where)}: {printable(e.quote)}" for e in evidence)]
    places = dict.fromkeys(printable(e.where) for e in evidence)
    return [f"{line} {paint(', '.join(places), Colour.QUIET, on=style.colour)}" if places else line]


def _note(note: Note, style: Style) -> list[str]:
    colour = Colour.LOOK if note.severity is Severity.WARNING else Colour.QUIET
    kind = paint(f"{note.severity.value}: {note.rule.name}", colour, on=style.colour)
    place = f" (line {note.line})" if note.line is not None else ""
    return [f"  {kind}: {printable(note.message)}{place}", *_help(note.help)]


def _help(text: str) -> list[str]:
    return [f"    help: {printable(text)}"] if text else []
