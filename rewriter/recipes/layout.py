"""Where things stand in the new file: which text stays, which moves, where the new stages go, what they are called.

Two shapes cover every conversion. *Split*: the original stage stays as a build stage and a new final stage follows
it. *In place*: the original final stage is kept line by line and only its base, init and command change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from rewriter.plan import Kept
from rewriter.record import record
from rewriter.semantics.build import Build, Stage
from rewriter.syntax.document import Blank, Comment, Document, Instruction, Item, Span
from rewriter.syntax.edits import Edit
from rewriter.syntax.words import flag, tokens

# Their place is the final stage alone: they change how a container starts, not what a build does.
MOVED = frozenset({"CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "STOPSIGNAL", "VOLUME"})


@record
class Split:
    """The split shape: the name of the kept stage, the edits that make it, and where the new stages go."""

    build: str
    keep: tuple[Edit, ...]
    at: Span


def split(build: Build, moved: Iterable[Instruction]) -> Split:
    """Return the layout that keeps the target as a build stage, less the instructions that move away."""
    stage = build.target
    name = build_name(build)
    gone = {instruction.span.start for instruction in moved}
    items = items_of(build.document, stage)
    at = _tail(items, gone, stage)
    removed = (Edit(_with_blanks(items, item), "") for item in items if item.span.start in gone)
    kept = tuple(edit for edit in removed if edit.span.start < at.start)
    return Split(name, (*_renamed(build, name), *kept), at)


def in_place(build: Build) -> Span:
    """Return the span of the target stage, the comments above its FROM included."""
    return Span(lead(build.document, build.target.instruction).start, build.target.span.end, build.target.span.line)


def written_platform(stage: Stage) -> str | None:
    """Return the platform a stage is made for, as written; None for the platform that is built for, the default.

    A stage on another stage has the platform of that one, whatever its own FROM says (BuildKit's dockerfile2llb).
    """
    written = flag(stage.chain[0].instruction, "platform")
    return None if written in {"$TARGETPLATFORM", "${TARGETPLATFORM}"} else written


def build_name(build: Build) -> str:
    """Return the name the kept stage gets: its own where it has none, else one made from it."""
    own = build.target.name
    if own is None:
        return fresh(build, "build" if len(build.stages) == 1 else "app-build")
    return fresh(build, f"{own}-build")


def fresh(build: Build, wanted: str) -> str:
    """Return `wanted`, or that with a number, so that no stage of the file has the name (names ignore case)."""
    taken = {stage.name.lower() for stage in build.stages if stage.name}
    names = (wanted if number == 1 else f"{wanted}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def items_of(document: Document, stage: Stage) -> tuple[Item, ...]:
    """Return the items that lie within the stage, its FROM first."""
    return tuple(item for item in document.items if stage.span.start <= item.span.start < stage.span.end)


def with_comments(items: tuple[Item, ...], item: Item) -> Span:
    """Return the span of an item and of the comment lines directly above it."""
    position = items.index(item)
    while position and isinstance(items[position - 1], Comment):
        position -= 1
    return Span(items[position].span.start, item.span.end, items[position].span.line)


def _with_blanks(items: tuple[Item, ...], item: Item) -> Span:
    """Return the span of an item that goes, its comments, and the blank lines after it where one stands before."""
    span = with_comments(items, item)
    before = [other for other in items if other.span.end == span.start]
    if not (before and isinstance(before[0], Blank)):
        return span
    after = items[items.index(item) + 1 :]
    blanks = list(takewhile(lambda other: isinstance(other, Blank), after))
    return Span(span.start, blanks[-1].span.end, span.line) if blanks else span


def lead(document: Document, instruction: Instruction) -> Span:
    """Return the span of the comment lines directly above an instruction; empty where there are none."""
    whole = with_comments(document.items, instruction)
    return Span(whole.start, instruction.span.start, whole.line)


def comments_above(document: Document, instruction: Instruction) -> tuple[Kept, ...]:
    """Return the comment lines directly above an instruction as kept lines."""
    span = lead(document, instruction)
    return (Kept(span),) if span.start < span.end else ()


def _tail(items: tuple[Item, ...], gone: set[int], stage: Stage) -> Span:
    """Return the end of the stage from where only moved instructions, their comments and blank lines follow."""
    moved = [with_comments(items, item) for item in items if item.span.start in gone]
    start = stage.span.end
    for item in reversed(items):
        inside = any(span.start <= item.span.start < span.end for span in moved)
        if not (inside or isinstance(item, Blank)):
            break
        start = item.span.start
    return Span(start, stage.span.end, stage.span.line)


def _renamed(build: Build, name: str) -> Iterator[Edit]:
    """Yield the edits that give the target stage its new name, wherever it is named."""
    document, own = build.document, build.target.name
    words = tokens(document, build.target.instruction)
    if own is None:
        last = words[-1]
        yield Edit(last.span, f"{document.text[last.span.start : last.span.end]} {as_keyword(document)} {name}")
        return
    yield Edit(words[-1].span, name)
    for instruction in document.instructions:
        if instruction.span.start > build.target.instruction.span.start:
            yield from _references(document, instruction, own, name)


def _references(document: Document, instruction: Instruction, old: str, new: str) -> Iterator[Edit]:
    for word in tokens(document, instruction)[1:]:
        prefix, equals, value = word.text.rpartition("from=")
        is_flag = word.text.startswith("--") and equals and value.split(",")[0].lower() == old.lower()
        if is_flag:
            yield Edit(word.span, prefix + equals + new + value[len(old) :])
        elif instruction.name == "FROM" and word.text.lower() == old.lower():
            yield Edit(word.span, new)
            return


def recounted(build: Build, at: Span, added: int) -> Iterator[Edit]:
    """Yield the edits that keep `--from=N` below the new stages meaning the stage it meant.

    `added` counts all stages that are put where `at` is; the target edited in place counts among them.
    """
    in_place = at.start <= build.target.instruction.span.start < at.end
    first, by = (build.target.index, added - 1) if in_place else (build.target.index + 1, added)
    for instruction in build.document.instructions:
        if instruction.span.start >= max(at.end, build.target.span.end) and by:
            yield from _counted(build.document, instruction, first, by)


def _counted(document: Document, instruction: Instruction, first: int, by: int) -> Iterator[Edit]:
    for word in tokens(document, instruction)[1:]:
        prefix, equals, value = word.text.rpartition("from=")
        number, comma, rest = value.partition(",")
        if word.text.startswith("--") and equals and number.isdecimal() and int(number) >= first:
            yield Edit(word.span, f"{prefix}{equals}{int(number) + by}{comma}{rest}")


def as_keyword(document: Document) -> str:
    """Return AS in the case of the file's FROMs, as BuildKit's linter wants it (rule FromAsCasing)."""
    return "as" if all(i.keyword.islower() for i in document.instructions if i.name == "FROM") else "AS"
