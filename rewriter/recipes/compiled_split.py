"""A compiled program and the files it opens, copied out of the stage that builds it into a new final stage.

Whether a stage is understood to the last command is for the recipes: they hand in what they read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from posixpath import basename, dirname

from rewriter.analysis.built import Built, Moved
from rewriter.analysis.evidence import Evidence
from rewriter.images.model import KnownImage
from rewriter.plan import Copy, Decision, Plan, Refusal, Safety, Tier
from rewriter.recipes.base import Case
from rewriter.recipes.command import Change, CommandPlan, with_program
from rewriter.recipes.command_says import shown
from rewriter.recipes.compiled import Language, base_for, is_on_path, needs_shell
from rewriter.recipes.compiled_assets import Asset, has_sources, lies_in, uses_workdir
from rewriter.recipes.compiled_in_place import probes_itself
from rewriter.recipes.final import Ending, conclude
from rewriter.recipes.fit import covered_decisions, keeps_user
from rewriter.recipes.layout import build_name
from rewriter.recipes.places import command_evidence
from rewriter.record import record
from rewriter.syntax.edits import Edit


@record
class Reading:
    """What a build stage is for: the program the command starts, all that are built, and the files they open.

    `written` is the path the command gave, `moved` the work directory the stage is given, if any.
    """

    program: Built
    programs: tuple[Built, ...]
    written: str
    moved: Moved | None
    assets: tuple[Asset, ...]


def can_split(case: Case) -> bool:
    """Return whether the command can be moved out of its stage: no shell, no other user, nothing in front of it."""
    root, command = case.stage.root, case.command
    if needs_shell(command) or not isinstance(root, KnownImage) or not keeps_user(case.stage, root) or command.user:
        return False
    return command.main != "cmd" or command.entrypoint == command.head


def plan_split(
    case: Case, language: Language, reading: Reading, keep: tuple[Edit, ...] = (), first: tuple[Decision, ...] = ()
) -> Plan | Refusal | None:
    """Return the plan that copies programs and assets out of the target; None where more than that is needed.

    `keep` are edits of the build stage, `first` the decisions on them.
    """
    base = base_for(reading.programs)
    if base is None or not probes_itself(case, reading.programs):
        return None
    name, command = build_name(case.build), _command(case, reading)
    return conclude(
        case,
        Ending(
            recipe=language.recipe,
            tier=Tier.DISTROLESS,
            base=base,
            copies=tuple(_copies(name, reading)),
            command=command,
            keep=keep,
            dropped=language.variables(case.stage),
            workdir=_workdir(case, reading),
            user=case.stage.config.user,
            decisions=(*first, *_decisions(case, language, reading)),
            notes=command.notes,
        ),
    )


def _command(case: Case, reading: Reading) -> CommandPlan:
    """Return the command with the program's path in it, where neither the path given nor PATH leads there."""
    command, path = case.command, reading.program.path
    is_found = "/" not in reading.written and is_on_path(reading.program)
    if path == reading.written or is_found:
        return command
    own = command.cmd if command.main == "cmd" else command.entrypoint[len(command.head) :]
    words = (path, *own[1:])
    if "/" in reading.written:
        return with_program(command, words)
    why = f"the program lies in {dirname(path)}, which is not on the PATH of the final stage"
    change = Change(command.main, f"{shown(words)} in place of {shown(own)}", why, Safety.SAFE, command.main)
    return replace(with_program(command, words), changes=(*command.changes, change))


def _copies(stage: str, reading: Reading) -> Iterator[Copy]:
    """Yield one COPY for the programs of each folder, and one for each file or folder they open."""
    inside = [asset.path for asset in reading.assets]
    paths = [one.path for one in reading.programs if not any(lies_in(one.path, folder) for folder in inside)]
    for folder in dict.fromkeys(map(dirname, paths)):
        here = tuple(path for path in paths if dirname(path) == folder)
        yield Copy(stage, here, here[0] if len(here) == 1 else f"{folder.rstrip('/')}/")
    for asset in reading.assets:
        moved = reading.moved
        yield Copy(stage, (moved.apply(asset.path) if moved else asset.path,), asset.path)


def _workdir(case: Case, reading: Reading) -> str | None:
    """Return the work directory of the final stage; None to leave the base image's own behind."""
    own = any(step.instruction.name == "WORKDIR" for step in case.stage.all_steps)
    needed = own or any(uses_workdir(program) for program in reading.programs)
    return case.stage.config.workdir if needed else None


def _decisions(case: Case, language: Language, reading: Reading) -> Iterator[Decision]:
    program = reading.program
    if program.path != reading.written and "/" in reading.written:
        what = f"the program is {program.path}, where the build puts it, not {reading.written}"
        why = f"nothing in the file makes {reading.written}; the only {basename(program.path)} that is built lies there"
        yield Decision("program", what, why, Safety.REVIEW, (program.evidence, command_evidence(case.stage)))
    yield _files_decision(reading)
    yield from covered_decisions(case)
    if _workdir(case, reading) is None and (case.stage.config.workdir or "/") != "/":
        yield _workdir_decision(case, language, reading)


def _files_decision(reading: Reading) -> Decision:
    """Say what comes along: programs, and the files their sources open; a look is due where they are not seen."""
    paths = [*(program.path for program in reading.programs), *(asset.path for asset in reading.assets)]
    names = f"only {paths[0]} comes" if len(paths) == 1 else f"{', '.join(paths)} come"
    what = f"{names} along; the toolchain, sources and caches stay behind"
    built = tuple(dict.fromkeys(program.evidence for program in reading.programs))
    if not all(has_sources(program) for program in reading.programs):
        why = "the sources could not be read, so files the program opens at run time are not known"
        return Decision("files", what, why, Safety.REVIEW, built)
    opened = tuple(dict.fromkeys(asset.evidence for asset in reading.assets))
    why = "these are the files the sources open" if opened else "the sources open no file of the build context"
    return Decision("files", what, why, Safety.SAFE, (*built, *opened))


def _workdir_decision(case: Case, language: Language, reading: Reading) -> Decision:
    old = case.stage.config.workdir
    seen = all(has_sources(program) for program in reading.programs)
    why = f"it is the {language.label} image's own, and " + (
        "no source opens a relative path" if seen else "the sources were not seen: a relative path would not be found"
    )
    fact = Evidence(f"facts: {getattr(case.stage.root, 'family', '')}", f"WORKDIR {old}")
    what = f"the program starts in /, not in {old}"
    return Decision("workdir", what, why, Safety.SAFE if seen else Safety.REVIEW, (fact,))
