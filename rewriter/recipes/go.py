"""Go: a program that `go build` wrote, alone or with the files it opens, on `static` or `base`.

Takes the builds it understands to the last command; whatever else a Go stage does is carried by the general recipe.
A final stage that only copies the program from another stage keeps its lines and changes its base.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from posixpath import basename, join, normpath

from rewriter.analysis.built import Built, Moved, carried
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.go_stage import built_in
from rewriter.analysis.runs import Deed, Opaque, Run
from rewriter.images.model import KnownImage
from rewriter.notes import Note
from rewriter.plan import Decision, Plan, Refusal, Safety
from rewriter.recipes import general
from rewriter.recipes.base import Case, Recipe
from rewriter.recipes.compiled import Language, find, path_of, starts_others
from rewriter.recipes.compiled_assets import assets_of
from rewriter.recipes.compiled_in_place import plan_in_place
from rewriter.recipes.compiled_split import Reading, can_split, plan_split
from rewriter.recipes.fit import adds_authorities, is_covered, leaves_nothing
from rewriter.recipes.go_carried import plan_carried
from rewriter.recipes.go_env import toolchain_variables
from rewriter.recipes.need import BUILD_TOOL
from rewriter.recipes.places import command_evidence, where
from rewriter.recipes.sources import source_notes
from rewriter.semantics.build import CopyStep, Stage
from rewriter.syntax.document import Span
from rewriter.syntax.edits import Edit

GO = Language("go", "Go", toolchain_variables)
_TOOLCHAIN = frozenset({"go", "gofmt"})
_VERBS = frozenset("build clean env fmt generate get install list mod test tool version vet work".split())


def handles(case: Case) -> bool:
    """Return whether the target is built on a Go image, or copies from one onto a plain distribution's."""
    root = case.stage.root
    if not isinstance(root, KnownImage) or not root.has_shell:
        return False
    earlier = case.build.stages[: case.stage.index]
    copies = any(isinstance(step, CopyStep) and isinstance(step.origin, Stage) for step in case.stage.all_steps)
    return root.language == "go" or (root.language is None and copies and any(map(_is_go, earlier)))


def _is_go(stage: Stage) -> bool:
    root = stage.root
    return isinstance(root, KnownImage) and root.language == "go"


def plan(case: Case) -> Plan | Refusal:
    """Return the plan that leaves the toolchain behind, or the general one where more than a program is needed."""
    if case.command.kind.dev_server or case.command.kind.launcher:
        return general.plan(case)
    if basename(case.command.program[0]) in _TOOLCHAIN:
        why = f"`{' '.join(case.command.program)}` needs compiler and sources wherever the container runs"
        help_ = "make the program that was built the command, or use `--tier init` to add tini alone"
        return Refusal(BUILD_TOOL, why, (command_evidence(case.stage),), help_)
    copied = _copied(case)
    found = plan_in_place(case, GO, copied) or _plan_split(case) or plan_carried(case, copied)
    return found if isinstance(found, Refusal) else replace(found, notes=(*found.notes, *_notes(case, copied)))


def _copied(case: Case) -> tuple[Built, ...]:
    """Return the Go programs that the target copies from the stages that build them."""
    copies = (step for step in case.stage.all_steps if isinstance(step, CopyStep) and step.origin is not None)
    return carried(case.build, lambda stage: built_in(stage, case.context)) if any(copies) else ()


def _notes(case: Case, copied: tuple[Built, ...]) -> Iterator[Note]:
    """Yield what the sources of the program say about its parent: it may make workers, or end when that is PID 1."""
    word = case.command.program[0]
    program = find(case, word, copied) or find(case, word, built_in(case.stage, case.context))
    if program is not None and program.code is not None:
        yield from source_notes(program.code)


def _plan_split(case: Case) -> Plan | Refusal | None:
    """Return the plan that copies programs and assets out of the target; None where more than that is needed."""
    reading = read(case) if can_split(case) else None
    if reading is None:
        return None
    moved = reading.moved
    first = (_moved_decision(case, moved),) if moved else ()
    return plan_split(case, GO, reading, _workdir_edits(case, moved), first)


def read(case: Case) -> Reading | None:
    """Return what the stage is for; None where one of its commands is not understood or the program not found."""
    needed = [need for need in case.needs.packages if need.role.role == "runtime" and not is_covered(case, need)]
    if needed or adds_authorities(case.stage) or _copies_from_elsewhere(case):
        return None
    moved = gopath_workdir(case)
    built = built_in(case.stage, case.context, moved)
    paths = tuple(program.path for program in built)
    if not all(is_understood(case, run, paths) for run in case.needs.runs):
        return None
    word = case.command.program[0]
    found = find(case, word, built)
    if found is None:
        return None
    programs = (found, *(one for one in built if one.is_own and one != found))
    if any(starts_others(program) for program in programs):
        return None
    return Reading(found, programs, path_of(case, word), moved, assets_of(case, programs))


def is_understood(case: Case, run: Run | Opaque, programs: tuple[str, ...]) -> bool:
    """Return whether a command of a RUN leaves nothing for run time but what `go` writes."""
    if isinstance(run, Opaque):
        return False
    if run.deed is Deed.INSTALL:
        return True
    if run.deed is not Deed.OTHER:
        return leaves_nothing(case, run, programs)
    words = run.argv or ()
    name = basename(words[0]) if words else basename(run.words[0] or "") if run.words else ""
    if name == "go":
        return len(run.words) > 1 and run.words[1] in _VERBS
    return name in {"mv", "cp", "strip", "upx"} and _handles_programs(run, words[1:], programs)


def _handles_programs(run: Run, words: tuple[str, ...], programs: tuple[str, ...]) -> bool:
    """Return whether a command moves, copies or shrinks programs that were built, and nothing else."""
    plain = [word for word in words if not word.startswith("-")]
    named = [normpath(join(run.cwd or "/", word)) for word in plain]
    return bool(named) and named[0] in programs and (len(named) < 3 or all(path in programs for path in named[:-1]))


def _copies_from_elsewhere(case: Case) -> bool:
    """Return whether a line copies from a stage or an image: what that is for is not known here."""
    return any(isinstance(step, CopyStep) and step.origin is not None for step in case.stage.all_steps)


def gopath_workdir(case: Case) -> Moved | None:
    """Return the work directory a module build is given when it would run in GOPATH itself, where `go` refuses to.

    "$GOPATH/go.mod exists but should not" (cmd/go); the golang images' WORKDIR is GOPATH (facts: golang).
    """
    stage, root = case.stage, case.stage.root
    own = root.config.workdir if isinstance(root, KnownImage) else None
    if own is None or dict(stage.config.env).get("GOPATH") != own:
        return None
    if any(step.instruction.name == "WORKDIR" for step in stage.all_steps) or len(stage.chain) > 1:
        return None
    copies = (step for step in stage.steps if isinstance(step, CopyStep) and step.origin is None)
    brings_module = any(_brings_module(case, step, own) for step in copies)
    return Moved(own, "/src") if brings_module else None


def _brings_module(case: Case, step: CopyStep, folder: str) -> bool:
    inside = normpath(step.target) == folder
    names = {basename(source) for source in step.sources}
    whole = any(normpath(join("/", source)) == "/" for source in step.sources)
    return inside and ("go.mod" in names or (whole and case.context.exists("go.mod")))


def _workdir_edits(case: Case, moved: Moved | None) -> tuple[Edit, ...]:
    """Return the edit that gives the build stage a work directory of its own, in the file's own keyword case."""
    if moved is None:
        return ()
    first = case.stage.instruction
    keyword = "workdir" if first.keyword.islower() else "WORKDIR"
    end = first.span.end
    return (Edit(Span(end, end, first.span.line), f"{keyword} {moved.new}{case.build.document.newline}"),)


def _moved_decision(case: Case, moved: Moved) -> Decision:
    what = f"the build stage works in {moved.new}, not in the base image's {moved.old}"
    why = f"{moved.old} is GOPATH, where go refuses a go.mod; nothing of the source tree belongs there"
    line = next(step.instruction for step in case.stage.steps if isinstance(step, CopyStep))
    fact = Evidence("facts: golang", f"WORKDIR {moved.old}, GOPATH={moved.old}")
    return Decision("stage", what, why, Safety.REVIEW, (fact, where(line)))


RECIPE = Recipe("go", handles, plan)
