"""What scripts need around them: the programs they call, followed from script to script through the build context.

A script that is not in the context, or names a program only when it runs, is left to the closure stage: that reads its
words and takes along every program they name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import basename, join, normpath

from rewriter.analysis.artefacts import copied_to, locate, locate_script
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import SHELLS
from rewriter.analysis.script import ScriptFile, read_script
from rewriter.images.catalog import wrappers
from rewriter.images.model import KnownImage, Wrapper
from rewriter.notes import Note, Rule
from rewriter.plan import Refusal
from rewriter.recipes.base import Case
from rewriter.recipes.script_notes import script_notes
from rewriter.record import record
from rewriter.semantics.build import CopyStep
from rewriter.semantics.shell import CannotTell, Programs, programs

UNREADABLE = Rule("command-unreadable", "the command cannot be read as a shell script", "H02")
DYNAMIC = Rule("program-named-at-run-time", "which program runs is told only when the container starts", "H07")

SUFFIXES = (".sh", ".bash")
_SHIPPED = (*SUFFIXES, ".envsh")
_DEEPEST = 5
# Languages whose installed commands are scripts that look for their interpreter on PATH (`#!/usr/bin/env node`).
_SHIMS = frozenset({"node", "ruby", "php", "perl", "bun", "deno"})
_INTERPRETERS = frozenset({"node", "ruby", "php", "php-fpm", "perl", "bun", "deno", "nginx", "httpd", "apache2"})


@record
class Unread:
    """A script whose programs are told only when the image is built: its path there, and why."""

    path: str
    why: str
    evidence: Evidence


@dataclass(slots=True)
class Gathered:
    """What was found so far while programs and scripts are followed.

    `required` programs have to be there, `optional` ones come along where the image has them. `unread` and `read` are
    scripts left to the closure stage, those of `read` without a doubt. `shell` shows that a shell is needed.
    """

    required: list[str] = field(default_factory=list)
    optional: list[str] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    shell: list[Evidence] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


def follow(case: Case, word: str, place: Evidence, gathered: Gathered, *, by_shell: bool = False) -> None:
    """Add the program a command starts and, where it is a script, what that needs in turn.

    `place` is where the command stands. With `by_shell` the word is given to a shell, as `sh run.sh` does.
    """
    _follow(case, word, place, (gathered, 0), by_shell=by_shell)


def read_inline(case: Case, text: str, place: Evidence, gathered: Gathered) -> Refusal | None:
    """Add what the shell text of an instruction calls; return why that cannot be told, if so."""
    found = programs(text, case.stage.config.env)
    if isinstance(found, CannotTell):
        why = f"the shell text cannot be read: {found.why}"
        return Refusal(UNREADABLE, why, (place,), "mend it, or use `--tier init` to add tini alone")
    unknown = next((one for one in found.dynamic if not one.default), None)
    if unknown:
        why = f"it runs {unknown.name}, whatever that is when the container starts"
        return Refusal(DYNAMIC, why, (place,), "name the program, or use `--tier init` to add tini alone")
    _take(case, found, place, (gathered, 0))
    return None


_Reached = tuple[Gathered, int]


def _follow(case: Case, word: str, place: Evidence, reached: _Reached, *, by_shell: bool) -> None:
    gathered, depth = reached
    path, file = _find(case, word, by_shell=by_shell)
    if path in gathered.seen or depth > _DEEPEST:
        return
    gathered.seen.add(path)
    script = read_script(case.context, file) if file else None
    known = None if file else _known(case, word)
    if script is None and by_shell | word.endswith(SUFFIXES) and not known:
        gathered.shell.append(place)
        _leave(case, Unread(path, f"{word} is not in the build context", place), reached)
        return
    (gathered.optional if depth else gathered.required).append(path)
    if known:
        gathered.optional += (*known.interpreter.split(), *known.programs)
        gathered.shell.append(Evidence(f"facts: {known.name}", known.path))
    elif script:
        _script(case, script, path, reached, by_shell=by_shell)
    elif file is None and "node_modules/.bin/" in path:
        gathered.read.append(path)
        gathered.shell += [Evidence(lock, path) for lock in case.context.glob("**/pnpm-lock.yaml")][:1]
    elif file is None and _is_shim(case, word):
        gathered.optional.append("env")


def _find(case: Case, word: str, *, by_shell: bool) -> tuple[str, str | None]:
    """Return path and context file of a command word; a script no COPY brings there may be shipped elsewhere."""
    stage, context = case.stage, case.context
    path, file = (
        locate_script(stage, context, word, case.command.cwd)
        if by_shell or "/" in word
        else locate(stage, context, word)
    )
    if file is None and word.endswith(_SHIPPED):
        same = (found for found in _shipped(case) if basename(found[0]) == basename(word))
        path, file = next(same, (path, None))
    if by_shell and "/" not in path:
        path = normpath(join(stage.config.workdir or "/", case.command.cwd or "", path))
    return path, file


def _shipped(case: Case) -> Iterator[tuple[str, str]]:
    """Yield the shell scripts of the context that COPY brings into the target, as path there and file."""
    steps = [step for step in case.stage.all_steps if isinstance(step, CopyStep) and step.origin is None]
    for file in case.context.walk(suffixes=_SHIPPED):
        path = next((found for step in reversed(steps) if (found := copied_to(step, f"/{file}"))), None)
        if path:
            yield path, file


def _known(case: Case, word: str) -> Wrapper | None:
    """Return the row of a script that the base image ships: its entrypoint, or one of its programs."""
    root = case.stage.root
    if not isinstance(root, KnownImage):
        return None
    ships = basename(word) in dict(root.programs)
    rows = (row for row in wrappers() if word in {row.path, *row.names})
    return next((row for row in rows if row.name == root.wrapper or ships), None)


def _is_shim(case: Case, word: str) -> bool:
    """Return whether a command is most likely a script that asks `env` for its interpreter, which the base brings."""
    root = case.stage.root
    return isinstance(root, KnownImage) and root.language in _SHIMS and basename(word) not in _INTERPRETERS


def _script(case: Case, script: ScriptFile, path: str, reached: _Reached, *, by_shell: bool) -> None:
    gathered, _ = reached
    gathered.notes += script_notes(case, script, by_shell=by_shell)
    if script.interpreter and not by_shell:
        gathered.optional.append(script.interpreter)
        asked = script.program if script.program and basename(script.interpreter) != script.program else None
        gathered.optional += [asked] if asked else []
    if not by_shell and script.interpreter and script.program not in SHELLS:
        return
    gathered.shell.append(script.evidence)
    if not script.interpreter and not by_shell:
        gathered.required.append("/bin/sh")
    found = programs(script.text, case.stage.config.env)
    if isinstance(found, CannotTell):
        where = Evidence(_line_of(script.evidence, found.line), path)
        _leave(case, Unread(path, f"line {found.line} cannot be read: {found.why}", where), reached)
        return
    unknown = next((one for one in found.dynamic if not one.default), None)
    if unknown:
        why = f"line {unknown.line} runs {unknown.name}, whatever that is when the container starts"
        _leave(case, Unread(path, why, Evidence(_line_of(script.evidence, unknown.line), unknown.name)), reached)
    _take(case, found, script.evidence, reached)


def _leave(case: Case, unread: Unread, reached: _Reached) -> None:
    """Leave a script to the closure stage; it may start any other script that is there, so all of them are read."""
    gathered, depth = reached
    gathered.unread.append(unread)
    for path, _ in _shipped(case):
        _follow(case, path, unread.evidence, (gathered, depth + 1), by_shell=False)


def _take(case: Case, found: Programs, place: Evidence, reached: _Reached) -> None:
    """Add what a script calls: each program where the image has it, for the script may do without."""
    gathered, depth = reached
    names = [*(one.name for one in found.called), *(one.default for one in found.dynamic if one.default)]
    gathered.optional += [name for name in names if "/" not in name]
    gathered.optional += ["env"] if any(_is_shim(case, name) for name in names) else []
    for name in names:
        if "/" in name:
            _follow(case, name, place, (gathered, depth + 1), by_shell=False)
    for one in (*found.scripts, *found.sourced):
        name = one.name.strip('"')
        path, file = _find(case, name, by_shell=True)
        if file or (one in found.scripts and "$" not in name):
            where = Evidence(_line_of(place, one.line), one.name)
            _follow(case, name, where, (gathered, depth + 1), by_shell=True)
        elif "$" not in name and not name.endswith("/bin/activate"):
            gathered.read.append(path)  # settings mostly, of the image or of a volume


def _line_of(place: Evidence, line: int) -> str:
    """Return the place of a line of a script: the script's own, or the Dockerfile's where the script stands there."""
    file = place.where.rpartition(":")[0]
    return place.where if file in {"Dockerfile", ""} else f"{file}:{line}"
