"""The end of every recipe, from what it has settled to a plan: base, files, configuration, init and command meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from rewriter.analysis.evidence import Evidence
from rewriter.images.catalog import lookup
from rewriter.images.model import ImageConfig, KnownImage, argv
from rewriter.images.reference import parse_reference
from rewriter.notes import Note
from rewriter.plan import (
    Closure,
    Copy,
    Decision,
    Env,
    From,
    Kept,
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
from rewriter.recipes.command import CommandPlan
from rewriter.recipes.finish import finish
from rewriter.recipes.health import read_health
from rewriter.recipes.in_place import cmd_line, entrypoint_line
from rewriter.recipes.init import choose_init
from rewriter.recipes.layout import comments_above, split, written_platform
from rewriter.recipes.nonroot import nonroot_decisions, nonroot_user
from rewriter.recipes.places import command_evidence, where
from rewriter.recipes.settings import restate
from rewriter.record import record
from rewriter.semantics.build import Stage
from rewriter.syntax.document import Instruction
from rewriter.syntax.edits import Edit

DISTROLESS = "gcr.io/distroless"


@record
class Base:
    """The runtime image ("static-debian13"), why it is the right one, and the places that show it.

    An image of another place than the distroless ones has `folder` "" and its whole reference for a name.
    """

    name: str
    why: str
    evidence: tuple[Evidence, ...]
    safety: Safety = Safety.SAFE
    folder: str = f"{DISTROLESS}/"

    @property
    def image(self) -> str:
        """The reference without registry prefix, as the tables know it."""
        return f"{self.folder}{self.name}"


@record
class Ending:
    """What a recipe has settled: base, files and how they come, the command, what is dropped.

    `dropped` are environment variables that mean
    nothing at run time, with the reason and the place that shows it. `workdir` None leaves the old work directory
    behind, for the reason a decision of the recipe gives; so does `user`.
    """

    recipe: str
    tier: Tier
    base: Base
    copies: tuple[Copy, ...]
    command: CommandPlan
    closure: Closure | None = None
    keep: tuple[Edit, ...] = ()
    dropped: Mapping[str, tuple[str, Evidence]] = field(default_factory=dict)
    workdir: str | None = None
    user: str | None = None
    decisions: tuple[Decision, ...] = ()
    notes: tuple[Note, ...] = ()


def conclude(case: Case, ending: Ending) -> Plan | Refusal:
    """Return the plan that keeps the target as a build stage and ends in a new final stage."""
    stage, base = case.stage, ending.base
    init = choose_init(case.build, case.options, command_evidence(stage))
    if isinstance(init, Refusal):
        return init
    target = runtime_config(base.image)
    settings = restate(case.build.document, stage, target, ending.dropped)
    health = read_health(stage)
    command = ending.command
    workdir = ending.workdir if command.cwd is None else command.cwd
    user = nonroot_user(case) or command.user or ending.user
    moved = tuple(
        step.instruction for step in stage.steps if step.instruction.name in {"CMD", "ENTRYPOINT", "HEALTHCHECK"}
    )
    layout = split(case.build, (*settings.moved, *moved))
    lines: tuple[Line, ...] = (
        From(f"{case.options.registry_prefix}{base.image}", stage.name, written_platform(stage)),
        *settings.first,
        *((init.copy,) if init else ()),
        *ending.copies,
        *((Workdir(workdir),) if workdir not in {None, "/"} else ()),
        *settings.then,
        *(_shell_lines(stage) if health.needs_shell else ()),
        *_with_comments(case, "HEALTHCHECK", health.lines),
        *((User(user),) if user else ()),
        *((Env(command.env),) if command.env else ()),
        *_with_comments(case, "ENTRYPOINT", entrypoint_line(command.entrypoint, target)),
        *_with_comments(case, "CMD", cmd_line(_last(stage, "CMD"), command.cmd or None)),
    )
    decisions = (
        *base_decision(stage, base),
        *((init.decision,) if init else ()),
        *ending.decisions,
        *nonroot_decisions(case, ending.tier, ending.closure),
        *settings.decisions,
        *health.decisions,
        *(() if health.needs_shell else shell_decisions(stage)),
        *command_decisions(stage, command),
    )
    plan = Plan(
        recipe=ending.recipe,
        tier=ending.tier,
        keep=(*layout.keep, *ending.keep),
        at=layout.at,
        init=init.stage if init else None,
        closure=ending.closure,
        runtime=RuntimeStage(base.image, lines),
        decisions=decisions,
        notes=ending.notes,
    )
    return finish(case, plan)


def runtime_config(image: str) -> ImageConfig:
    """Return the configuration of the image that a final stage starts from.

    Raises:
        LookupError: our own tables do not know the image: a bug.
    """
    reference = parse_reference(image)
    found = lookup(reference) if reference else None
    if isinstance(found, KnownImage):
        return found.config
    raise LookupError(image)


def _shell_lines(stage: Stage) -> tuple[Line, ...]:
    """Return the SHELL in force, which the engine runs a shell-form health check with."""
    line = _setting(stage, "SHELL")
    return (Kept(line.span),) if line else ()


def shell_decisions(stage: Stage) -> Iterator[Decision]:
    """Yield the decision that drops SHELL, which only shell-form instructions would use."""
    line = _setting(stage, "SHELL")
    if line and stage.config.shell:
        why = "no instruction of the final stage is in shell form"
        yield Decision("shell", "SHELL is not set", why, Safety.SAFE, (where(line),))


def _setting(stage: Stage, keyword: str) -> Instruction | None:
    """Return the last instruction of that name, of the stage or of those it is built on."""
    return next((s.instruction for s in reversed(stage.all_steps) if s.instruction.name == keyword), None)


def _last(stage: Stage, keyword: str) -> Instruction | None:
    """Return the stage's own last instruction of that name."""
    return next((s.instruction for s in reversed(stage.steps) if s.instruction.name == keyword), None)


def _with_comments(case: Case, keyword: str, lines: tuple[Line, ...]) -> Iterator[Line]:
    """Yield the comments that stand above the stage's last instruction of that name, then the lines in its place."""
    own = [step.instruction for step in case.stage.steps if step.instruction.name == keyword]
    for instruction in own:
        yield from comments_above(case.build.document, instruction)
    yield from lines


def base_decision(stage: Stage, base: Base) -> Iterator[Decision]:
    """Yield the decision that names the new base image and the old."""
    old = stage.chain[0]
    name = old.ref.written if old.ref else old.instruction.rest
    what = f"the final stage starts from {base.image} in place of {name}"
    yield Decision("base", what, base.why, base.safety, base.evidence)


def command_decisions(stage: Stage, command: CommandPlan) -> Iterator[Decision]:
    """Yield the decisions on the command, and one for ENTRYPOINT where only the init is new in front of it."""
    changes = {change.field: change for change in command.changes}
    for change in command.changes:
        evidence = (_place(stage, change.place), *change.evidence)
        yield Decision(change.field, change.what, change.why, change.safety, evidence)
    for name, before, after in (
        ("entrypoint", argv(stage.config.entrypoint), command.entrypoint),
        ("cmd", argv(stage.config.cmd), command.cmd),
    ):
        if before != after and name not in changes:
            what = f"{name.upper()} is now `{' '.join(after)}`" if after else f"there is no {name.upper()}"
            yield Decision(name, what, "the same program, started by the init", Safety.SAFE, (_place(stage, name),))


def _place(stage: Stage, keyword: str) -> Evidence:
    """Return the last instruction of that name as evidence, else whatever sets the command."""
    lines = [s.instruction for s in stage.all_steps if s.instruction.name.lower() == keyword]
    return where(lines[-1]) if lines else command_evidence(stage)
