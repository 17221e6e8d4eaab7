"""Results as Markdown: what a CI system shows as the summary of a step, and what people paste into a review.

Whatever comes from a repository goes through `markup`. What is too long for a step summary goes without diffs, then
without reasons; what is left out is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rewriter.notes import Note, Severity
from rewriter.plan import Decision, Declined, Rewritten, Safety
from rewriter.report.effects import losses
from rewriter.report.markup import cell, code, entities, fenced, prose
from rewriter.report.result import Failed, Result
from rewriter.report.text import summary

# A GitHub step summary may have 1 MiB; several programs may write to one.
LIMIT = 900_000
_LEFT_OUT = ("", "The diffs are left out for their length.", "Diffs and reasons are left out for their length.")


def document(results: Sequence[Result]) -> bytes:
    """Return the summary, at most `LIMIT` bytes long wherever that is possible without losing a file."""
    texts = (_document(results, step).encode() for step in range(len(_LEFT_OUT)))
    return next((text for text in texts if len(text) <= LIMIT), _document(results, len(_LEFT_OUT) - 1).encode())


def _document(results: Sequence[Result], step: int) -> str:
    rewritten = [(result, result.outcome) for result in results if isinstance(result.outcome, Rewritten)]
    lost = losses([outcome.plan for _, outcome in rewritten])
    lines = ["# dfmod", "", f"{summary(results, written=False)}.", ""]
    lines += ["| file | result | why |", "|---|---|---|", *map(_row, results), ""] if results else []
    lines += [f"{_LEFT_OUT[step]}", ""] if _LEFT_OUT[step] else []
    lines += ["## What no longer works", "", *(f"- {text}" for text in lost), ""] if lost else []
    for result, outcome in rewritten if step < 2 else ():
        lines += _details(result, outcome, diff=step < 1)
    return "\n".join(lines)


def _row(result: Result) -> str:
    outcome = result.outcome
    match outcome:
        case Rewritten(plan=plan):
            review = sum(decision.safety is Safety.REVIEW for decision in plan.decisions)
            why = f"{code(plan.runtime.base)}, {len(plan.decisions)} decisions, {review} to review"
            status = f"to convert ({plan.recipe}, {plan.tier.value})"
        case Declined(refusal=refusal):
            status, why = f"declined ({code(refusal.rule.name)})", f"{prose(refusal.why)}; {prose(refusal.help)}"
        case Failed():
            status, why = "failed", f"{prose(outcome.message)}; {prose(outcome.help)}"
        case _:
            status, why = "unchanged", prose(outcome.why)
    return f"| {cell(code(result.path))} | {cell(status)} | {cell(why)} |"


def _details(result: Result, outcome: Rewritten, *, diff: bool) -> Iterator[str]:
    yield f"<details><summary>Every change in <code>{entities(result.path)}</code>, with its reason</summary>"
    yield ""
    yield from (_decision(decision) for decision in outcome.plan.decisions)
    yield from (_note(note) for note in outcome.notes)
    yield ""
    if diff:
        yield fenced(result.diff.decode("utf-8", "surrogateescape"), "diff")
        yield ""
    yield "</details>"
    yield ""


def _decision(decision: Decision) -> str:
    mark = "**please look:** " if decision.safety is Safety.REVIEW else ""
    where = ", ".join(code(place) for place in dict.fromkeys(evidence.where for evidence in decision.evidence))
    return f"- {code(decision.field)}: {mark}{prose(decision.what)} ({prose(decision.why)}), see {where}"


def _note(note: Note) -> str:
    mark = "**warning:** " if note.severity is Severity.WARNING else ""
    line = f" (line {note.line})" if note.line is not None else ""
    advice = f"; {prose(note.help)}" if note.help else ""
    return f"- {code(note.rule.name)}: {mark}{prose(note.message)}{line}{advice}"
