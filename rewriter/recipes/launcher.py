"""Launchers (`npm start`, `poetry run app`): the program they start takes their place, where the project's files tell.

Where they do not, the launcher stays the command and comes along; `why_kept` of the command says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from posixpath import basename, normpath

from rewriter.analysis.context import Context
from rewriter.analysis.node_project import Unresolved
from rewriter.images.model import Pairs
from rewriter.plan import Safety
from rewriter.recipes.command import Change, CommandPlan, with_program
from rewriter.recipes.command_kind import Blocked, blocked_words
from rewriter.recipes.command_says import shown
from rewriter.recipes.command_steps import Place
from rewriter.recipes.launched import Launched
from rewriter.recipes.launcher_node import NODE_LAUNCHERS, node_program
from rewriter.recipes.launcher_python import PYTHON_LAUNCHERS, python_program
from rewriter.semantics.build import Stage
from rewriter.semantics.shell import Word, unwrapped

# They compile, or look for what to compile, each time the container starts.
BUILD_TOOLS = frozenset(("go run", "cargo run", "dotnet run", "mvn", "mvnw", "gradle", "gradlew", "sbt", "lein"))


def launched(command: CommandPlan, stage: Stage, context: Context) -> CommandPlan | Blocked:
    """Return the command with the program in place of its launcher; with `why_kept` where that cannot be told."""
    launcher = command.kind.launcher
    if launcher is None or launcher in BUILD_TOOLS or launcher == "bundle exec":
        return command
    found = _found(command, stage, context)
    if isinstance(found, Unresolved):
        return replace(command, why_kept=found)
    return blocked_words(found.words) or _in_its_place(command, stage, found)


def _found(command: CommandPlan, stage: Stage, context: Context) -> Launched | Unresolved:
    own = _own(command)
    outer = unwrapped(tuple(Word(word, word) for word in own))
    words = tuple(word.text or "" for word in outer.words)
    env = tuple((name, word.text) for name, word in outer.env if word.text is not None)
    is_plain = set(outer.through) <= {"env"} and len(words) + len(env) + len(outer.through) == len(own)
    if not is_plain:
        return Unresolved(f"it is started through {own[0]}")
    if command.main == "cmd" and command.entrypoint != command.head:
        return Unresolved("an entry script is given the command, and may look at it")
    if command.main == "entrypoint" and command.cmd:
        return Unresolved("it is given CMD as arguments of its own")
    workdir = normpath(command.cwd or stage.config.workdir or "/")
    name = basename(words[0])
    if name in NODE_LAUNCHERS:
        found = node_program(words, stage, context, workdir)
    elif name in PYTHON_LAUNCHERS:
        found = python_program(words, stage, context, workdir)
    else:
        found = Unresolved(f"what {name} starts is not known")
    return found if isinstance(found, Unresolved) else replace(found, env=(*env, *found.env))


def _own(command: CommandPlan) -> tuple[str, ...]:
    return command.cmd if command.main == "cmd" else command.entrypoint[len(command.head) :]


def _in_its_place(command: CommandPlan, stage: Stage, found: Launched) -> CommandPlan:
    plan = with_program(command, found.words)
    kind = replace(plan.kind, dev_server=plan.kind.dev_server or found.develops)
    changes = [change for change in command.changes if change.field not in {command.main, "workdir"}]
    old = normpath(stage.config.workdir or "/")
    cwd = found.workdir if found.workdir != old else None
    env = _new(stage.config.env, (*command.env, *found.env))
    return replace(
        plan,
        kind=kind,
        cwd=cwd,
        env=env,
        changes=(*changes, *_changes(command, found, cwd, env)),
        notes=(*command.notes, *found.notes),
    )


def _new(old: Pairs, env: Iterable[tuple[str, str]]) -> Pairs:
    before = dict(old)
    return tuple((name, text) for name, text in dict(env).items() if before.get(name) != text)


def _changes(command: CommandPlan, found: Launched, cwd: str | None, env: Pairs) -> Iterator[Change]:
    place: Place = command.main
    what = f"{shown(found.words)} in place of `{' '.join(_own(command))}`"
    yield Change(place, what, found.why, found.safety, place, found.evidence)
    if cwd is not None:
        yield Change("workdir", cwd, "the program is started in this directory", Safety.SAFE, place, found.evidence)
    told = {change.field for change in command.changes}
    for name, text in env:
        if f"env.{name}" not in told:
            why = f"{_own(command)[0]} set it for the program itself"
            yield Change(f"env.{name}", text or '""', why, Safety.SAFE, place, found.evidence)
