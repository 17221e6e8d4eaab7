"""Laying a script out flat: every simple command with its words expanded as far as they are known.

Assignments, `export`, `cd` and the like are followed where they surely happen; what happens only perhaps makes
the variable or the directory unknown. Nothing is run and no file is looked at.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from posixpath import basename, join, normpath

from rewriter.images.model import Command, Exec, Pairs, Shell
from rewriter.record import record
from rewriter.semantics.shell import command as flat
from rewriter.semantics.shell import tree
from rewriter.semantics.shell.command import Redirection, SimpleCommand
from rewriter.semantics.shell.expand import fields, value
from rewriter.semantics.shell.grammar import read
from rewriter.semantics.shell.prefixes import SHELLS, given_script, unwrapped
from rewriter.semantics.shell.visit import all_commands, blocks_of, parts_of, words_of

_DECLARING = frozenset(("export", "readonly", "local", "declare", "typeset"))
_FORGETTING = frozenset(("unset", "read", "getopts", "mapfile", "readarray"))
_TESTS = frozenset(("test", "[", "[[", "grep", "command", "type", "which"))
_ESCAPED = re.compile(r"\\([\"$`\\])")
_DEEPEST_SCRIPT = 4
_LONGEST = 4096


@record
class Where:
    """What holds for the commands of a block."""

    joined: str = ""
    conditional: bool = False
    nested: bool = False
    function: str = ""
    scripts: int = 0


@dataclass(slots=True)
class Walk:
    """What is known at the place reached, and what was found up to it."""

    known: ChainMap[str, str | None]
    cwd: str | None
    bash: bool
    heredocs: tuple[tree.Heredoc, ...]
    volatile: frozenset[str]
    found: list[SimpleCommand] = field(default_factory=list)

    def aside(self) -> Walk:
        """A walk whose assignments and directory changes stay its own, as a subshell's do."""
        return Walk(self.known.new_child(), self.cwd, self.bash, self.heredocs, self.volatile, self.found)


def commands(
    script: str, env: Mapping[str, str] | Pairs = (), cwd: str | None = "", *, bash: bool = False
) -> tuple[SimpleCommand, ...]:
    """Return the simple commands of a script in the order they stand in, those inside `$(...)` and `sh -c` included.

    `env` are the values known to be set (ARG and ENV), `cwd` is where the script starts. `()` for a text that is no
    script (`read` says why): it would not run at all.

    >>> [c.argv for c in commands("cd /app && go build -o $OUT .", {"OUT": "/server"})]
    [('cd', '/app'), ('go', 'build', '-o', '/server', '.')]
    """
    script_tree = read(script)
    if isinstance(script_tree, tree.CannotTell):
        return ()
    return walked(script_tree, dict(env), cwd, bash=bash)


def commands_of(
    command: Command, env: Mapping[str, str] | Pairs = (), cwd: str | None = ""
) -> tuple[SimpleCommand, ...]:
    """Return the simple commands an instruction runs, in shell or exec form (`RunStep.command`, for instance)."""
    match command:
        case Shell(script, shell):
            return commands(script, env, cwd, bash=is_bash(shell))
        case Exec(words):
            call = SimpleCommand(tuple(flat.Word(word, word) for word in words), cwd=cwd)
            inner = given_script(call.words)
            if inner is None or inner.text is None:
                return (call,)
            nested = commands(inner.text, env, cwd, bash=is_bash(words))
            return (call, *(replace(one, nested=True) for one in nested))


def is_bash(words: Iterable[str]) -> bool:
    """Whether a command line names bash as the shell."""
    return any(basename(word) == "bash" for word in words)


def walked(script: tree.Script, env: Mapping[str, str], cwd: str | None, *, bash: bool) -> tuple[SimpleCommand, ...]:
    """Return the simple commands of a script that has been read."""
    volatile = frozenset(_assigned_in_loops(script))
    known: dict[str, str | None] = {name: text for name, text in env.items() if name not in volatile}
    walk = Walk(ChainMap(known), cwd, bash, script.heredocs, volatile)
    _block(walk, script.body, Where())
    return tuple(walk.found)


def _assigned_in_loops(script: tree.Script) -> Iterable[str]:
    """Names that get a value in a loop or a function: which value holds where cannot be told by reading down."""
    for command, looped in all_commands(script):
        if isinstance(command, tree.For):
            yield command.variable
        if looped and isinstance(command, tree.Call):
            yield from (assignment.name for assignment in command.assignments)
            yield from _declared_names(command)


def _declared_names(call: tree.Call) -> Iterable[str]:
    if call.words and call.words[0].raw in _DECLARING | _FORGETTING:
        yield from (word.raw.partition("=")[0] for word in call.words[1:])


def _block(walk: Walk, block: tree.Block, where: Where) -> None:
    joined = where.joined
    for statement in block:
        inside = walk.aside() if statement.background else walk
        _statement(inside, statement, replace(where, joined=joined))
        joined = "&" if statement.background else ";"


def _statement(walk: Walk, statement: tree.Statement, where: Where) -> None:
    _pipeline(walk, statement.pipelines[0], where)
    perhaps = False
    for place, joined in enumerate(statement.joins):
        before, pipeline = statement.pipelines[place : place + 2]
        perhaps = perhaps or joined == "||" or _is_test(before)
        here = replace(where, joined=joined)
        if perhaps:
            _perhaps(walk, (tree.Statement((pipeline,), ()),), here)
        else:
            _pipeline(walk, pipeline, here)


def _is_test(pipeline: tree.Pipeline) -> bool:
    last = pipeline.commands[-1]
    if isinstance(last, tree.Call):
        return pipeline.negated or (bool(last.words) and last.words[0].raw in _TESTS)
    return pipeline.negated or isinstance(last, tree.Test | tree.Calculation)


def _perhaps(walk: Walk, block: tree.Block, where: Where) -> None:
    """Go through a block that may not run: what it changes is no longer known afterwards."""
    inside = walk.aside()
    _block(inside, block, replace(where, conditional=True))
    for name, text in inside.known.maps[0].items():
        if walk.known.get(name) != text:
            walk.known[name] = None
    if inside.cwd != walk.cwd:
        walk.cwd = None


def _pipeline(walk: Walk, pipeline: tree.Pipeline, where: Where) -> None:
    if len(pipeline.commands) == 1:
        return _command(walk, pipeline.commands[0], where)
    for place, command in enumerate(pipeline.commands):
        _command(walk.aside(), command, replace(where, joined="|") if place else where)
    return None


def _command(walk: Walk, command: tree.Command, where: Where) -> None:
    _substitutions(walk, command, where)
    match command:
        case tree.Call():
            _call(walk, command, where)
        case tree.Subshell(body, _):
            _block(walk.aside(), body, where)
        case tree.Group(body, _):
            _block(walk, body, where)
        case tree.If():
            _if(walk, command, where)
        case tree.While() | tree.Case():
            for block in blocks_of(command):
                _perhaps(walk, block, replace(where, joined=";"))
        case tree.For(_, words, body, _):
            _for(walk, words, body, where)
        case tree.Function(name, body):
            inside = replace(where, function=name, conditional=True, joined="")
            _command(replace(walk.aside(), cwd=None), body, inside)
        case tree.Test() | tree.Calculation():
            pass


def _if(walk: Walk, command: tree.If, where: Where) -> None:
    for place, (condition, body) in enumerate(command.branches):
        if place:
            _perhaps(walk, condition, replace(where, joined=";"))
        else:
            _block(walk, condition, where)
        _perhaps(walk, body, replace(where, joined=";"))
    _perhaps(walk, command.otherwise, replace(where, joined=";"))


def _for(walk: Walk, words: tuple[tree.Word, ...] | None, body: tree.Block, where: Where) -> None:
    """A loop over words that are surely some runs its body at least once."""
    texts = [word.text for one in words or () for word in fields(one, walk.known, bash=walk.bash)]
    if texts and None not in texts:
        _block(walk, body, where)
    else:
        _perhaps(walk, body, where)


def _substitutions(walk: Walk, command: tree.Command, where: Where) -> None:
    parts = [word.parts for word in words_of(command)]
    if isinstance(command, tree.Calculation):
        parts.append(command.parts)
    if isinstance(command, tree.Call):
        documents = (redirect.heredoc for redirect in command.redirects)
        parts += [walk.heredocs[index].parts for index in documents if index is not None]
    for part in (inner for one in parts for inner in parts_of(one)):
        if isinstance(part, tree.Substitution):
            _block(walk.aside(), part.body, replace(where, nested=True, joined=""))


def _call(walk: Walk, call: tree.Call, where: Where) -> None:
    words = tuple(word for one in call.words for word in fields(one, walk.known, bash=walk.bash))
    assignments = tuple((one.name, _value(walk, one)) for one in call.assignments)
    redirects = tuple(_redirection(walk, redirect) for redirect in call.redirects)
    if words or redirects:
        found = SimpleCommand(words, assignments, redirects, walk.cwd, where.joined, line=call.line)
        context = replace(found, conditional=where.conditional, nested=where.nested, function=where.function)
        walk.found.append(context)
    if not words:
        for name, text in assignments:
            _learn(walk, name, text.text)
    else:
        _effects(walk, words)
        _script(walk, words, where)


def _value(walk: Walk, assignment: tree.Assignment) -> flat.Word:
    plain = not (assignment.append or assignment.subscript)
    text = value(assignment.value, walk.known, bash=walk.bash) if plain else None
    return flat.Word(text, assignment.value.raw)


def _redirection(walk: Walk, redirect: tree.Redirect) -> Redirection:
    text = value(redirect.target, walk.known, bash=walk.bash)
    body = None if redirect.heredoc is None else walk.heredocs[redirect.heredoc].text
    return Redirection(redirect.fd, redirect.operator, flat.Word(text, redirect.target.raw), body)


def _learn(walk: Walk, name: str, text: str | None) -> None:
    walk.known[name] = None if text is None or len(text) > _LONGEST or name in walk.volatile else text


def _effects(walk: Walk, words: tuple[flat.Word, ...]) -> None:
    match words[0].text:
        case "cd":
            walk.cwd = _moved(walk, words)
        case "pushd" | "popd":
            walk.cwd = None
        case name if name in _DECLARING:
            for word in words[1:]:
                written, equals, _ = word.raw.partition("=")
                text = None if word.text is None else word.text.partition("=")[2]
                if equals:
                    _learn(walk, written, text)
        case name if name in _FORGETTING:
            for word in words[1:]:
                walk.known[word.text or ""] = None
        case _:
            pass


def _moved(walk: Walk, words: tuple[flat.Word, ...]) -> str | None:
    operands = [word.text for word in words[1:] if word.text is None or word.text not in ("-L", "-P", "-e", "--")]
    target = operands[0] if operands else walk.known.get("HOME")
    if target is None or len(operands) > 1 or target == "-" or (walk.cwd is None and not target.startswith("/")):
        return None
    return normpath(join(walk.cwd or "", target)) if target else walk.cwd


def _script(walk: Walk, words: tuple[flat.Word, ...], where: Where) -> None:
    """Go through the text given to `sh -c`, `su -c`, `eval` or `trap`."""
    inner = unwrapped(words)
    given = given_script(inner.words)
    if given is None or where.scripts >= _DEEPEST_SCRIPT:
        return
    script = read(given.text if given.text is not None else _inside_quotes(given.raw))
    if isinstance(script, tree.CannotTell):
        return
    name = basename(inner.words[0].text or "")
    aside = walk if name == "eval" else replace(walk.aside(), bash=walk.bash if name not in SHELLS else name == "bash")
    here = replace(where, nested=True, joined="", scripts=where.scripts + 1)
    conditional = where.conditional or name == "trap"
    heredocs, aside.heredocs = aside.heredocs, script.heredocs
    _block(aside, script.body, replace(here, conditional=conditional))
    aside.heredocs = heredocs


def _inside_quotes(raw: str) -> str:
    """Return the text of a double-quoted word with its expansions left in: the words they give stay unknown."""
    quoted = raw.startswith('"') and raw.endswith('"')
    return _ESCAPED.sub(r"\1", raw[1:-1]) if quoted else ""
