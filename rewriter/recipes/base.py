"""What a recipe is, what it may look at, and how the one that fits is found."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module

from rewriter.analysis.context import Context
from rewriter.analysis.needs import Needs
from rewriter.notes import Rule
from rewriter.plan import Options, Plan, Refusal, Tier
from rewriter.recipes.command import CommandPlan
from rewriter.record import record
from rewriter.semantics.build import Build, Stage

TWO_RECIPES = Rule("two-recipes-claim-one-build", "two recipes claim the same build")


@record
class Case:
    """All a recipe may look at: the resolved build, its context, what the program needs, its command, the options."""

    build: Build
    context: Context
    needs: Needs
    command: CommandPlan
    options: Options

    @property
    def stage(self) -> Stage:
        """The target stage."""
        return self.build.target


@record
class Recipe:
    """One way to convert. `general` marks the recipe that takes what no other of its tier claims.

    `tier` is the one it is for, where that is another than the distroless ones.
    """

    name: str
    handles: Callable[[Case], bool]
    plan: Callable[[Case], Plan | Refusal]
    general: bool = False
    tier: Tier | None = None


def certain(name: str, planned: Callable[[Case], Plan | Refusal | None]) -> Recipe:
    """Return the recipe that claims exactly the cases it has a plan, or a refusal, for."""

    def plan(case: Case) -> Plan | Refusal:
        found = planned(case)
        if found is None:
            raise LookupError(f"{name} does not claim this build")
        return found

    return Recipe(name, lambda case: planned(case) is not None, plan)


def choose(case: Case) -> Recipe | Refusal:
    """Return the one recipe for this case; a refusal naming both where two claim it, so order never matters."""
    wanted = case.options.tier if case.options.tier in {Tier.SLIM, Tier.INIT_ONLY} else None
    fitting = [recipe for recipe in recipes() if recipe.tier is wanted]
    claims = [recipe for recipe in fitting if not recipe.general and recipe.handles(case)]
    if len(claims) > 1:
        names = " and ".join(recipe.name for recipe in claims)
        return Refusal(TWO_RECIPES, f"{names} both claim this build", case.needs.evidence, "report this file")
    return claims[0] if claims else next(recipe for recipe in fitting if recipe.general)


@cache
def recipes() -> tuple[Recipe, ...]:
    """Return every recipe of this package, by module name."""
    package = import_module("rewriter.recipes")
    modules = (import_module(f"rewriter.recipes.{found.name}") for found in pkgutil.iter_modules(package.__path__))
    return tuple(module.RECIPE for module in modules if hasattr(module, "RECIPE"))
