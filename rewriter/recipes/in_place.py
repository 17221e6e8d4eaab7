"""The final stage edited in place: base, init and command change, every other line stays as it is.

For stages whose own RUNs leave nothing that a distroless image lacks, and for those that are distroless already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from rewriter.images.model import ImageConfig, Pairs
from rewriter.plan import Cmd, Entrypoint, Env, From, Kept, Line, User, Workdir
from rewriter.recipes.layout import comments_above, items_of
from rewriter.record import record
from rewriter.semantics.build import Build
from rewriter.syntax.document import Blank, Comment, Document, Instruction, Item, Span
from rewriter.syntax.tokens import tokens
from rewriter.syntax.words import flag

# What a user, a variable or a work directory changes.
_SEEING = frozenset({"RUN", "COPY", "ADD", "WORKDIR", "ENV", "LABEL", "EXPOSE", "VOLUME"})


@record
class Replaced:
    """What changes: the base image (None keeps it), what stands right below it, the command.

    `env`, `workdir` and `user` are what the command itself had set, or was asked for. `gone` holds where the
    instructions start that go. `cmd` None means: no CMD line. `health` None keeps the health check.
    """

    image: str | None
    first: tuple[Line, ...]
    env: Pairs
    workdir: str | None
    gone: frozenset[int]
    entrypoint: tuple[Line, ...]
    cmd: tuple[str, ...] | None
    health: tuple[Line, ...] | None = None
    user: str | None = None


def lines_in_place(build: Build, replaced: Replaced) -> tuple[Line, ...]:
    """Return the target stage as lines, changed only where `replaced` says so."""
    document, first = build.document, build.target.instruction
    head: tuple[Line, ...] = (
        *comments_above(document, first),
        _from(document, first, replaced.image),
        *replaced.first,
    )
    items = _without(items_of(document, build.target)[1:], replaced.gone)
    return (*head, *_joined(_body(items, _places(items, replaced))))


def _from(document: Document, first: Instruction, image: str | None) -> Line:
    """Return the FROM with its image changed, name and platform as they are written."""
    if image is None:
        return Kept(first.span)
    words = [word.text for word in tokens(document, first)[1:] if not word.text.startswith("--")]
    name, as_word = (words[2], words[1]) if len(words) > 2 else (None, "AS")
    return From(image, name, flag(first, "platform"), as_word=as_word)


def _without(items: tuple[Item, ...], gone: frozenset[int]) -> tuple[Item, ...]:
    """Return the items that stay: without the instructions that go, the comments above them, blank lines that meet."""
    kept: list[Item] = []
    comments: list[Item] = []
    just_gone = False
    for item in items:
        if isinstance(item, Comment):
            comments.append(item)
        elif item.span.start in gone:
            comments, just_gone = [], True
        else:
            meets = just_gone and not comments and isinstance(item, Blank) and _ends_blank(kept)
            kept += comments if meets else [*comments, item]
            comments, just_gone = [], just_gone and meets
    return (*kept, *comments)


def _ends_blank(kept: list[Item]) -> bool:
    return bool(kept) and isinstance(kept[-1], Blank)


def _places(items: tuple[Item, ...], replaced: Replaced) -> dict[int, tuple[Line, ...]]:
    """Return the lines that stand in the place of an instruction, by where it starts; -1 for the end of the stage."""
    own = [item for item in items if isinstance(item, Instruction)]
    last = {item.name: item.span.start for item in own}
    places: dict[int, tuple[Line, ...]] = {}
    if replaced.health is not None and "HEALTHCHECK" in last:
        places |= {item.span.start: () for item in own if item.name == "HEALTHCHECK"}
        places[last["HEALTHCHECK"]] = replaced.health
    runs_after = last.get("RUN", -1)
    above: tuple[Line, ...] = ()
    if replaced.user is not None and last.get("USER", -1) > runs_after:
        places[last["USER"]] = (User(replaced.user),)
    elif replaced.user is not None:
        above = (User(replaced.user),)
    return places | _command_lines(own, replaced, above)


def _command_lines(own: list[Instruction], replaced: Replaced, above: tuple[Line, ...]) -> dict[int, tuple[Line, ...]]:
    """Return the lines that stand in the place of each ENTRYPOINT and CMD, by where it starts.

    The last of each gets its new line (a CMD that says the same already is kept), earlier ones had no effect. What is
    set for the command stands `above` it, or at the end of the stage where a line below the command would see it.
    """
    commands = [item for item in own if item.name in {"ENTRYPOINT", "CMD"}]
    last = {item.name: item for item in commands}
    places: dict[int, tuple[Line, ...]] = {item.span.start: () for item in commands}
    above = (
        *above,
        *((Env(replaced.env),) if replaced.env else ()),
        *((Workdir(replaced.workdir),) if replaced.workdir else ()),
    )
    first = min((item.span.start for item in commands), default=-1)
    sees = any(item.name in _SEEING and first >= 0 and item.span.start > first for item in own)
    entrypoint = (*(() if sees else above), *replaced.entrypoint)
    tail = {-1: above} if sees and above else {}
    cmd = cmd_line(last.get("CMD"), replaced.cmd)
    if len(last) == 2:
        return places | {last["ENTRYPOINT"].span.start: entrypoint, last["CMD"].span.start: cmd} | tail
    where = commands[-1].span.start if commands else -1
    return places | {where: (*entrypoint, *cmd)} | tail


def entrypoint_line(words: tuple[str, ...], target: ImageConfig) -> tuple[Line, ...]:
    """Return the ENTRYPOINT line; an empty one where the base image's own would be in force otherwise."""
    return (Entrypoint(words),) if words or target.entrypoint else ()


def cmd_line(written: Instruction | None, cmd: tuple[str, ...] | None) -> tuple[Line, ...]:
    """Return the CMD line: the written one where it says the same already, byte for byte."""
    if cmd is None:
        return ()
    is_same = written is not None and written.form == "json" and written.words == cmd
    return (Kept(written.span),) if written and is_same else (Cmd(cmd),)


def _body(items: tuple[Item, ...], places: dict[int, tuple[Line, ...]]) -> Iterator[Line]:
    for item in items:
        yield from places.get(item.span.start, (Kept(item.span),))
    yield from places.get(-1, ())


def _joined(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines with kept pieces that follow each other in the text made one."""
    held: Kept | None = None
    for line in chain(lines, (None,)):
        if isinstance(line, Kept) and held and held.span.end == line.span.start:
            held = Kept(Span(held.span.start, line.span.end, held.span.line))
            continue
        if held:
            yield held
        held = line if isinstance(line, Kept) else None
        if line is not None and held is None:
            yield line
