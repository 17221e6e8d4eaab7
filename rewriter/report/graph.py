"""The stages of a Dockerfile as a picture: boxes from top to bottom in file order, arcs for what is taken from where.

Only places and words; the template draws them. Words that do not fit are cut in the boxes and whole in the description.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from rewriter.images.catalog import lookup
from rewriter.images.model import ImageRef
from rewriter.record import record
from rewriter.report.printable import printable
from rewriter.semantics.build import Build, Stage
from rewriter.semantics.resolve import resolve, sources
from rewriter.syntax.document import decode
from rewriter.syntax.scanner import parse

WIDTH, _LEFT, _BOX, _HIGH, _GAP = 340, 4, 248, 46, 18
_FITS = 32


@record
class Box:
    """One stage, or an image that files are copied from. `shipped` is the stage that the image is made of."""

    kind: Literal["shipped", "stage", "unused", "image"]
    name: str
    base: str
    y: int


@record
class Arc:
    """An arrow between two boxes, as the paths of its line and its head; `starts`: one stage is built on the other."""

    line: str
    head: str
    starts: bool


@record
class Graph:
    """The picture, and the same in words."""

    height: int
    boxes: tuple[Box, ...]
    arcs: tuple[Arc, ...]
    words: str


def graph(data: bytes, target: str | None = None) -> Graph | None:
    """Return the picture of a Dockerfile's stages, None for one that does not resolve."""
    build = resolve(parse(decode(data)), lookup, target=target)
    if not isinstance(build, Build):
        return None
    names = {stage.name: stage for stage in build.stages if stage.name}
    taken = {stage.index: _taken(stage, names) for stage in build.stages}
    needed = _needed(build.target, taken)
    images = dict.fromkeys(ref.written for froms in taken.values() for ref in froms if isinstance(ref, ImageRef))
    places = {name: number for number, name in enumerate((*images, *build.stages))}
    boxes = (
        *(Box("image", _cut(name), "an image, copied from", _top(places[name])) for name in images),
        *(_box(stage, build, needed, _top(places[stage])) for stage in build.stages),
    )
    arcs = tuple(
        _arc(places[source if isinstance(source, Stage) else source.written], places[stage], source is stage.base)
        for stage in build.stages
        for source in taken[stage.index]
    )
    return Graph(_top(len(boxes)), boxes, arcs, " ".join(_told(s, build, taken[s.index], needed) for s in build.stages))


def _taken(stage: Stage, names: Mapping[str, Stage]) -> tuple[Stage | ImageRef, ...]:
    """Return what has an arrow to a stage, each once: stages, and images it does not start from."""
    found = (source for source in sources(stage, names) if source is not stage.ref)
    return tuple({source if isinstance(source, Stage) else source.written: source for source in found}.values())


def _needed(target: Stage, taken: Mapping[int, tuple[Stage | ImageRef, ...]]) -> frozenset[int]:
    waiting, seen = [target], {target.index}
    while waiting:
        for source in taken[waiting.pop().index]:
            if isinstance(source, Stage) and source.index not in seen:
                seen.add(source.index)
                waiting.append(source)
    return frozenset(seen)


def _box(stage: Stage, build: Build, needed: frozenset[int], y: int) -> Box:
    if stage is build.target:
        return Box("shipped", _cut(f"{_name(stage)} (shipped)"), _cut(f"FROM {_base(stage)}"), y)
    return Box("stage" if stage.index in needed else "unused", _cut(_name(stage)), _cut(f"FROM {_base(stage)}"), y)


def _name(stage: Stage) -> str:
    return printable(stage.name) if stage.name else f"stage {stage.index}"


def _base(stage: Stage) -> str:
    words = stage.instruction.words
    return printable(words[0]) if words else "?"


def _cut(text: str) -> str:
    """Return what fits into a box: the end of a name tells more than its middle."""
    text = printable(text)
    return text if len(text) <= _FITS else f"{text[: _FITS - 15]}…{text[-14:]}"


def _top(number: int) -> int:
    return 4 + number * (_HIGH + _GAP)


def _arc(start: int, stop: int, starts: bool) -> Arc:  # noqa: FBT001 (a field of the value)
    right = _LEFT + _BOX
    # Arrows out of a box begin in its lower half, arrows into it end in its upper half.
    a, b = _top(start) + _HIGH // 2 + 8, _top(stop) + _HIGH // 2 - 8
    bend = right + min(8 + 20 * abs(stop - start), (WIDTH - right) * 4 // 3 - 8)
    head = f"M{right + 8} {b - 5}L{right + 1} {b}L{right + 8} {b + 5}Z"
    return Arc(f"M{right} {a}C{bend} {a} {bend} {b} {right + 7} {b}", head, starts)


def _told(stage: Stage, build: Build, taken: tuple[Stage | ImageRef, ...], needed: frozenset[int]) -> str:
    role = (
        ", which is shipped"
        if stage is build.target
        else ""
        if stage.index in needed
        else ", which is not needed on amd64"
    )
    copied = [_name(s) if isinstance(s, Stage) else printable(s.written) for s in taken if s is not stage.base]
    takes = f" and takes files from {', '.join(copied)}" if copied else ""
    return f"{_name(stage)}{role}, starts from {_base(stage)}{takes}."
