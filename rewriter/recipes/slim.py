"""`--tier slim`: what was built goes onto the small image of its own distribution, which has a shell and basic tools.

For programs that a distroless image cannot be shown to serve: scripts nobody can read, programs named at run time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rewriter.analysis.evidence import Evidence
from rewriter.images.catalog import release
from rewriter.images.model import KnownImage, Unknown
from rewriter.notes import Rule
from rewriter.plan import Closure, Decision, Plan, Refusal, Safety, Tier
from rewriter.recipes.base import Case, Recipe
from rewriter.recipes.carry import closure_decisions, closure_of, copy_of
from rewriter.recipes.final import Base, Ending, conclude
from rewriter.recipes.final_in_place import conclude_in_place
from rewriter.recipes.gate import at, is_slim
from rewriter.recipes.general import versioned
from rewriter.recipes.go_env import caches_of, toolchain_variables
from rewriter.recipes.health import read_health
from rewriter.recipes.need import ProgramsNeeded, programs_needed
from rewriter.recipes.places import command_evidence
from rewriter.recipes.scripts import DYNAMIC, UNREADABLE

NO_SLIM = Rule("no-slim-image", "the image's distribution is not known to have a slim image")

# What stands in the way of an image without a shell does not in the way of one that has it.
_SERVED = frozenset({UNREADABLE, DYNAMIC})


def plan(case: Case) -> Plan | Refusal:
    """Return the plan that ends on the slim image; where the target does already, it lacks the init alone."""
    root = case.stage.root
    if is_slim(root) and len(case.build.stages) > 1:
        base = Base("", "", (command_evidence(case.stage),))
        ending = Ending("slim", Tier.SLIM, base, (), case.command, notes=case.command.notes)
        return conclude_in_place(case, ending, frozenset())
    image = slim_image(root)
    if image is None:
        why = "no small image of its distribution and release is known"
        return Refusal(NO_SLIM, why, (at(case.stage),), "use `--tier init` to add tini alone")
    needed = programs_needed(case)
    if isinstance(needed, Refusal) and needed.rule not in _SERVED:
        return needed
    return _split(case, image, needed)


def slim_image(root: KnownImage | Unknown) -> str | None:
    """Return the small image of the same distribution and release; None where that is not known."""
    if not isinstance(root, KnownImage) or root.release is None:
        return None
    match root.os:
        case "debian":
            return f"debian:{root.release}-slim"
        case "ubuntu":
            return f"ubuntu:{release(root.release).version}"
        case "alpine":
            return f"alpine:{root.release.removeprefix('alpine')}"
        case _:
            return None


def _split(case: Case, image: str, needed: ProgramsNeeded | Refusal) -> Plan | Refusal:
    evidence = (command_evidence(case.stage),)
    known = needed if isinstance(needed, ProgramsNeeded) else ProgramsNeeded((), (), case.command, _unseen(needed))
    health = read_health(case.stage)
    programs = (*known.names, *health.programs)
    closure = _adapted(
        case, closure_of(case, programs, optional=(*known.optional, *health.optional), scripts=known.scripts)
    )
    why = "asked for with --tier slim: it is the same distribution, with a shell and basic tools"
    ending = Ending(
        recipe="slim",
        tier=Tier.SLIM,
        base=Base(image, why, evidence, folder=""),
        copies=(copy_of(closure),),
        command=known.command,
        closure=closure,
        dropped=_dropped(case),
        workdir=case.stage.config.workdir,
        user=case.stage.config.user,
        decisions=(*closure_decisions(case, closure, evidence), *known.decisions),
        notes=(*case.command.notes, *known.notes),
    )
    return conclude(case, ending)


def _adapted(case: Case, closure: Closure) -> Closure:
    """Return the closure less Go's caches, and with the users' files whole: they are of the same distribution."""
    files = ("/etc/passwd", "/etc/group") if case.needs.user else ()
    without = (*closure.without, *caches_of(case.stage))
    return replace(closure, trees=(*closure.trees, *files), without=without, users=())


def _dropped(case: Case) -> Mapping[str, tuple[str, Evidence]]:
    """Return the variables that mean nothing at run time; what is built may be found by PATH."""
    toolchain = {name: why for name, why in toolchain_variables(case.stage).items() if name != "PATH"}
    return {**versioned(case), **toolchain}


def _unseen(refusal: Refusal) -> tuple[Decision, ...]:
    what = "programs of the old base image that the command calls by name have to be in the slim one"
    return (Decision("programs", what, refusal.why, Safety.REVIEW, refusal.evidence),)


RECIPE = Recipe("slim", lambda _: True, plan, general=True, tier=Tier.SLIM)
