"""From a resolved build to the case that recipes look at: its needs are read, its command is settled."""

from __future__ import annotations

from rewriter.analysis.artefacts import locate
from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.needs import Needs, needs_of
from rewriter.analysis.script import read_script
from rewriter.images.catalog import wrapper
from rewriter.images.model import KnownImage, Wrapper
from rewriter.plan import Options, Refusal, Unchanged
from rewriter.recipes.base import Case
from rewriter.recipes.command import CommandPlan, NothingToRun, split_command
from rewriter.recipes.command_kind import Blocked
from rewriter.recipes.init import PATH
from rewriter.recipes.wrapper import idle_wrapper, without_effects
from rewriter.semantics.build import Build, Stage
from rewriter.semantics.shell import Programs, programs


def case_of(build: Build, context: Context, options: Options) -> Case | Refusal | Unchanged:
    """Return the case of this build; a refusal where its command cannot be put under an init, with the reason."""
    needs = needs_of(build, context)
    command = _command(build.target, context, options)
    match command:
        case CommandPlan():
            return Case(build, context, needs, command, options)
        case NothingToRun(why):
            return Unchanged(why)
        case Blocked(rule, why, help_):
            return Refusal(rule, why, (_where(build.target, needs),), help_)


def _command(stage: Stage, context: Context, options: Options) -> CommandPlan | Blocked | NothingToRun:
    """Return the split command; a script of the context that it names is read for what it does with its arguments."""
    row = _wrapper(stage)
    idle = idle_wrapper(row, stage, context) if row else None
    found = _split(stage, options, idle, script=None)
    if isinstance(found, CommandPlan) and found.kind.script_file is not None:
        _, file = locate(stage, context, found.kind.script_file)
        script = read_script(context, file) if file else None
        found = _split(stage, options, idle, script=script.text) if script else found
    if row and isinstance(found, CommandPlan) and idle != row:
        return without_effects(found, row, stage, context)
    return found


def _split(
    stage: Stage, options: Options, row: Wrapper | None, script: str | None
) -> CommandPlan | Blocked | NothingToRun:
    init = () if options.init == "none" else (PATH,)
    found = programs(script) if script is not None else None
    passes_on = isinstance(found, Programs) and found.passes_on == "exec"
    root = stage.root
    on_path = [name for name, _ in root.programs] if isinstance(root, KnownImage) else []
    return split_command(
        stage.config,
        init,
        passes_on=passes_on,
        wrapper=row,
        on_path=on_path,
        script=script,
        lines=(_line(stage, "ENTRYPOINT"), _line(stage, "CMD")),
    )


def _wrapper(stage: Stage) -> Wrapper | None:
    """Return the row of the base image's entrypoint script, where that is the entrypoint still."""
    root = stage.root
    if not isinstance(root, KnownImage) or root.wrapper is None or stage.config.entrypoint != root.config.entrypoint:
        return None
    return wrapper(root.wrapper)


def _line(stage: Stage, keyword: str) -> int | None:
    return next((s.instruction.span.line for s in reversed(stage.all_steps) if s.instruction.name == keyword), None)


def _where(stage: Stage, needs: Needs) -> Evidence:
    for step in reversed(stage.all_steps):
        if step.instruction.name in {"CMD", "ENTRYPOINT"}:
            return Evidence(f"Dockerfile:{step.instruction.span.line}", step.instruction.text)
    return needs.evidence[0]
