"""Go programs that need more than themselves: the general closure, with what Go sources and toolchain tell about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import Spawn
from rewriter.analysis.go_stage import Built, built_in
from rewriter.images.model import KnownImage
from rewriter.plan import Decision, Plan, Refusal, Safety, Tier
from rewriter.recipes.base import Case
from rewriter.recipes.final import conclude
from rewriter.recipes.general import ending_of
from rewriter.recipes.go_env import toolchain_variables
from rewriter.recipes.go_program import find
from rewriter.semantics.shell import Programs, programs


def plan_carried(case: Case, copied: tuple[Built, ...]) -> Plan | Refusal:
    """Return the general plan with the programs the sources start, less what only the toolchain uses."""
    ending = ending_of(case)
    if isinstance(ending, Refusal) or ending.closure is None:
        return ending if isinstance(ending, Refusal) else conclude(case, ending)
    spawns = tuple(_spawns(case, copied))
    names = tuple(dict.fromkeys(name for spawn in spawns for name in _names(spawn)))
    needs_shell = any(spawn.shell for spawn in spawns)
    closure = replace(
        ending.closure,
        optional=tuple(dict.fromkeys((*ending.closure.optional, *names))),
        without=(*ending.closure.without, *_caches(case)),
    )
    ending = replace(
        ending,
        closure=closure,
        tier=Tier.DISTROLESS_WITH_SHELL if needs_shell else ending.tier,
        dropped={**ending.dropped, **_variables(case)},
        decisions=(*ending.decisions, *_decisions(case, spawns, names)),
    )
    return conclude(case, ending)


def _spawns(case: Case, copied: tuple[Built, ...]) -> Iterator[Spawn]:
    """Yield what the program's sources start by name."""
    words = case.command.program
    program = find(case, words[0], (*copied, *built_in(case.stage, case.context))) if words else None
    if program is not None and program.sources is not None:
        yield from (spawn for spawn in program.sources.code.spawns if spawn.words or spawn.shell)


def _names(spawn: Spawn) -> Iterator[str]:
    if not spawn.shell:
        yield spawn.words[0]
        return
    yield "sh"
    called = programs(spawn.words[0]) if spawn.words else None
    if isinstance(called, Programs):
        yield from (one.name for one in called.called)


def _caches(case: Case) -> tuple[str, ...]:
    """Return the toolchain's caches, which hold modules and objects and nothing for run time."""
    root, env = case.stage.root, dict(case.stage.config.env)
    if not isinstance(root, KnownImage) or root.language != "go":
        return ()
    modules = env.get("GOMODCACHE") or f"{env.get('GOPATH', '/go').partition(':')[0]}/pkg"
    return (modules, env.get("GOCACHE") or "/root/.cache/go-build")


def _variables(case: Case) -> dict[str, tuple[str, Evidence]]:
    """Return the toolchain's variables, less PATH: what the build installed may be found by it."""
    return {name: reason for name, reason in toolchain_variables(case.stage).items() if name != "PATH"}


def _decisions(case: Case, spawns: tuple[Spawn, ...], names: tuple[str, ...]) -> Iterator[Decision]:
    if names:
        places = tuple(dict.fromkeys(spawn.evidence for spawn in spawns))
        what = f"{', '.join(names)} come along where the image has them"
        yield Decision("programs", what, "the sources start them", Safety.SAFE, places)
    if caches := _caches(case):
        fact = Evidence("facts: golang", "ENV GOPATH=/go")
        what = f"{' and '.join(caches)} stay behind"
        yield Decision("files", what, "they are caches of the Go toolchain", Safety.SAFE, (fact,))
