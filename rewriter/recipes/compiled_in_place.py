"""Built in one stage and shipped in another: the final stage stays as it is written, on a distroless base.

Takes stages that only copy a program and what it opens; anything else the general recipe carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import isabs

from rewriter.analysis.built import Built
from rewriter.analysis.evidence import Evidence
from rewriter.images.model import KnownImage
from rewriter.plan import Decision, Plan, Refusal, Safety, Tier
from rewriter.recipes.base import Case
from rewriter.recipes.compiled import (
    STATIC,
    Language,
    base_for,
    base_of,
    find_exact,
    needs_shell,
    sight_of,
    starts_others,
)
from rewriter.recipes.final import Base, Ending
from rewriter.recipes.final_in_place import conclude_in_place
from rewriter.recipes.fit import fit
from rewriter.recipes.health import read_health
from rewriter.semantics.build import CopyStep
from rewriter.syntax.words import names_in, pairs


def plan_in_place(case: Case, language: Language, programs: tuple[Built, ...]) -> Plan | Refusal | None:
    """Return the plan that changes the base of the target alone; None where more than that is needed."""
    program = find_exact(case, case.command.program[0], programs)
    if program is None or needs_shell(case.command) or case.command.user or starts_others(program):
        return None
    base, fits = _base(case, program, programs), fit(case, tuple(one.path for one in programs))
    if base is None or fits is None or not probes_itself(case, programs):
        return None
    workdir = _workdir(case)
    ending = Ending(
        recipe=language.recipe,
        tier=Tier.DISTROLESS,
        base=base,
        copies=(),
        command=case.command,
        dropped=_dropped(case, language),
        workdir=workdir,
        decisions=(*fits.decisions, *_workdir_decisions(case, program, workdir)),
        notes=case.command.notes,
    )
    return conclude_in_place(case, ending, fits.gone)


def _base(case: Case, program: Built, programs: tuple[Built, ...]) -> Base | None:
    """Return the new base; where a program that is copied is dynamic, one with glibc, if it had one before."""
    base, root = base_for(programs), case.stage.root
    if base is None or (base.name != STATIC and getattr(root, "libc", None) != "glibc"):
        return None
    sight = sight_of(program)
    if sight.is_clear:
        return base
    why = f"{base.why}; {sight.why}, so look whether it starts a program of the old base image"
    return Base(base.name, why, base.evidence, Safety.REVIEW)


def probes_itself(case: Case, programs: tuple[Built, ...]) -> bool:
    """Return whether the health check, if any, runs one of the programs and needs no shell."""
    health = read_health(case.stage)
    exact = (find_exact(case, word, programs) for word in health.programs)
    return not health.needs_shell and all(one is not None and base_of(one) is not None for one in exact)


def _workdir(case: Case) -> str | None:
    """Return the work directory of the old base image where a line of the stage counts from it."""
    root, stage = case.stage.root, case.stage
    own = root.config.workdir if isinstance(root, KnownImage) else None
    if own in {None, "/"}:
        return None
    for step in stage.steps:
        if step.instruction.name == "WORKDIR":
            return None if isabs(step.instruction.rest) else own
        if isinstance(step, CopyStep) and not isabs(step.instruction.words[-1]):
            return own
    return None if isabs(case.command.program[0]) else own


def _workdir_decisions(case: Case, program: Built, kept: str | None) -> tuple[Decision, ...]:
    root = case.stage.root
    old = root.config.workdir if isinstance(root, KnownImage) else None
    if kept or old in {None, "/"} or case.stage.config.workdir != old:
        return ()
    sight = sight_of(program)
    safety = Safety.SAFE if sight.is_clear else Safety.REVIEW
    why = "it is the base image's own, and nothing is copied there"
    fact = Evidence(f"facts: {getattr(root, 'family', '')}", f"WORKDIR {old}")
    return (Decision("workdir", f"the program starts in /, not in {old}", why, safety, (fact,)),)


def _dropped(case: Case, language: Language) -> Mapping[str, tuple[str, Evidence]]:
    """Return the variables of a toolchain that no line left in the stage sets, uses or is found by."""
    lines = [step.instruction for step in case.stage.steps]
    used = {name for line in lines for name in names_in(line.rest)}
    used |= {name for line in lines if line.name == "ENV" for name, _, _ in pairs(line)}
    if "/" not in case.command.program[0]:
        used.add("PATH")
    return {name: reason for name, reason in language.variables(case.stage).items() if name not in used}
