"""The programs a command needs around it: its own, the shell where it cannot do without, what its scripts call."""

from __future__ import annotations

from dataclasses import dataclass, field
from posixpath import basename

from rewriter.analysis.artefacts import locate
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.script import read_script
from rewriter.notes import Note, Rule
from rewriter.plan import Decision, Refusal
from rewriter.recipes.base import Case
from rewriter.recipes.command import CommandPlan
from rewriter.semantics.shell import CannotTell, programs

UNREAD_SCRIPT = Rule("entry-script-not-found", "the entry script is not in the build context", "H07")
UNREADABLE_SCRIPT = Rule("entry-script-unreadable", "the entry script cannot be read as a shell script", "H07")
DYNAMIC_PROGRAM = Rule("program-named-at-run-time", "a script runs a program named only at run time", "H07")
LAUNCHER = Rule("launcher-command", "the command is a launcher that needs a package manager or a build tool", "H14")
DEV_SERVER = Rule("development-server", "the command is a development server or a watcher", "H15")

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})
_DEEPEST = 5


@dataclass(frozen=True, slots=True)
class ProgramsNeeded:
    """Names or paths of programs to carry, whether a shell is among them and why, and the command."""

    names: tuple[str, ...]
    shell: tuple[Evidence, ...]
    command: CommandPlan
    decisions: tuple[Decision, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(slots=True)
class _Gathered:
    """What was found so far while scripts are followed."""

    names: list[str] = field(default_factory=list)
    shell: list[Evidence] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


def programs_needed(case: Case) -> ProgramsNeeded | Refusal:
    """Return the programs the case's command needs, its scripts followed through the build context."""
    command = case.command
    if refusal := _not_served(case):
        return refusal
    gathered = _Gathered()
    own = command.program[: len(command.program) - len(command.cmd)] if command.cmd else command.program
    run = (own, command.cmd) if command.main == "cmd" else (own,)
    starts = [words[0] for words in run if words]
    needs = command.needs_shell
    if needs and needs.script:
        gathered.names.append(needs.shell[0])
        gathered.shell.append(_command_place(case))
        starts = [word for word in starts if word != needs.shell[0]]
        problem = _read(case, needs.script, _command_place(case), gathered, 0)
        if problem:
            return problem
    for word in (*starts, *((command.kind.script_file,) if command.kind.script_file else ())):
        problem = _follow(case, word, gathered, 0)
        if problem:
            return problem
    names = tuple(dict.fromkeys(gathered.names))
    return ProgramsNeeded(names, tuple(gathered.shell), command)


def _not_served(case: Case) -> Refusal | None:
    """Return why the command is none to serve with, judged by its kind."""
    kind, place = case.command.kind, _command_place(case)
    if kind.dev_server:
        why = f"{kind.dev_server} is a development server, which needs the sources and tools of a development machine"
        return Refusal(DEV_SERVER, why, (place,), "start the program as it runs in production, then convert again")
    if kind.launcher:
        why = f"{kind.launcher} reads the project's files to find out what to start"
        help_ = "make the program it starts the command, or use `--tier init` to add tini alone"
        return Refusal(LAUNCHER, why, (place,), help_)
    return None


def _command_place(case: Case) -> Evidence:
    lines = [s.instruction for s in case.stage.all_steps if s.instruction.name in {"CMD", "ENTRYPOINT"}]
    return Evidence(f"Dockerfile:{lines[-1].span.line}", lines[-1].text) if lines else case.needs.evidence[0]


def _follow(case: Case, word: str, gathered: _Gathered, depth: int) -> Refusal | None:
    """Add a program and, if it is a script of the context, what that needs; return why it cannot be told."""
    path, file = locate(case.stage, case.context, word)
    if path in gathered.seen or depth > _DEEPEST:
        return None
    gathered.seen.add(path)
    gathered.names.append(path)
    script = read_script(case.context, file) if file else None
    if script is None:
        return _unseen(case, word) if word.endswith((".sh", ".bash")) else None
    if script.interpreter:
        gathered.names.append(script.interpreter)
    if script.program and script.program != script.interpreter:
        gathered.names.append(script.program)
    is_shell = basename(script.program or script.interpreter or "") in _SHELLS
    if not is_shell and not word.endswith((".sh", ".bash")):
        return None
    gathered.shell.append(script.evidence)
    if not script.interpreter:
        gathered.names.append("/bin/sh")
    return _read(case, script.text, script.evidence, gathered, depth)


def _unseen(case: Case, word: str) -> Refusal:
    why = f"{word} is not in the build context, so what it needs cannot be told"
    help_ = "name the build context with --context, or use `--tier init` to add tini alone"
    return Refusal(UNREAD_SCRIPT, why, (_command_place(case),), help_)


def _read(case: Case, text: str, place: Evidence, gathered: _Gathered, depth: int) -> Refusal | None:
    """Add what a shell script calls; return why that cannot be told, if so."""
    found = programs(text, case.stage.config.env)
    if isinstance(found, CannotTell):
        why = f"line {found.line} cannot be read: {found.why}"
        return Refusal(UNREADABLE_SCRIPT, why, (place,), "mend the script, or use `--tier init` to add tini alone")
    if found.dynamic:
        first = found.dynamic[0]
        why = f"it runs {first.name}, whatever that is when the container starts"
        where = Evidence(_line_of(place, first.line), first.name)
        return Refusal(DYNAMIC_PROGRAM, why, (where,), "name the program, or use `--tier init` to add tini alone")
    gathered.names += [called.name for called in found.called if "/" not in called.name]
    paths = [called.name for called in found.called if "/" in called.name]
    followed = [*paths, *(one.name for one in (*found.scripts, *found.sourced) if not _is_activation(one.name))]
    return next((problem for word in followed if (problem := _follow(case, word, gathered, depth + 1))), None)


def _is_activation(name: str) -> bool:
    """Return whether a sourced file is a virtual environment's own, which runs no program."""
    return name.endswith("/bin/activate")


def _line_of(place: Evidence, line: int) -> str:
    """Return the place of a line of a script: the script's own, or the Dockerfile's where the script stands there."""
    file = place.where.rpartition(":")[0]
    return place.where if file == "Dockerfile" else f"{file}:{line}"
