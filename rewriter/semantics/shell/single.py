"""Is this text one simple command, the same in every shell, and which words is it?

Where dash, bash and busybox could differ the answer is no. `simple` also takes off what can be said without a
shell: a `cd` in front, variables set for the command, `exec`, and `2>&1`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from posixpath import join
from typing import assert_never

from rewriter.images.model import Pairs
from rewriter.record import record
from rewriter.semantics.shell.expand import has_braces
from rewriter.semantics.shell.grammar import read
from rewriter.semantics.shell.tables import BUILTINS, KEYWORDS, OWN_VARIABLES
from rewriter.semantics.shell.tree import (
    Arithmetic,
    Array,
    Assignment,
    Call,
    CannotTell,
    Command,
    Dialect,
    Function,
    Group,
    Part,
    Pipeline,
    Redirect,
    Script,
    Statement,
    Subshell,
    Substitution,
    Test,
    Text,
    Variable,
    Word,
)

_JSON = re.compile(r"\s*\[(?:[^\s\]\[]|\s+(?:'[^']*'|\"[^\"]*\")\s*[],])")
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@record
class Simple:
    """One simple command: its words, and what `dropped` says was taken off, as directory and environment."""

    cwd: str | None
    env: Pairs
    words: tuple[str, ...]
    dropped: tuple[str, ...] = ()


_NOTHING = Simple(None, (), ())


@record
class NotSimple:
    """Why a text is not one simple command: "variable", "list", "shell builtin" and so on."""

    why: str


def simple(script: str) -> Simple | NotSimple:
    """Return the one simple command a text is, after what can be said without a shell is taken off.

    >>> simple("cd /app && PORT=80 exec server -v 2>&1")
    Simple(cwd='/app', env=(('PORT', '80'),), words=('server', '-v'), dropped=('cd /app &&', 'PORT=80', 'exec', '2>&1'))
    """
    found = _taken_off(read(script))
    return _not_simple(script, found) if isinstance(found, str) else found


def split(script: str) -> tuple[str, ...] | NotSimple:
    """Return the words of a text that is one simple command as it stands, nothing taken off.

    These are the words dash, bash and busybox sh would all start a program with.
    """
    words = _as_it_stands(_one_statement(read(script)))
    return _not_simple(script, words) if isinstance(words, str) else words


def meant_as_json(script: str) -> bool:
    """Whether a shell-form text looks like an exec-form array that is not valid JSON."""
    return _JSON.match(script) is not None


def _not_simple(script: str, why: str) -> NotSimple:
    return NotSimple(f"{why}, and probably meant as JSON" if meant_as_json(script) else why)


def _as_it_stands(statement: Statement | str) -> tuple[str, ...] | str:
    if isinstance(statement, str) or statement.joins:
        return "list" if isinstance(statement, Statement) else statement
    call = one_call(statement.pipelines[0])
    return call if isinstance(call, str) else _attached(call) or _texts(call.words)


def _one_statement(script: Script | CannotTell) -> Statement | str:
    if isinstance(script, CannotTell):
        return script.why
    if script.comments:
        return "comment"
    if len(script.body) != 1:
        return "list" if script.body else "nothing"
    return "background" if script.body[0].background else script.body[0]


def one_call(pipeline: Pipeline) -> Call | str:
    """Return the simple command a pipeline is, or what it is instead."""
    if pipeline.negated:
        return "negation"
    if len(pipeline.commands) > 1:
        return "pipeline"
    return _call_or_why(pipeline.commands[0])


def _call_or_why(command: Command) -> Call | str:
    match command:
        case Call():
            return command
        case Subshell():
            return "subshell"
        case Group():
            return "group"
        case Function():
            return "function"
        case Test():
            return "reserved word of some shells"
        case _:
            return "compound command"


def _attached(call: Call) -> str:
    """Return why a command is more than its words, if it is."""
    if call.redirects:
        heredoc = any(redirect.heredoc is not None for redirect in call.redirects)
        return "here-document" if heredoc else "redirection"
    if call.assignments:
        return "assignment" if call.words else "assignment only"
    return ""


def _texts(words: tuple[Word, ...], *, builtin: bool = False) -> tuple[str, ...] | str:
    """Return the texts of a command's words, or why they cannot be told."""
    for word in words:
        if why := _why_not_literal(word):
            return why
    texts = tuple(_text(word) for word in words)
    return (_why_no_program(words[0], texts[0], builtin=builtin) if words else "nothing") or texts


def _why_no_program(word: Word, text: str, *, builtin: bool) -> str:
    if "\\\n" in word.raw:
        return "line continuation in the command's name"
    if word.raw in KEYWORDS and not builtin:
        return "reserved word of some shells"
    if text in BUILTINS and not builtin:
        return "shell builtin"
    if "=" in text:
        return "assignment of some shells"
    return "" if text else "empty command name"


def _why_not_literal(word: Word) -> str:
    for part in word.parts:
        if why := _why_not_text(part):
            return why
    mask = "".join(part.text if isinstance(part, Text) and not part.quoted else "_" for part in word.parts)
    if mask.startswith("~"):
        return "tilde"
    if "=~" in mask or ":~" in mask:
        return "tilde in some shells"
    if "(" in mask:
        return "pattern of some shells"
    return "braces in some shells" if has_braces(word) else ""


def _why_not_text(part: Part) -> str:
    match part:
        case Text(text, quoted):
            if _ODD.search(text):
                return "control character"
            return "" if quoted or not any(mark in text for mark in "*?[") else "pattern"
        case Dialect():
            return "quoting of some shells"
        case Variable():
            return "variable"
        case Substitution(opener, _, _):
            return "command substitution" if opener in ("$(", "`") else "process substitution"
        case Arithmetic():
            return "arithmetic"
        case Array():
            return "assignment of some shells"
        case _:
            assert_never(part)


def _text(word: Word) -> str:
    return "".join(part.text for part in word.parts if isinstance(part, Text))


def _taken_off(script: Script | CannotTell) -> Simple | str:
    """Go through `cd D && export V=x && ... && command`, collecting what stands in front of the command."""
    statement = _one_statement(script)
    if isinstance(statement, str):
        return statement
    *fronts, last = statement.pipelines
    found = _NOTHING
    for front, joined in zip(fronts, statement.joins, strict=True):
        call = one_call(front)
        following = _with_front(found, call) if isinstance(call, Call) and joined == "&&" else None
        if following is None:
            return "list"
        found = following
    call = one_call(last)
    return call if isinstance(call, str) else simple_call(call, found)


def _with_front(found: Simple, call: Call) -> Simple | None:
    """Add `cd D &&` or `export V=x &&`; None for any other command."""
    texts = _texts(call.words, builtin=True) if not (call.assignments or call.redirects) else ""
    match texts:
        case ("cd", path) if path and not path.startswith("-"):
            cwd = join(found.cwd or "", path)
            return replace(found, cwd=cwd, dropped=(*found.dropped, f"cd {call.words[1].raw} &&"))
        case ("export", *pairs) if pairs and all(_is_pair(pair) for pair in pairs):
            env = (*found.env, *((name, text) for name, _, text in (pair.partition("=") for pair in pairs)))
            raw = " ".join(word.raw for word in call.words[1:])
            return replace(found, env=_last_of_each(env), dropped=(*found.dropped, f"export {raw} &&"))
        case _:
            return None


def _is_pair(text: str) -> bool:
    name, equals, _ = text.partition("=")
    return bool(equals) and name.isidentifier() and name.isascii() and name not in OWN_VARIABLES


def simple_call(call: Call, found: Simple = _NOTHING, *, builtin: bool = False) -> Simple | str:
    """Add one command to what was found, its assignments, `exec` and `2>&1` taken off; or return why it is more.

    `builtin` says that a command of the shell itself will do too.
    """
    env = _environment(call.assignments)
    if isinstance(env, str):
        return env
    redirected = bool(call.redirects)
    if redirected and not is_errors_to_output(call.redirects):
        return _attached(replace(call, assignments=()))
    if not call.words:
        return "assignment only" if env else "redirection"
    executed = call.words[0].raw == "exec" and len(call.words) > 1 and not call.words[1].raw.startswith("-")
    words = _texts(call.words[1:] if executed else call.words, builtin=executed or builtin)
    if isinstance(words, str):
        return words
    assigned = tuple(f"{one.name}={one.value.raw}" for one in call.assignments)
    dropped = (*found.dropped, *assigned, *(("exec",) if executed else ()), *(("2>&1",) if redirected else ()))
    return Simple(found.cwd, _last_of_each((*found.env, *env)), words, dropped)


def is_errors_to_output(redirects: tuple[Redirect, ...]) -> bool:
    """Whether the only redirection is `2>&1`: without it error output is on stderr, where it belongs."""
    return [(one.fd, one.operator, one.target.raw) for one in redirects] == [("2", ">&", "1")]


def _environment(assignments: tuple[Assignment, ...]) -> Pairs | str:
    pairs = []
    for one in assignments:
        if one.append or one.subscript or one.name in OWN_VARIABLES:
            return "assignment of some shells"
        if why := _why_not_literal(one.value):
            return why
        pairs.append((one.name, _text(one.value)))
    return tuple(pairs)


def _last_of_each(pairs: Pairs) -> Pairs:
    return tuple(dict(pairs).items())
