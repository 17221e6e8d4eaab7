"""Go programs that need more than themselves: the general closure, with what Go sources and toolchain tell about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from posixpath import join, normpath

from rewriter.analysis.built import Built
from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import Spawn
from rewriter.analysis.go_stage import built_in
from rewriter.plan import Closure, Decision, Plan, Refusal, Safety, Tier
from rewriter.recipes.base import Case
from rewriter.recipes.carry import dropped
from rewriter.recipes.compiled import find, is_on_path
from rewriter.recipes.compiled_assets import assets_of, has_sources, lies_in
from rewriter.recipes.final import conclude
from rewriter.recipes.general import ending_of
from rewriter.recipes.go_env import caches_of, toolchain_variables
from rewriter.semantics.build import CopyStep
from rewriter.semantics.shell import Programs, programs

_SOURCES = (".go", ".mod", ".sum", ".work", ".work.sum", ".s", ".c", ".h", ".proto")


def plan_carried(case: Case, copied: tuple[Built, ...]) -> Plan | Refusal:
    """Return the general plan with the programs the sources start, less what only the toolchain uses."""
    ending = ending_of(case)
    if isinstance(ending, Refusal) or ending.closure is None:
        return ending if isinstance(ending, Refusal) else conclude(case, ending)
    built = (*copied, *built_in(case.stage, case.context))
    spawns = tuple(_spawns(case, built))
    names = tuple(dict.fromkeys(name for spawn in spawns for name in _names(spawn)))
    needs_shell = any(spawn.shell for spawn in spawns)
    closure = replace(
        ending.closure,
        optional=tuple(dict.fromkeys((*ending.closure.optional, *names))),
        drop=tuple(name for name in ending.closure.drop if name in dropped(case, names)),
        without=(*ending.closure.without, *caches_of(case.stage), *_sources(case, built)),
    )
    ending = replace(
        ending,
        closure=closure,
        tier=Tier.DISTROLESS_WITH_SHELL if needs_shell else ending.tier,
        dropped={**ending.dropped, **_variables(case, built)},
        decisions=(*_without_kept(ending.decisions, closure), *_decisions(case, spawns, names, closure)),
    )
    return conclude(case, ending)


def _spawns(case: Case, built: tuple[Built, ...]) -> Iterator[Spawn]:
    """Yield what the program's sources start by name."""
    words = case.command.program
    program = find(case, words[0], built) if words else None
    if program is not None and program.code is not None:
        yield from (spawn for spawn in program.code.spawns if spawn.words or spawn.shell)


def _names(spawn: Spawn) -> Iterator[str]:
    if not spawn.shell:
        yield spawn.words[0]
        return
    yield "sh"
    called = programs(spawn.words[0]) if spawn.words else None
    if isinstance(called, Programs):
        yield from (one.name for one in called.called)


def _sources(case: Case, built: tuple[Built, ...]) -> tuple[str, ...]:
    """Return what the context brought that only the compiler reads, where all sources were seen."""
    if not caches_of(case.stage) or not built or not all(has_sources(program) for program in built):
        return ()
    keep = [*(program.path for program in built), *(asset.path for asset in assets_of(case, built))]
    found = (path for path in _brought(case) if not any(lies_in(other, path) for other in keep))
    return tuple(dict.fromkeys(found))


def _brought(case: Case) -> Iterator[str]:
    """Yield the entries of the context, where they lie in the stage, that hold nothing but Go sources."""
    for step in case.stage.all_steps:
        if not isinstance(step, CopyStep) or step.origin is not None:
            continue
        for source in step.sources:
            folder = normpath(f"/{source}").lstrip("/")
            for name in case.context.names(folder):
                inside = join(folder, name)
                if name == "vendor" or _is_source(case.context, inside):
                    yield normpath(join(step.target, name))


def _is_source(context: Context, path: str) -> bool:
    files = [path] if context.is_file(path) else list(context.walk(path))
    return bool(files) and all(file.endswith(_SOURCES) for file in files)


def _variables(case: Case, built: tuple[Built, ...]) -> dict[str, tuple[str, Evidence]]:
    """Return the toolchain's variables; PATH among them where all that was built lies in folders of every PATH."""
    known = bool(built) and all(is_on_path(program) for program in built)
    return {name: reason for name, reason in toolchain_variables(case.stage).items() if known or name != "PATH"}


def _without_kept(decisions: tuple[Decision, ...], closure: Closure) -> Iterator[Decision]:
    """Yield the decisions less those on packages that come along after all."""
    for decision in decisions:
        field, _, package = decision.field.partition(".")
        if field != "packages" or not package or package in closure.drop:
            yield decision


def _decisions(case: Case, spawns: tuple[Spawn, ...], names: tuple[str, ...], closure: Closure) -> Iterator[Decision]:
    if names:
        places = tuple(dict.fromkeys(spawn.evidence for spawn in spawns))
        what = f"{', '.join(names)} {'comes' if len(names) == 1 else 'come'} along where the image has it"
        yield Decision("programs", what, "the sources start it by name", Safety.SAFE, places)
    left = [path for path in closure.without if path not in case.command.former_init]
    if left:
        fact = Evidence("facts: golang", "ENV GOPATH=/go")
        why = "only the Go toolchain reads these caches and sources"
        yield Decision("files", f"{', '.join(left)} stay behind", why, Safety.SAFE, (fact,))
