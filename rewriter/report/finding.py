"""What a result says, as a flat list of findings: the common ground of the forms that annotate lines of a file."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import assert_never

from rewriter.analysis.evidence import Evidence
from rewriter.notes import Note, Rule, Severity
from rewriter.plan import Decision, Declined, Refusal, Rewritten, Safety, Unchanged
from rewriter.record import record
from rewriter.report.diff import changes, lines
from rewriter.report.printable import decodable, printable
from rewriter.report.result import Failed, Result

CONVERSION = Rule("conversion", "the file can be converted")
FAILED = Rule("failed", "the file could not be done")
_APPLY = "run `dfmod convert --write`, or take the fix where one is offered"
_PLACE = re.compile(r"Dockerfile:(\d+)")


class Level(Enum):
    """How loud a finding is, in SARIF's words."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@record
class Finding:
    """One thing said of a file. `rule` has a page, `message` and `help` are on one line, `line` counts from one.

    `fingerprint` stays the same when lines are added above, and no two findings of a run share one.
    """

    rule: str
    level: Level
    message: str
    help: str
    line: int | None
    fingerprint: str = ""

    @property
    def sentence(self) -> str:
        """The message with what to do about it."""
        return f"{self.message}; {self.help}" if self.help else self.message


def findings(results: Sequence[Result]) -> list[tuple[Result, tuple[Finding, ...]]]:
    """Return every result with its findings: the conversion first, then its decisions and the notes."""
    seen: Counter[str] = Counter()
    return [(result, tuple(_numbered(result, seen))) for result in results]


def place(path: str) -> str:
    """Return the path as a report names it: relative to where the run was, on one line, without a leading `./`."""
    return printable(path).removeprefix("./")


def _numbered(result: Result, seen: Counter[str]) -> Iterator[Finding]:
    for finding, about in _of(result):
        key = "\0".join((place(result.path), finding.rule, about))
        seen[key] += 1
        print_ = hashlib.sha256(f"{key}\0{seen[key]}".encode()).hexdigest()
        yield Finding(finding.rule, finding.level, finding.message, finding.help, finding.line, print_)


def _of(result: Result) -> Iterator[tuple[Finding, str]]:
    """Yield each finding with what it is about, as far as that does not change with the lines above."""
    outcome = result.outcome
    match outcome:
        case Rewritten(plan=plan):
            yield _conversion(result, outcome)
            yield from map(_decision, plan.decisions)
        case Declined() if result.ignored:
            pass
        case Declined(refusal=refusal):
            yield _refusal(refusal)
        case Unchanged():
            pass
        case Failed():
            yield Finding(FAILED.name, Level.ERROR, printable(outcome.message), printable(outcome.help), None), ""
            return
        case _:
            assert_never(outcome)
    text = lines(result.before)
    yield from (_note(note, text) for note in outcome.notes)


def _conversion(result: Result, outcome: Rewritten) -> tuple[Finding, str]:
    decisions = outcome.plan.decisions
    review = sum(decision.safety is Safety.REVIEW for decision in decisions)
    message = f"can be converted ({outcome.plan.recipe}, {outcome.plan.tier.value}): {len(decisions)} decisions"
    changed = changes(lines(result.before), lines(result.after))
    # What is added at the end stands on the last line.
    line = min(changed[0][0] + 1, max(1, len(lines(result.before)))) if changed else 1
    return Finding(CONVERSION.name, Level.NOTE, f"{message}, {review} to review", _APPLY, line), ""


def _decision(decision: Decision) -> tuple[Finding, str]:
    level = Level.WARNING if decision.safety is Safety.REVIEW else Level.NOTE
    message = printable(f"{decision.field}: {decision.what} ({decision.why})")
    rule = printable(decision.field.partition(".")[0])
    about = f"{decision.field}\0{decision.evidence[0].quote}"
    return Finding(rule, level, message, "", line_of(decision.evidence)), decodable(about)


def _refusal(refusal: Refusal) -> tuple[Finding, str]:
    line = line_of(refusal.evidence)
    return Finding(refusal.rule.name, Level.ERROR, printable(refusal.why), printable(refusal.help), line), ""


def _note(note: Note, text: list[bytes]) -> tuple[Finding, str]:
    level = Level.WARNING if note.severity is Severity.WARNING else Level.NOTE
    about = (
        text[note.line - 1]
        if note.line is not None and note.line <= len(text)
        else note.message.encode("utf-8", "surrogateescape")
    )
    return Finding(note.rule.name, level, printable(note.message), printable(note.help), note.line), about.hex()


def line_of(evidence: Sequence[Evidence]) -> int | None:
    """Return the first line of the Dockerfile that is among the evidence."""
    found = (_PLACE.fullmatch(item.where) for item in evidence)
    return next((int(match[1]) for match in found if match), None)
