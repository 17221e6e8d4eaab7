"""The text of a pull request, made from the results of a conversion and cut to what a forge takes.

What is left out goes in a fixed order: the diffs, the reasons, the measurements, then rows of the tables. Never a part
of a section, so nothing ends inside a block of code.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rewriter import __version__
from rewriter.bot.identity import retake_box
from rewriter.notes import Severity
from rewriter.plan import Decision, Declined, Entrypoint, Plan, Rewritten, Safety, Tier, User
from rewriter.render import fill
from rewriter.report.effects import losses
from rewriter.report.markup import cell, code, entities, fenced, prose
from rewriter.report.result import Failed, Result
from rewriter.syntax.document import Document, decode
from rewriter.syntax.scanner import parse

RETAKE = "Tick this to have the bot take the branch back and make it anew, without what was pushed to it."
_TIERS = {
    Tier.DISTROLESS: "distroless",
    Tier.DISTROLESS_WITH_SHELL: "distroless, with a shell",
    Tier.SLIM: "slim",
    Tier.INIT_ONLY: "init only",
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """Something measured of one file's image before and after: its size, its time to stop."""

    path: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Style:
    """What a forge can show: `folds` are parts that open on a click, `reference` comes before a number."""

    limit: int
    folds: bool = True
    reference: str = "#"


class _Cut(NamedTuple):
    """What is shown: sections that may be left out, and rows of a table."""

    sections: str
    rows: int


_CUTS = (
    _Cut("diffs reasons measured", 300),
    _Cut("reasons measured", 300),
    _Cut("measured", 300),
    _Cut("", 100),
    _Cut("", 25),
    _Cut("", 5),
    _Cut("", 0),
)


def title(results: Sequence[Result]) -> str:
    """Return the title for the converted files among the results. No name from the repository is in it."""
    plans = [result.outcome.plan for result in results if isinstance(result.outcome, Rewritten)]
    many = len(plans) != 1
    files = f"{len(plans)} Dockerfiles" if many else "the Dockerfile"
    if plans and all(plan.tier is Tier.INIT_ONLY for plan in plans):
        return f"Start {files} with tini as PID 1"
    if any(plan.tier in (Tier.SLIM, Tier.INIT_ONLY) for plan in plans):
        return f"Split {files} into stages, with tini as PID 1"
    return f"Make {files} multi-stage and distroless, with tini as PID 1"


def body(
    results: Sequence[Result],
    branch: str,
    style: Style,
    *,
    follows: int | None = None,
    measured: Sequence[Measurement] = (),
) -> str:
    """Return the body for a group of results, at most as long as the style's limit.

    Raises:
        ValueError: not even the shortest one fits.
    """
    for cut in _CUTS:
        view = _view(results, branch, style, cut) | {"follows": follows}
        view["measured"] = tuple(measured) if "measured" in cut.sections else ()
        filters = {"cell": cell, "code": code, "entities": entities, "fenced": fenced, "prose": prose}
        text = fill("pull-request.md.jinja", filters, {"view": view})
        if len(text) <= style.limit:
            return text
    raise ValueError(f"no body is shorter than {style.limit} characters")


def _view(results: Sequence[Result], branch: str, style: Style, cut: _Cut) -> dict[str, object]:
    rewritten = [(result, result.outcome) for result in results if isinstance(result.outcome, Rewritten)]
    declined = list(_declined(results))
    rows = [_row(result, outcome) for result, outcome in rewritten[: cut.rows]]
    return {
        "sentence": _sentence([outcome.plan for _, outcome in rewritten]),
        "reference": style.reference,
        "rows": rows,
        "rows_left_out": len(rewritten) - len(rows),
        "declined": declined[: cut.rows],
        "declined_left_out": len(declined) - len(declined[: cut.rows]),
        "review": [item for result, outcome in rewritten[: cut.rows] for item in _review(result, outcome)],
        "lost": losses([outcome.plan for _, outcome in rewritten]),
        "details": [_details(r, o, diff="diffs" in cut.sections) for r, o in rewritten[: cut.rows]]
        if "reasons" in cut.sections
        else [],
        "folds": style.folds,
        "commands": _commands(rewritten[0][0].path if rewritten else ".", branch),
        "retake_box": retake_box(RETAKE),
        "version": __version__,
    }


def _sentence(plans: Sequence[Plan]) -> str:
    files = "one Dockerfile" if len(plans) == 1 else f"{len(plans)} Dockerfiles"
    split = "splits {} into a build and a final stage, so that only the program and what it needs is shipped"
    gains = "tini is PID 1, so that signals arrive and no zombies stay"
    if all(plan.tier is Tier.INIT_ONLY for plan in plans):
        return f"This changes how the image of {files} starts: {gains}."
    ends = " on a distroless image" if all(plan.tier in _DISTROLESS for plan in plans) else ""
    return f"This {split.format(files)}{ends}; {gains}."


_DISTROLESS = (Tier.DISTROLESS, Tier.DISTROLESS_WITH_SHELL)


def _row(result: Result, outcome: Rewritten) -> dict[str, object]:
    before, after = parse(decode(result.before)), parse(outcome.text)
    lines = outcome.plan.runtime.lines
    first = next((" ".join(line.argv) for line in reversed(lines) if isinstance(line, Entrypoint)), "")
    user = next((line.name for line in reversed(lines) if isinstance(line, User)), "")
    return {
        "path": result.path,
        "tier": _TIERS[outcome.plan.tier],
        "recipe": outcome.plan.recipe,
        "base_before": _last_base(before),
        "base_after": outcome.plan.runtime.base,
        "stages_before": _stages(before),
        "stages_after": _stages(after),
        "user": user,
        "first": first,
    }


def _last_base(document: Document) -> str:
    froms = [i.words for i in document.instructions if i.name == "FROM" and i.words]
    return froms[-1][0] if froms else "none"


def _stages(document: Document) -> int:
    return sum(i.name == "FROM" for i in document.instructions)


def _declined(results: Iterable[Result]) -> Iterator[dict[str, str]]:
    for result in results:
        outcome = result.outcome
        if isinstance(outcome, Declined):
            refusal = outcome.refusal
            yield {"path": result.path, "why": refusal.why, "name": refusal.rule.name, "help": refusal.help}
        elif isinstance(outcome, Failed):
            yield {"path": result.path, "why": outcome.message, "name": "failed", "help": outcome.help}


def _review(result: Result, outcome: Rewritten) -> Iterator[dict[str, object]]:
    """Yield what a person should look at: changes that may make a difference, and warnings."""
    for decision in outcome.plan.decisions:
        if decision.safety is Safety.REVIEW:
            text = f"{decision.field}: {decision.what} ({decision.why})"
            yield {"path": result.path, "text": text, "where": _where(decision)}
    for note in outcome.notes:
        if note.severity is Severity.WARNING:
            line = (f"line {note.line}",) if note.line is not None else ()
            yield {"path": result.path, "text": f"{note.message}. {note.help}", "where": line}


def _where(decision: Decision) -> tuple[str, ...]:
    return tuple(dict.fromkeys(evidence.where for evidence in decision.evidence))


def _details(result: Result, outcome: Rewritten, *, diff: bool) -> dict[str, object]:
    decisions = [{"field": d.field, "what": d.what, "why": d.why, "where": _where(d)} for d in outcome.plan.decisions]
    text = result.diff.decode("utf-8", "backslashreplace") if diff else ""
    return {"path": result.path, "decisions": decisions, "diff": text}


def _commands(path: str, branch: str) -> str:
    """Return the commands that get the branch and compare both images; names are quoted for the shell."""
    path = f"./{path}" if path.startswith("-") else path
    old = shlex.quote(f"{path}.before")
    return (
        f"git fetch origin {shlex.quote(branch)} && git switch --detach FETCH_HEAD\n"
        f"git show {shlex.quote(f'HEAD~1:{path}')} > {old} && dfmod verify {old} --against {shlex.quote(path)}"
    )
