"""The end of the recipes that edit the target in place: base, health check, user, init and command meet."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.images.model import KnownImage
from rewriter.notes import Note, Rule, Severity
from rewriter.plan import Env, Health, Line, Plan, Refusal, RuntimeStage, Workdir
from rewriter.recipes.base import Case
from rewriter.recipes.final import Ending, base_decision, command_decisions, runtime_config, shell_decisions
from rewriter.recipes.finish import finish
from rewriter.recipes.health import read_health
from rewriter.recipes.in_place import Replaced, entrypoint_line, lines_in_place
from rewriter.recipes.init import Init, choose_init
from rewriter.recipes.layout import comments_above, in_place
from rewriter.recipes.nonroot import nonroot_decisions, nonroot_user
from rewriter.recipes.places import command_evidence
from rewriter.recipes.settings import Settings, restate

STALE_COMMENT = Rule("comment-names-old-base", "a comment above FROM names the image that was there")


def conclude_in_place(case: Case, ending: Ending, gone: frozenset[int]) -> Plan | Refusal:
    """Return the plan that edits the target in place; `gone` holds where the instructions start that go.

    A base without a name keeps the image that is there; with one, `ending.workdir` is set right below FROM.
    """
    stage, base, command = case.stage, ending.base, ending.command
    init = choose_init(case.build, case.options, command_evidence(stage))
    if isinstance(init, Refusal):
        return init
    root = stage.root
    under = root.config if isinstance(root, KnownImage) else stage.config
    target = runtime_config(base.image) if base.name else under
    settings = restate(case.build.document, stage, target, ending.dropped)
    health = read_health(stage)
    replaced = Replaced(
        image=f"{case.options.registry_prefix}{base.image}" if base.name else None,
        first=tuple(_first(ending, settings, init)),
        env=command.env,
        workdir=command.cwd,
        gone=gone | (_shells(case) if base.name else frozenset()),
        entrypoint=entrypoint_line(command.entrypoint, target),
        cmd=command.cmd or None,
        health=health.lines if base.name and any(isinstance(line, Health) for line in health.lines) else None,
        user=nonroot_user(case) or command.user,
    )
    changed = (*settings.decisions, *health.decisions, *shell_decisions(stage)) if base.name else ()
    decisions = (
        *(base_decision(stage, base) if base.name else ()),
        *((init.decision,) if init else ()),
        *ending.decisions,
        *nonroot_decisions(case, ending.tier, ending.closure),
        *changed,
        *command_decisions(stage, command),
    )
    plan = Plan(
        recipe=ending.recipe,
        tier=ending.tier,
        keep=ending.keep,
        at=in_place(case.build),
        init=init.stage if init else None,
        closure=None,
        runtime=RuntimeStage(base.image, lines_in_place(case.build, replaced)),
        decisions=decisions,
        notes=(*ending.notes, *(_stale_comments(case) if base.name else ())),
    )
    return finish(case, plan)


def _first(ending: Ending, settings: Settings, init: Init | None) -> Iterator[Line]:
    """Yield the lines right below FROM: what only the old base image had set, then the init."""
    if ending.base.name and settings.inherited:
        yield Env(settings.inherited)
    if ending.base.name and ending.workdir:
        yield Workdir(ending.workdir)
    if init:
        yield init.copy


def _stale_comments(case: Case) -> Iterator[Note]:
    """Yield a note on the comments above FROM that speak of the old image; they are the author's to change."""
    root, document = case.stage.root, case.build.document
    name = root.family if isinstance(root, KnownImage) else ""
    for piece in comments_above(document, case.stage.instruction):
        text = document.text[piece.span.start : piece.span.end]
        if name and name in text.lower():
            message = f"the comment above FROM speaks of {name}, which the stage no longer starts from"
            yield Note(STALE_COMMENT, Severity.INFO, message, piece.span.line, "reword the comment")


def _shells(case: Case) -> frozenset[int]:
    """Return where the SHELL lines start: nothing of a stage without a shell is in shell form."""
    steps = (step.instruction for step in case.stage.steps)
    return frozenset(line.span.start for line in steps if line.name == "SHELL")
