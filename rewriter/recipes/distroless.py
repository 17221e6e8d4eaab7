"""Files that end on a distroless image or on scratch already: they lack only the init, or the right form of command."""

from __future__ import annotations

from rewriter.images.model import KnownImage
from rewriter.plan import Plan, Refusal, Tier
from rewriter.recipes.base import Case, Recipe
from rewriter.recipes.final import Base, Ending, command_evidence
from rewriter.recipes.final_in_place import conclude_in_place


def handles(case: Case) -> bool:
    """Return whether the target's base has no shell: a distroless image, or scratch."""
    root = case.stage.root
    return isinstance(root, KnownImage) and not root.has_shell


def plan(case: Case) -> Plan | Refusal:
    """Return the plan that adds the init to the final stage and leaves the rest as it is."""
    base = Base("", "", (command_evidence(case.stage),))
    ending = Ending("distroless", Tier.DISTROLESS, base, (), case.command, notes=case.command.notes)
    return conclude_in_place(case, ending, frozenset())


RECIPE = Recipe("distroless", handles, plan)
