"""The whole tool as one straight line: text in, outcome out. Read this first.

Pure and deterministic: the same text, context, options and tables give the same outcome.
"""

from __future__ import annotations

from pathlib import Path

from rewriter.analysis.context import Context
from rewriter.contract import Verdict, check
from rewriter.images.catalog import lookup_behind
from rewriter.plan import Declined, Options, Outcome, Plan, Refusal, Rewritten, Unchanged
from rewriter.recipes.base import choose
from rewriter.recipes.case import case_of
from rewriter.recipes.gate import cannot_be_written, does_not_build, gate
from rewriter.recipes.target import with_other_target
from rewriter.render import RenderError, render
from rewriter.semantics.build import Build
from rewriter.semantics.resolve import resolve
from rewriter.syntax.document import Problem
from rewriter.syntax.scanner import parse
from rewriter.syntax.witness import disagreement


class BrokenConversionError(RuntimeError):
    """A conversion did not pass our own checks: a bug of ours. Nothing of it may be used."""


def rewrite(text: str, context: Context, options: Options, templates: Path | None = None) -> Outcome:
    """Return the conversion of a Dockerfile, or why there is none.

    Raises:
        BrokenConversionError: the conversion did not pass the contract check, or does not parse as it should.
    """
    document = parse(text)
    find = lookup_behind(options.registry_prefix, options.images)
    build = resolve(document, find, target=options.target)
    if isinstance(build, Problem):
        return Declined(does_not_build(build), ())
    found = gate(build, options)
    if isinstance(found, Refusal):
        return Declined(found, ())
    if isinstance(found, Unchanged):
        return found
    case = case_of(build, context, options)
    if isinstance(case, Refusal):
        return Declined(case, ())
    if isinstance(case, Unchanged):
        return case
    recipe = choose(case)
    plan = recipe if isinstance(recipe, Refusal) else recipe.plan(case)
    if isinstance(plan, Refusal):
        return Declined(with_other_target(build, options, plan), case.command.notes)
    try:
        rewritten = render(plan, document, templates)
    except RenderError as error:
        return Declined(cannot_be_written(build.target, str(error)), plan.notes)
    if rewritten == text:
        return Unchanged("there is nothing to change")
    _prove(build, plan, rewritten, options)
    return Rewritten(rewritten, plan, plan.notes)


def _prove(build: Build, plan: Plan, text: str, options: Options) -> None:
    """Check the conversion as a stranger would: does it parse, does it build, does it keep the contract?"""
    document = parse(text)
    if document.problems:
        raise BrokenConversionError(f"line {document.problems[0].line}: {document.problems[0].message}")
    if reason := disagreement(document):
        raise BrokenConversionError(f"the second reader disagrees: {reason}")
    find = lookup_behind(options.registry_prefix, options.images)
    after = resolve(document, find, target=build.target.name if options.target else None)
    if isinstance(after, Problem):
        raise BrokenConversionError(f"line {after.line}: {after.message}")
    verdict = check(build.target.config, after.target.config, plan.decisions)
    if not verdict.holds:
        raise BrokenConversionError(_told(verdict))


def _told(verdict: Verdict) -> str:
    unexplained = "; ".join(f"{d.field}: {d.before!r} became {d.after!r}" for d in verdict.unexplained)
    idle = ", ".join(verdict.idle)
    return f"differences without a decision: {unexplained or 'none'}; decisions without a difference: {idle or 'none'}"
