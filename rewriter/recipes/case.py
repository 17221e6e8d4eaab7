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
    first = _split(stage, options, script=None)
    if not isinstance(first, CommandPlan) or first.kind.script_file is None:
        return first
    _, file = locate(stage, context, first.kind.script_file)
    script = read_script(context, file) if file else None
    return _split(stage, options, script=script.text) if script else first


def _split(stage: Stage, options: Options, script: str | None) -> CommandPlan | Blocked | NothingToRun:
    init = () if options.init == "none" else (PATH,)
    found = programs(script) if script is not None else None
    passes_on = isinstance(found, Programs) and found.passes_on == "exec"
    root = stage.root
    on_path = [name for name, _ in root.programs] if isinstance(root, KnownImage) else []
    return split_command(
        stage.config,
        init,
        passes_on=passes_on,
        wrapper=_wrapper(stage),
        on_path=on_path,
        script=script,
        lines=(_line(stage, "ENTRYPOINT"), _line(stage, "CMD")),
    )


def _wrapper(stage: Stage) -> Wrapper | None:
    """Return the row of the base image's entrypoint script; whether it is in force is for the command table to see."""
    root = stage.root
    return wrapper(root.wrapper) if isinstance(root, KnownImage) and root.wrapper else None


def _line(stage: Stage, keyword: str) -> int | None:
    return next((s.instruction.span.line for s in reversed(stage.all_steps) if s.instruction.name == keyword), None)


def _where(stage: Stage, needs: Needs) -> Evidence:
    for step in reversed(stage.all_steps):
        if step.instruction.name in {"CMD", "ENTRYPOINT"}:
            return Evidence(f"Dockerfile:{step.instruction.span.line}", step.instruction.text)
    return needs.evidence[0]
