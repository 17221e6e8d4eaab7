"""Results as one page for a browser: no network, no scripts, both files side by side, every decision at its lines.

Says what is on the page; how it looks is `templates/review.html.jinja`, which escapes everything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import assert_never

from rewriter import __version__
from rewriter.analysis.evidence import Evidence
from rewriter.notes import Note, Severity
from rewriter.plan import Decision, Declined, Rewritten, Safety, Unchanged
from rewriter.record import record
from rewriter.render import fill_html
from rewriter.report.effects import gains, losses
from rewriter.report.finding import line_of, place
from rewriter.report.graph import WIDTH, graph
from rewriter.report.measured import Measured
from rewriter.report.printable import printable
from rewriter.report.result import Failed, Result
from rewriter.report.sides import rows
from rewriter.report.text import summary

# A sentence, cut where code begins and ends: (text, whether it is code).
Pieces = tuple[tuple[str, bool], ...]
_TICKS = re.compile(r"`([^`]+)`")


@record
class Place:
    """Where a point is shown: `line` is the line of the Dockerfile, if it is there."""

    where: str
    quote: str
    line: int | None


@record
class Point:
    """One decision, note or refusal. `look` says that a person should look at it."""

    number: int
    kind: str
    name: str
    what: Pieces
    why: Pieces
    places: tuple[Place, ...]
    look: bool


def document(results: Sequence[Result], measured: Sequence[Measured] = ()) -> bytes:
    """Return the page. `measured` is shown with the file of the same path."""
    measures = {place(one.path): one.measures for one in measured}
    files = [_file(number, result, measures) for number, result in enumerate(results, 1)]
    view = {"files": files, "summary": summary(results, written=False), "version": __version__, "width": WIDTH}
    return fill_html("review.html.jinja", {"view": view}).encode()


def pieces(text: str) -> Pieces:
    """Return a sentence as pieces: what stands between ticks is code, the ticks fall away."""
    parts = _TICKS.split(printable(text))
    return tuple((part, number % 2 == 1) for number, part in enumerate(parts) if part)


def _file(number: int, result: Result, measures: Mapping[str, object]) -> dict[str, object]:
    """Return what the page says of one file, as the template asks for it."""
    points = _points(result)
    lines = () if isinstance(result.outcome, Failed | Unchanged) else rows(result.before, result.after)
    return {
        "id": f"f{number}",
        "path": place(result.path),
        "status": result.status,
        "look": sum(point.look for point in points),
        "points": points,
        "rows": lines,
        "lines": frozenset(row.before.number for row in lines if row.before),
        "at": _at(points),
        **_outcome(result),
        "measures": measures.get(place(result.path), ()),
    }


def _outcome(result: Result) -> dict[str, object]:
    outcome = result.outcome
    match outcome:
        case Rewritten(plan=plan):
            return {
                "result": f"to convert ({plan.recipe}, {plan.tier.value})",
                "says": pieces(f"The final stage starts from `{plan.runtime.base}`."),
                "gains": [pieces(text) for text in gains(plan)],
                "losses": [pieces(text) for text in losses([plan])],
                "graphs": _graphs(result),
            }
        case Declined(refusal=refusal):
            says = refusal.why
            told = "declined"
        case Unchanged(why=why):
            says, told = why, "unchanged"
        case Failed(message=message):
            says, told = f"{message}; {outcome.help}", "failed"
        case _:
            assert_never(outcome)
    return {"result": told, "says": pieces(says), "gains": [], "losses": [], "graphs": []}


def _graphs(result: Result) -> list[tuple[str, object]]:
    both = (("Before", graph(result.before)), ("After", graph(result.after)))
    return [(title, picture) for title, picture in both if picture is not None]


def _points(result: Result) -> tuple[Point, ...]:
    outcome = result.outcome
    found: list[Point] = []
    if isinstance(outcome, Rewritten):
        found += (_decision(number, decision) for number, decision in enumerate(outcome.plan.decisions, 1))
    if isinstance(outcome, Declined):
        refusal = outcome.refusal
        says = pieces(refusal.why), pieces(refusal.help)
        found.append(Point(1, "refusal", refusal.rule.name, *says, _places(refusal.evidence), look=True))
    if not isinstance(outcome, Failed):
        found += (_note(number, note) for number, note in enumerate(outcome.notes, len(found) + 1))
    return tuple(found)


def _decision(number: int, decision: Decision) -> Point:
    said = pieces(decision.what), pieces(decision.why)
    look = decision.safety is Safety.REVIEW
    return Point(number, "decision", printable(decision.field), *said, _places(decision.evidence), look)


def _note(number: int, note: Note) -> Point:
    places = (Place(f"line {note.line}", "", note.line),) if note.line is not None else ()
    said = pieces(note.message), pieces(note.help)
    return Point(number, "note", note.rule.name, *said, places, note.severity is Severity.WARNING)


def _places(evidence: Sequence[Evidence]) -> tuple[Place, ...]:
    return tuple(Place(printable(one.where), printable(one.quote), line_of((one,))) for one in dict.fromkeys(evidence))


def _at(points: Sequence[Point]) -> dict[int, tuple[Point, ...]]:
    """Return the points at each line of the old text that has any."""
    found: dict[int, dict[int, Point]] = {}
    for point in points:
        for one in point.places:
            if one.line is not None:
                found.setdefault(one.line, {})[point.number] = point
    return {line: tuple(those.values()) for line, those in found.items()}
