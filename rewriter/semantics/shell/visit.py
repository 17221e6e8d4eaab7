"""Going through a tree: what a command holds, and what a word holds."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.semantics.shell.tree import (
    Arithmetic,
    Array,
    Block,
    Calculation,
    Call,
    Case,
    Command,
    For,
    Function,
    Group,
    If,
    Part,
    Redirects,
    Script,
    Subshell,
    Substitution,
    Test,
    Variable,
    While,
    Word,
)


def all_commands(script: Script) -> Iterator[tuple[Command, bool]]:
    """Yield every command of a script, those inside words too, and whether it stands in a loop or a function."""
    yield from _in_block(script.body, looped=False)
    for heredoc in script.heredocs:
        yield from _in_parts(heredoc.parts, looped=False)


def all_variables(script: Script) -> Iterator[Variable]:
    """Yield every variable expanded anywhere in a script."""
    for command, _ in all_commands(script):
        for word in words_of(command):
            yield from (part for part in parts_of(word.parts) if isinstance(part, Variable))
        if isinstance(command, Calculation):
            yield from (part for part in parts_of(command.parts) if isinstance(part, Variable))
    for heredoc in script.heredocs:
        yield from (part for part in parts_of(heredoc.parts) if isinstance(part, Variable))


def parts_of(parts: tuple[Part, ...]) -> Iterator[Part]:
    """Yield these parts and the parts inside them; scripts inside words are yielded, not entered."""
    for part in parts:
        yield part
        match part:
            case Variable(argument=Word() as argument):
                yield from parts_of(argument.parts)
            case Arithmetic(parts=inner):
                yield from parts_of(inner)
            case Array(words=words):
                for word in words:
                    yield from parts_of(word.parts)
            case _:
                pass


def words_of(command: Command) -> tuple[Word, ...]:
    """Return the words a command holds itself, targets of redirections and assigned values included."""
    match command:
        case Call(assignments, words, redirects, _):
            return (*(a.value for a in assignments), *words, *_targets(redirects))
        case For(_, words, _, redirects):
            return (*(words or ()), *_targets(redirects))
        case Case(subject, arms, redirects):
            return (subject, *(pattern for arm in arms for pattern in arm.patterns), *_targets(redirects))
        case Test(words, redirects):
            return (*words, *_targets(redirects))
        case Function():
            return ()
        case _:
            return _targets(command.redirects)


def blocks_of(command: Command) -> tuple[Block, ...]:
    """Return the blocks a command holds itself, in the order they stand in."""
    match command:
        case Subshell(body, _) | Group(body, _) | For(_, _, body, _):
            return (body,)
        case If(branches, otherwise, _):
            return (*(block for branch in branches for block in branch), otherwise)
        case While(condition, body, _):
            return condition, body
        case Case(_, arms, _):
            return tuple(arm.body for arm in arms)
        case _:
            return ()


def _targets(redirects: Redirects) -> tuple[Word, ...]:
    return tuple(redirect.target for redirect in redirects if redirect.heredoc is None)


def _in_block(block: Block, *, looped: bool) -> Iterator[tuple[Command, bool]]:
    for statement in block:
        for pipeline in statement.pipelines:
            for command in pipeline.commands:
                yield from _in_command(command, looped=looped)


def _in_command(command: Command, *, looped: bool) -> Iterator[tuple[Command, bool]]:
    yield command, looped
    inside = looped or isinstance(command, (For, While, Function))
    for word in words_of(command):
        yield from _in_parts(word.parts, looped=inside)
    if isinstance(command, Calculation):
        yield from _in_parts(command.parts, looped=inside)
    if isinstance(command, Function):
        yield from _in_command(command.body, looped=True)
    for block in blocks_of(command):
        yield from _in_block(block, looped=inside)


def _in_parts(parts: tuple[Part, ...], *, looped: bool) -> Iterator[tuple[Command, bool]]:
    for part in parts_of(parts):
        if isinstance(part, Substitution):
            yield from _in_block(part.body, looped=looped)
