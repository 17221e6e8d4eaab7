"""From a resolved build to the case that recipes look at: its needs are read, its command is settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rewriter.analysis.artefacts import locate_script
from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import SHELLS
from rewriter.analysis.needs import Needs, needs_of
from rewriter.analysis.script import ScriptFile, read_script
from rewriter.images.catalog import wrapper
from rewriter.images.model import KnownImage, Wrapper
from rewriter.plan import Options, Refusal, Tier, Unchanged
from rewriter.recipes.base import Case
from rewriter.recipes.command import CommandPlan, Names, NothingToRun, split_command
from rewriter.recipes.command_kind import Blocked
from rewriter.recipes.gate import is_interactive
from rewriter.recipes.init import PATH
from rewriter.recipes.launcher import launched
from rewriter.recipes.target import target_notes
from rewriter.recipes.wrapper import idle_wrapper, modules_of, without_effects
from rewriter.semantics.build import Build, Stage

_MOST_SCRIPTS = 5  # that start one another


def case_of(build: Build, context: Context, options: Options) -> Case | Refusal | Unchanged:
    """Return the case of this build; a refusal where its command cannot be put under an init, with the reason."""
    needs = needs_of(build, context)
    command = _command(build.target, context, options)
    if isinstance(command, CommandPlan) and options.tier is not Tier.INIT_ONLY:
        command = launched(command, build.target, context)
    match command:
        case CommandPlan(program=program) if is_interactive(program):
            return Unchanged(f"the command {' '.join(program)!r} is an interactive shell: nothing to run")
        case CommandPlan():
            noted = replace(command, notes=(*target_notes(build, options), *command.notes))
            return Case(build, context, needs, noted, options)
        case NothingToRun(why):
            return Unchanged(why)
        case Blocked(rule, why, help_):
            return Refusal(rule, why, (_where(build.target, needs),), help_)


def _command(stage: Stage, context: Context, options: Options) -> CommandPlan | Blocked | NothingToRun:
    """Return the split command; scripts of the context that it names are read, one inside of the other.

    Where all the image has stays, its scripts stay in front of the command as well.
    """
    if options.tier is Tier.INIT_ONLY:
        return _split(stage, options, (None, Names()), {})
    row = _wrapper(stage)
    idle = idle_wrapper(row, stage, context) if row else None
    scripts: dict[str, ScriptFile] = {}
    names = Names(_programs(stage), modules_of(stage, context) if row else None)
    found = _split(stage, options, (idle, names), scripts)
    while isinstance(found, CommandPlan) and len(scripts) < _MOST_SCRIPTS:
        word = found.kind.script_file or found.program[0]
        script = None if word in scripts else _shell_script(stage, context, word, found)
        if script is None:
            break
        scripts[word] = script
        found = _split(stage, options, (idle, names), scripts)
    if row and isinstance(found, CommandPlan) and idle != row:
        return without_effects(found, row, stage, context)
    return found


def _shell_script(stage: Stage, context: Context, word: str, command: CommandPlan) -> ScriptFile | None:
    """Return the shell script of the context that a word names; None where there is none."""
    _, file = locate_script(stage, context, word, command.cwd)
    script = read_script(context, file) if file else None
    is_named = command.kind.script_file is not None
    return script if script and (is_named or script.program in SHELLS) else None


def _split(
    stage: Stage, options: Options, known: tuple[Wrapper | None, Names], scripts: Mapping[str, ScriptFile]
) -> CommandPlan | Blocked | NothingToRun:
    init = () if options.init == "none" else (PATH,)
    lines = (_line(stage, "ENTRYPOINT"), _line(stage, "CMD"))
    found = split_command(stage.config, init, wrapper=known[0], names=known[1], scripts=scripts, lines=lines)
    if isinstance(found, CommandPlan) and not found.program:
        return NothingToRun("the init has no command to start: what runs is given to `docker run`")
    return found


def _programs(stage: Stage) -> tuple[str, ...]:
    root = stage.root
    return tuple(name for name, _ in root.programs) if isinstance(root, KnownImage) else ()


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
