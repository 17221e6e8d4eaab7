"""Any program on any base we know: what the build added comes along by closure, on `static`.

The recipe for what no other recipe claims, and what they fall back to.
"""

from __future__ import annotations

from collections.abc import Mapping

from rewriter.analysis.evidence import Evidence
from rewriter.images.model import KnownImage
from rewriter.plan import Plan, Refusal, Tier
from rewriter.recipes.base import Case, Recipe
from rewriter.recipes.carry import closure_decisions, closure_of, copy_of
from rewriter.recipes.final import Base, Ending, conclude
from rewriter.recipes.health import read_health
from rewriter.recipes.need import programs_needed
from rewriter.recipes.needless import needless
from rewriter.recipes.places import command_evidence
from rewriter.recipes.spare import LeftBehind, left_behind

STATIC = "static-debian13"


def plan(case: Case) -> Plan | Refusal:
    """Return the plan that carries the target's closure onto the empty distroless image."""
    ending = ending_of(case)
    return ending if isinstance(ending, Refusal) else conclude(case, ending)


def ending_of(case: Case) -> Ending | Refusal:
    """Return what the general recipe settles, for a recipe of a language to add what it knows."""
    needed = programs_needed(case)
    if isinstance(needed, Refusal):
        return needed
    health = read_health(case.stage)
    programs = (*needed.names, *health.programs)
    optional = (*needed.optional, *health.optional)
    spare = LeftBehind() if needed.unread else left_behind(case, (*programs, *optional, *needed.scripts))
    closure = closure_of(case, programs, spare.paths, optional=optional, scripts=needed.scripts)
    unneeded = needless(case, None if needed.unread or needed.scripts else (*programs, *optional))
    evidence = (command_evidence(case.stage),)
    why = "it is the smallest, and with the build's own C library and runtime no version gap can open"
    tier = Tier.DISTROLESS_WITH_SHELL if needed.shell or health.needs_shell else Tier.DISTROLESS
    return Ending(
        recipe="general",
        tier=tier,
        base=Base(STATIC, why, evidence),
        copies=(copy_of(closure),),
        command=needed.command,
        closure=closure,
        dropped={**spare.env, **versioned(case), **unneeded},
        workdir=case.stage.config.workdir,
        user=case.stage.config.user,
        decisions=(*closure_decisions(case, closure, evidence), *spare.decisions, *needed.decisions),
        notes=(*case.command.notes, *needed.notes),
    )


def versioned(case: Case) -> Mapping[str, tuple[str, Evidence]]:
    """Return the variables of the base image that only say which version it is, with the reason to drop them."""
    root = case.stage.root
    if not isinstance(root, KnownImage):
        return {}
    why = "it only says which version the base image was built with"
    return {name: (why, Evidence(f"facts: {root.family}", f"ENV {name}")) for name in root.versioned_env}


RECIPE = Recipe("general", lambda _: True, plan, general=True)
