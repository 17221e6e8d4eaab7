"""The end of every recipe: from what it has settled to a plan. Base, files, configuration, init and command meet here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rewriter.analysis.evidence import Evidence
from rewriter.images.catalog import lookup
from rewriter.images.model import ImageConfig, KnownImage, argv
from rewriter.images.reference import parse_reference
from rewriter.notes import Note
from rewriter.plan import (
    Closure,
    Cmd,
    Copy,
    Decision,
    Entrypoint,
    From,
    Line,
    Plan,
    Refusal,
    RuntimeStage,
    Safety,
    Tier,
    User,
    Workdir,
)
from rewriter.recipes.base import Case
from rewriter.recipes.health import Health, read_health
from rewriter.recipes.init import Init, choose_init
from rewriter.recipes.layout import comments_above, fresh, split
from rewriter.recipes.settings import restate
from rewriter.semantics.build import Stage
from rewriter.syntax.document import Instruction

DISTROLESS = "gcr.io/distroless"


@dataclass(frozen=True, slots=True)
class Ending:
    """What a recipe has settled: the runtime image ("static-debian13"), the files and how they come, what is dropped.

    `dropped` are environment variables that mean nothing at run time, with the reason and the place that shows it.
    `workdir` False leaves the old work directory behind, for the reason a decision of the recipe gives.
    """

    recipe: str
    tier: Tier
    base: str
    why_base: str
    base_evidence: tuple[Evidence, ...]
    copies: tuple[Copy, ...]
    closure: Closure | None = None
    dropped: Mapping[str, tuple[str, Evidence]] = field(default_factory=dict)
    workdir: bool = True
    decisions: tuple[Decision, ...] = ()
    notes: tuple[Note, ...] = ()


def conclude(case: Case, ending: Ending) -> Plan | Refusal:
    """Return the plan that keeps the target as a build stage and ends in a new final stage."""
    image = f"{DISTROLESS}/{ending.base}"
    target = runtime_config(image)
    stage = case.stage
    init = choose_init(case.build, case.options, command_evidence(stage))
    if isinstance(init, Refusal):
        return init
    settings = restate(case.build.document, stage, target, ending.dropped)
    layout = split(case.build, settings.moved)
    health = read_health(stage)
    copies = tuple(_from_build(copy, layout.build) for copy in ending.copies)
    lines: tuple[Line, ...] = (
        From(f"{case.options.registry_prefix}{image}", stage.name, stage.platform),
        *settings.first,
        *((init.copy,) if init else ()),
        *copies,
        *_place(case, ending),
        *settings.then,
        *health.lines,
        *command_lines(case),
    )
    decisions = (
        *_stage_decision(case, layout.build),
        Decision("base", f"{image} in place of {_old_base(stage)}", ending.why_base, Safety.SAFE, ending.base_evidence),
        *((init.decision,) if init else ()),
        *ending.decisions,
        *settings.decisions,
        *health.decisions,
        *command_decisions(case),
    )
    return Plan(
        recipe=ending.recipe,
        tier=ending.tier,
        keep=layout.keep,
        at=layout.at,
        init=init.stage if init else None,
        closure=ending.closure,
        runtime=RuntimeStage(image, lines),
        decisions=decisions,
        notes=(*case.notes, *ending.notes),
    )
