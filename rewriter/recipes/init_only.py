"""`--tier init`: the stages stay as they are, tini is put in front of the command, and the command is split.

Works on images nothing is known about, too, where the file itself says what starts.
"""

from __future__ import annotations

from rewriter.plan import Plan, Refusal, Tier
from rewriter.recipes.base import Case, Recipe
from rewriter.recipes.final import Base, Ending
from rewriter.recipes.final_in_place import conclude_in_place
from rewriter.recipes.places import command_evidence


def plan(case: Case) -> Plan | Refusal:
    """Return the plan that adds the init to the target and leaves everything else."""
    base = Base("", "", (command_evidence(case.stage),))
    ending = Ending("init", Tier.INIT_ONLY, base, (), case.command, notes=case.command.notes)
    return conclude_in_place(case, ending, frozenset())


RECIPE = Recipe("init", lambda _: True, plan, general=True, tier=Tier.INIT_ONLY)
