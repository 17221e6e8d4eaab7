"""The programs a command needs around it: its own, the shell where it cannot do without, what its scripts call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from posixpath import basename

from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import SHELLS
from rewriter.notes import Note, Rule
from rewriter.plan import Decision, Refusal, Safety
from rewriter.recipes.base import Case
from rewriter.recipes.command import CommandPlan
from rewriter.recipes.command_shell import script_place, scripted
from rewriter.recipes.launcher import BUILD_TOOLS
from rewriter.recipes.launcher_node import NODE_LAUNCHERS, package_folder, script_texts
from rewriter.recipes.maybe_scripts import maybe_scripts
from rewriter.recipes.places import command_evidence
from rewriter.recipes.scripts import Gathered, follow, read_inline
from rewriter.recipes.sources import Started, started_by_sources
from rewriter.record import record
from rewriter.semantics.shell import Word, unwrapped

BUILD_TOOL = Rule("build-tool-as-command", "the command compiles the program each time the container starts", "H14")
DEV_SERVER = Rule("development-server", "the command is a development server or a watcher", "H15")

_MOST_PLACES = 5


@record
class ProgramsNeeded:
    """Names or paths of programs to carry, whether a shell is among them and why, and the command.

    `names` have to be there, `optional` come along where the image has them, of `scripts` the closure stage finds out
    itself what they need. `unread`: some of these may start any program.
    """

    names: tuple[str, ...]
    shell: tuple[Evidence, ...]
    command: CommandPlan
    decisions: tuple[Decision, ...] = ()
    notes: tuple[Note, ...] = ()
    optional: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    unread: bool = False


def programs_needed(case: Case) -> ProgramsNeeded | Refusal:
    """Return the programs the case's command needs, its scripts followed through the build context."""
    if refusal := _not_served(case):
        return refusal
    gathered = Gathered()
    for words in _started(case.command):
        sure = len(gathered.required)
        if refusal := _start(case, words, gathered):
            return refusal
        if words != case.command.program[: len(words)]:  # an entry script may go on to it, or take it for an argument
            gathered.optional += gathered.required[sure:]
            del gathered.required[sure:]
    if case.command.kind.launcher:
        _launcher(case, gathered)
    names = tuple(dict.fromkeys(gathered.required))
    called = tuple(name for name in dict.fromkeys(gathered.optional) if name not in names)
    started = started_by_sources(case, (*case.command.program, *called))
    optional = tuple(dict.fromkeys((*called, *(name for name, _ in started.programs if name not in names))))
    maybe = maybe_scripts(case, (*names, *optional))
    return ProgramsNeeded(
        names=names,
        optional=optional,
        scripts=tuple(dict.fromkeys((*(one.path for one in gathered.unread), *gathered.read, *maybe))),
        unread=bool(gathered.unread),
        shell=tuple(dict.fromkeys((*gathered.shell, *started.shell))),
        command=case.command,
        decisions=(*_decisions(case, gathered, (*names, *called)), *_of_sources(started), *_of_scripts(case, maybe)),
        notes=tuple(dict.fromkeys((*gathered.notes, *started.notes))),
    )


def _launcher(case: Case, gathered: Gathered) -> None:
    """Add what a launcher that stays the command needs: its own interpreter, and a shell where it runs scripts."""
    words = case.command.cmd if case.command.main == "cmd" else case.command.program
    inner = [word.text or "" for word in unwrapped(tuple(Word(word, word) for word in words)).words]
    gathered.read.append(inner[0])
    if basename(inner[0]) not in NODE_LAUNCHERS:
        return
    place = command_evidence(case.stage)
    gathered.required.append("/bin/sh")
    gathered.shell.append(place)
    folder = package_folder(case.stage, case.context, case.stage.config.workdir or "/")
    for text in script_texts(case.context, folder, tuple(inner[1:])) if folder is not None else ():
        read_inline(case, text, place, gathered)


def _not_served(case: Case) -> Refusal | None:
    """Return why the command is none to serve with, judged by its kind."""
    kind, place = case.command.kind, command_evidence(case.stage)
    if kind.dev_server:
        why = f"{kind.dev_server} is a development server, which needs the sources and tools of a development machine"
        return Refusal(DEV_SERVER, why, (place,), "start the program as it runs in production, then convert again")
    if kind.launcher in BUILD_TOOLS:
        why = f"`{kind.launcher}` needs compiler and sources wherever the container runs"
        help_ = "build the program in a RUN and make it the command, or use `--tier init` to add tini alone"
        return Refusal(BUILD_TOOL, why, (place,), help_)
    return None


def _started(command: CommandPlan) -> tuple[tuple[str, ...], ...]:
    """Return the words of each command that is started: an entry script, and the command it goes on to."""
    own = command.program[: len(command.program) - len(command.cmd)]
    if command.main != "cmd":
        return (command.program,)
    return tuple(words for words in (own, command.cmd) if words and not words[0].startswith("-"))


def _start(case: Case, written: tuple[str, ...], gathered: Gathered) -> Refusal | None:
    """Add what these words start, with all that stands in front of it; return why that cannot be told, if so."""
    place = command_evidence(case.stage)
    outer = unwrapped(tuple(Word(word, word) for word in written))
    gathered.required += outer.through
    words = tuple(word.text or "" for word in outer.words)
    inside, at = scripted(words), script_place(words)
    if inside is None and not at and basename(words[0]) not in SHELLS:
        follow(case, words[0], place, gathered)
        return None
    gathered.required.append(words[0])
    gathered.shell.append(place)
    if inside:
        return read_inline(case, inside.script, place, gathered)
    if at:
        follow(case, words[at], place, gathered, by_shell=True)
    return None


def _decisions(case: Case, gathered: Gathered, names: tuple[str, ...]) -> Iterator[Decision]:
    """Yield what comes along for a shell, and what only the closure stage can find out."""
    if gathered.shell and names:
        needs = case.command.needs_shell
        runs = case.command.kind.launcher or "a script"
        why = f"a shell is needed: {needs.why}" if needs else f"{runs} runs them"
        what = _come(dict.fromkeys(basename(name) for name in names))
        yield Decision("programs", what, why, Safety.SAFE, tuple(dict.fromkeys(gathered.shell)))
    if kept := case.command.why_kept:
        what = f"{case.command.kind.launcher} stays the command and comes along"
        places = kept.evidence or (command_evidence(case.stage),)
        yield Decision("programs", what, f"what it starts cannot be told: {kept.why}", Safety.REVIEW, places)
    for one in gathered.unread:
        what = f"every program that a word of {one.path} names comes along, found out when the image is built"
        yield Decision("programs", what, one.why, Safety.REVIEW, (one.evidence,))


def _of_scripts(case: Case, maybe: tuple[str, ...]) -> Iterator[Decision]:
    """Yield that programs of unknown make are looked at when the image is built."""
    if maybe:
        names = ", ".join(map(basename, maybe))
        what = f"where one of these is a script, all that it names comes along, a shell too: {names}"
        why = "none of them is in the build context; it is found out when the image is built"
        yield Decision("programs", what, why, Safety.REVIEW, (command_evidence(case.stage),))


def _come(names: Iterable[str]) -> str:
    told = tuple(names)
    come, them = ("come", "them") if len(told) > 1 else ("comes", "it")
    return f"{', '.join(told)} {come} along, where the image has {them}"


def _of_sources(started: Started) -> Iterator[Decision]:
    """Yield what comes along because the application's sources start it."""
    if started.programs:
        what = _come(name for name, _ in started.programs)
        why = "the sources start them" + (", some through a shell" if started.shell else "")
        places = tuple(dict.fromkeys((*(place for _, place in started.programs), *started.shell)))
        yield Decision("programs", what, why, Safety.SAFE, places[:_MOST_PLACES])
