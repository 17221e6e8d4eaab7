"""A base image's entrypoint script that does more than pass on its arguments: may it go, and what goes with it?"""

from __future__ import annotations

from dataclasses import replace
from posixpath import normpath

from rewriter.analysis.artefacts import source_of
from rewriter.analysis.context import Context
from rewriter.analysis.go_stage import context_folder
from rewriter.images.model import Wrapper
from rewriter.plan import Safety
from rewriter.recipes.command import Change, CommandPlan
from rewriter.semantics.build import CopyStep, RunStep, Stage

_MODULES = (".js", ".cjs", ".json", ".node")


def idle_wrapper(wrapper: Wrapper, stage: Stage, context: Context) -> Wrapper:
    """Return the row without the commands it acts on, where the stage has nothing for the script to act on.

    A script acts on files at paths of its own (templates, further scripts); a stage none of whose lines puts or
    names anything there has none but those the base image ships, whose effects the row lists.
    """
    if not wrapper.acts_on_paths or any(_touches(stage, context, path) for path in wrapper.acts_on_paths):
        return wrapper
    return replace(wrapper, acts_on_commands=())


def modules_of(stage: Stage, context: Context) -> frozenset[str] | None:
    """Return the words that node finds a module by in the work directory; None where its files are not known.

    `node word` runs word.js and its like, or the index of a folder (nodejs.org/api/modules.html, "All together").
    """
    folder = context_folder(stage, stage.config.workdir or "/", context) if context.known else None
    if folder is None:
        return None
    names = context.names(folder)
    return frozenset((*names, *(name.rpartition(".")[0] for name in names if name.endswith(_MODULES))))


def without_effects(command: CommandPlan, wrapper: Wrapper, stage: Stage, context: Context) -> CommandPlan:
    """Return the command with a change that names what the script would still have done, if it would."""
    if not wrapper.shipped_effect or any(_touches(stage, context, path) for path in wrapper.unless_paths):
        return command
    what = f"{wrapper.path} of the base image no longer runs"
    change = Change("wrapper", what, wrapper.shipped_effect, Safety.REVIEW, "entrypoint")
    return replace(command, changes=(*command.changes, change))


def _touches(stage: Stage, context: Context, path: str) -> bool:
    """Return whether a line of the stage puts something at or below a path, or names it."""
    for step in stage.all_steps:
        if isinstance(step, RunStep) and path in step.instruction.text:
            return True
        if isinstance(step, CopyStep) and _copies_to(step, stage, context, path):
            return True
    return False


def _copies_to(step: CopyStep, stage: Stage, context: Context, path: str) -> bool:
    target = normpath(step.target)
    if target == path or target.startswith(f"{path}/") or any(inline[0].startswith(path) for inline in step.inline):
        return True
    above = path.startswith(f"{target.rstrip('/')}/")
    if not above:
        return False
    into_file = any(f"{target.rstrip('/')}/{source.rpartition('/')[2]}" == path for source in step.sources)
    return into_file or step.origin is not None or not context.known or source_of(stage, context, path) is not None
