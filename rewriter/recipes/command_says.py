"""What a split command changes, and what is worth saying about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

from rewriter.analysis.evidence import Evidence
from rewriter.images.model import Command, Exec, ImageConfig, Shell, argv
from rewriter.notes import Note, Rule, Severity
from rewriter.plan import Safety
from rewriter.recipes.command_init import FORMER_INIT, Former, take_off_init
from rewriter.recipes.command_kind import Kind
from rewriter.recipes.command_shell import scripted
from rewriter.recipes.command_steps import ASSIGNMENT, CD, ERRORS_JOINED, WRAPPER, Pair, Place, started
from rewriter.record import record
from rewriter.semantics.shell import meant_as_json

VARIABLE_IN_EXEC_FORM = Rule("variable-in-exec-form", "a variable in exec form is never expanded", "H04")
MALFORMED_JSON = Rule("malformed-json-command", "an array that is not valid JSON is run as a shell command", "H05")
CMD_WITHOUT_EFFECT = Rule("cmd-without-effect", "a CMD after a shell-form ENTRYPOINT has no effect", "H10")
ARGUMENTS = Rule("arguments-without-effect", "arguments given to the container had no effect", "H10")
USER_SWITCH = Rule("user-switch-in-command", "the command switches to another user before it starts the program", "H19")
_VARIABLE = re.compile(r"\$(?:[A-Z_][A-Z0-9_]*|\{[A-Z_][A-Z0-9_]*[}:])")
_HELP = {
    ERRORS_JOINED: "do nothing, unless something reads the program's standard output alone",
    CD: "do nothing, unless commands given to `docker run` rely on the old directory",
    ASSIGNMENT: "do nothing, unless commands given to `docker run` rely on the variable not being set",
    WRAPPER: "give the whole command to `docker run`, the interpreter's name included",
    VARIABLE_IN_EXEC_FORM: "write the value, or have the program read the variable",
    MALFORMED_JSON: "write the array with double quotes and without a trailing comma",
    CMD_WITHOUT_EFFECT: "do nothing; write ENTRYPOINT in exec form if CMD was meant as its arguments",
    ARGUMENTS: "give the whole command where arguments are given: compose `command`, Kubernetes `args`, `docker run`",
    FORMER_INIT: "do nothing; the old init need not be installed any more",
    USER_SWITCH: "set the user with USER, and give it the files it writes when the image is built",
}
_PLAIN_SWITCHES = frozenset(("gosu", "su-exec"))
_WARNINGS = frozenset((VARIABLE_IN_EXEC_FORM, MALFORMED_JSON, ARGUMENTS))


@record
class Change:
    """One difference a plan makes, as a `Decision` without its first evidence: `place`, the instruction it is about.

    `evidence` is what else shows it: the line of a script, of a package.json.
    """

    field: str
    what: str
    why: str
    safety: Safety
    place: Place
    evidence: tuple[Evidence, ...] = ()


def changes(config: ImageConfig, pair: Pair) -> Iterator[Change]:
    """Yield what differs between the image's configuration, a former init left out, and the pair."""
    for change in _changes(config, pair):
        yield replace(change, evidence=pair.evidence) if pair.inlined else change


def _changes(config: ImageConfig, pair: Pair) -> Iterator[Change]:
    before = _without_init(config)
    why = "; ".join(dict.fromkeys(pair.reasons)) or "the init is given the command as it was"
    if pair.entrypoint != before.entrypoint:
        yield _entrypoint_change(config, pair, why)
    if pair.cmd != before.cmd:
        place: Place = "entrypoint" if config.cmd is None or pair.arguments == "now-replace" else "cmd"
        written = config.entrypoint if place == "entrypoint" else config.cmd
        yield Change("cmd", f"{shown(pair.cmd)} in place of {_written(written)}", why, Safety.SAFE, place)
    place = "cmd" if config.entrypoint is None else "entrypoint"
    if pair.cwd is not None:
        yield Change("workdir", pair.cwd, "the command changed to this directory itself", Safety.SAFE, place)
    for name, text in pair.env:
        yield Change(f"env.{name}", text or '""', "the command set it for the program itself", Safety.SAFE, place)
    if pair.user is not None and pair.switched:
        yield _user_change(pair.user, *pair.switched)


def notes(config: ImageConfig, pair: Pair, kind: Kind, lines: tuple[int | None, int | None]) -> Iterator[Note]:
    """Yield what is worth saying; `lines` are those of ENTRYPOINT and CMD."""
    for rule, place, message in (*pair.found, *_effects(pair, kind), *_written_wrong(config)):
        severity = Severity.WARNING if rule in _WARNINGS else Severity.INFO
        yield Note(rule, severity, message, lines[place == "cmd"], _HELP[rule])


def shown(words: tuple[str, ...]) -> str:
    """Return words as exec form has them."""
    return json.dumps(words, ensure_ascii=False)


def _without_init(config: ImageConfig) -> Pair:
    pair = started(config, passes_on=False)
    former = take_off_init(pair.entrypoint, pair.cmd, dict(config.env))
    if not isinstance(former, Former):
        return pair
    return Pair(former.entrypoint, former.cmd, pair.arguments, pair.passes_on)


def _entrypoint_change(config: ImageConfig, pair: Pair, why: str) -> Change:
    what = shown(pair.entrypoint) if pair.entrypoint else "the init alone"
    if pair.arguments == "now-replace":
        why = "arguments given to `docker run` had no effect; now they replace the command"
        return Change(
            "entrypoint", f"{what} in place of {_written(config.entrypoint)}", why, Safety.REVIEW, "entrypoint"
        )
    return Change("entrypoint", f"{what} in place of {_written(config.entrypoint)}", why, Safety.SAFE, "entrypoint")


def _user_change(user: str, tool: str, place: Place) -> Change:
    """Return the change of USER; gosu and su-exec do no more than USER does, the others set variables as well."""
    why = f"{tool} switched to {user} before it started the program, and nothing ran as root before that"
    if place == "cmd":
        why += "; a command given to `docker run` ran as root, and now runs as this user as well"
    elif tool not in _PLAIN_SWITCHES:
        why += f"; {tool} also had a say in HOME and other variables"
    safe = place == "entrypoint" and tool in _PLAIN_SWITCHES
    return Change("user", user, why, Safety.SAFE if safe else Safety.REVIEW, place)


def _written(command: Command | None) -> str:
    match command:
        case None:
            return "nothing"
        case Shell(script, _):
            return f"`{script}`"
        case Exec(words):
            return shown(words)


_Found = tuple[Rule, Place, str]


def _effects(pair: Pair, kind: Kind) -> Iterator[_Found]:
    place: Place = "entrypoint" if pair.entrypoint or pair.arguments != "replace" else "cmd"
    if pair.former_init:
        options = f" with `{' '.join(pair.init_options)}`" if pair.init_options else ""
        what = f"`{' '.join(pair.former_init)}` is an init already; tini takes its place{options}"
        yield FORMER_INIT, place, what
    if pair.dropped_cmd:
        yield CMD_WITHOUT_EFFECT, "cmd", f"CMD {shown(pair.dropped_cmd)} never had an effect and is left out"
    if pair.arguments == "now-replace":
        what = "arguments given to `docker run` never reached the program; now they replace the command"
        yield ARGUMENTS, "entrypoint", what
    if kind.run_as:
        what = f"{kind.run_as.tool} starts `{' '.join(kind.run_as.words)}` as {kind.run_as.user}"
        yield USER_SWITCH, place, what


def _written_wrong(config: ImageConfig) -> Iterator[_Found]:
    """Yield what does not work as it was meant, before and after."""
    entrypoint, cmd = argv(config.entrypoint), argv(config.cmd)
    open_shell = scripted((*entrypoint, "_")) is not None
    places: tuple[tuple[Place, tuple[str, ...]], ...] = (
        ("entrypoint", entrypoint),
        ("cmd", () if open_shell else cmd),
    )
    for place, words in places:
        inside = scripted(words)
        if inside and meant_as_json(inside.script):
            yield (
                MALFORMED_JSON,
                place,
                f"`{inside.script}` is no valid JSON: {inside.shell[0]} runs the text, and fails",
            )
        elif inside is None and (found := next(filter(_VARIABLE.search, words), None)):
            yield VARIABLE_IN_EXEC_FORM, place, f"`{found}` reaches the program as it is written, today as well"
