"""Which programs does a script run, which files does it read, and what does it do with its arguments?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from posixpath import basename
from typing import Literal

from rewriter.images.model import Pairs
from rewriter.record import record
from rewriter.semantics.shell.command import SimpleCommand, Word
from rewriter.semantics.shell.grammar import read
from rewriter.semantics.shell.prefixes import SHELLS, script_file, unwrapped
from rewriter.semantics.shell.tables import BUILTINS
from rewriter.semantics.shell.tree import Block, Call, CannotTell, Function, Group, Part, Script, Text, Variable
from rewriter.semantics.shell.tree import Word as Argument
from rewriter.semantics.shell.visit import all_commands, all_variables
from rewriter.semantics.shell.walk import is_bash, walked

_ALL_ARGUMENTS = frozenset(('"$@"', "$@", '"${@}"', "${@}", '"$*"', "$*", '${1+"$@"}', '${1:+"$@"}'))
_FIND_RUNS = ("-exec", "-execdir", "-ok", "-okdir")


@record
class Called:
    """A program or file and the first line that names it; `conditional` if no line surely gets there.

    `default` is what the name comes to where the variable in it is not set (`${JAVA:-java}`), "" if nothing says so.
    """

    name: str
    line: int
    conditional: bool = False
    default: str = ""


@record
class Programs:
    """What a script needs around it.

    `called` are the external programs by name, `dynamic` those named by a variable (as written), `sourced` the files
    read with `.`, `scripts` the files given to a shell, `variables` the names expanded anywhere. `passes_on` is
    "exec" where the script surely ends in `exec "$@"` (perhaps through `gosu` and the like), "run" where its
    arguments are run in another way. `ends_in_exec` says that the last command replaces the shell.
    """

    called: tuple[Called, ...]
    dynamic: tuple[Called, ...]
    sourced: tuple[Called, ...]
    scripts: tuple[Called, ...]
    variables: tuple[str, ...]
    passes_on: Literal["exec", "run", ""]
    ends_in_exec: bool


def programs(script: str, env: Mapping[str, str] | Pairs = (), *, bash: bool | None = None) -> Programs | CannotTell:
    """Return the programs a script runs, or why that cannot be told; `bash` None goes by the `#!` line."""
    tree = read(script)
    if isinstance(tree, CannotTell):
        return tree
    in_bash = is_bash(interpreter(script)) if bash is None else bash
    found = walked(tree, dict(env), "", bash=in_bash)
    own = _own_names(tree, bash=in_bash)
    runs = [(one, words) for one in found for words in _runs(one.words)]
    names = [(one, name) for one, words in runs for name in _names(words)]
    return Programs(
        called=_first_places((one, w.text) for one, w in names if w.text is not None and w.text not in own),
        dynamic=tuple(
            replace(called, default=_default(called.name))
            for called in _first_places(
                (one, w.raw) for one, w in names if w.text is None and w.raw not in _ALL_ARGUMENTS
            )
        ),
        sourced=_first_places((one, name) for one, name in _files(runs, shells=False)),
        scripts=_first_places((one, name) for one, name in _files(runs, shells=True)),
        variables=tuple(dict.fromkeys(v.name for v in all_variables(tree) if v.name.isidentifier())),
        passes_on=_passes_on(tree, found),
        ends_in_exec=ends_in_exec(tree),
    )


def interpreter(script: str) -> tuple[str, ...]:
    """Return the words of the `#!` line, `()` without one: `("/bin/sh", "-e")`."""
    first = script.partition("\n")[0]
    return tuple(first[2:].split()) if first.startswith("#!") else ()


def last_call(block: Block) -> Call | None:
    """Return the simple command a script ends with, where the script's own shell surely gets to it.

    `a && exec b` counts: should `a` fail, the script ends there.
    """
    last = block[-1] if block else None
    if last is None or last.background or "||" in last.joins or len(last.pipelines[-1].commands) > 1:
        return None
    match last.pipelines[-1].commands[0]:
        case Call() as call:
            return call
        case Group(body, _):
            return last_call(body)
        case _:
            return None


def ends_in_exec(script: Script) -> bool:
    """Return whether a script surely ends by replacing its shell with a program."""
    call = last_call(script.body)
    return call is not None and len(call.words) > 1 and call.words[0].raw == "exec"


def _passes_on(script: Script, found: tuple[SimpleCommand, ...]) -> Literal["exec", "run", ""]:
    running = [one for one in found if _runs_arguments(one)]
    if not running:
        return ""
    return "exec" if ends_in_exec(script) and running[-1] is found[-1] else "run"


def _runs_arguments(one: SimpleCommand) -> bool:
    inner = unwrapped(one.words).words
    return bool(inner) and inner[0].raw in _ALL_ARGUMENTS


def _own_names(tree: Script, *, bash: bool) -> frozenset[str]:
    functions = (command.name for command, _ in all_commands(tree) if isinstance(command, Function))
    return BUILTINS.union(functions, ("time",) if bash else (), ("[[",))


def _runs(words: tuple[Word, ...]) -> Iterable[tuple[Word, ...]]:
    """The command itself, and the ones `find` is told to run."""
    if words:
        yield words
    inner = unwrapped(words).words
    if inner and basename(inner[0].text or "") == "find":
        for place, word in enumerate(inner):
            if word.text in _FIND_RUNS and inner[place + 1 :]:
                yield inner[place + 1 :]


def _names(words: tuple[Word, ...]) -> Iterable[Word]:
    inner = unwrapped(words)
    yield from (Word(name, name) for name in inner.through)
    yield from inner.words[:1]


def _files(runs: list[tuple[SimpleCommand, tuple[Word, ...]]], *, shells: bool) -> Iterable[tuple[SimpleCommand, str]]:
    for one, words in runs:
        inner = unwrapped(words).words
        file = script_file(inner)
        if file is not None and (basename(inner[0].text or "") in SHELLS) == shells:
            yield one, file.raw if file.text is None else file.text


def _default(raw: str) -> str:
    """Return the word that `${NAME:-word}` and its like come to where the variable is not set, if it is literal."""
    tree = read(raw)
    call = last_call(tree.body) if isinstance(tree, Script) else None
    parts = call.words[0].parts if call and call.words else ()
    texts = [_text_of(part) for part in parts]
    return "".join(text for text in texts if text is not None) if None not in texts else ""


def _text_of(part: Part) -> str | None:
    match part:
        case Text(text=text):
            return text
        case Variable(operator=":-" | "-" | ":=" | "=", argument=Argument(parts=inner)):
            texts = [one.text for one in inner if isinstance(one, Text)]
            return "".join(texts) if len(texts) == len(inner) else None
        case _:
            return None


def _first_places(named: Iterable[tuple[SimpleCommand, str]]) -> tuple[Called, ...]:
    places: dict[str, Called] = {}
    for one, name in named:
        called = places.setdefault(name, Called(name, one.line, one.conditional))
        if called.conditional and not one.conditional:
            places[name] = Called(name, called.line, conditional=False)
    return tuple(places.values())
