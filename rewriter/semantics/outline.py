"""The stages of a Dockerfile before they are resolved: their names, what they start from, what they copy from.

Follows `buildDispatchStates` and `buildStageDependencyGraph` of BuildKit's converter. Runs no instruction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rewriter.images.model import ImageRef
from rewriter.images.reference import parse_reference
from rewriter.record import record
from rewriter.semantics.mounts import mounts_of
from rewriter.semantics.platforms import parse_platform
from rewriter.semantics.problems import BuildError, LocatedError, located
from rewriter.semantics.scope import Request, built_elsewhere, expand, global_args
from rewriter.semantics.values import integer
from rewriter.syntax.document import Document, Instruction, Problem
from rewriter.syntax.words import flag, pairs

SCRATCH = "scratch"

Source = int | ImageRef  # a stage by its index, or an image


@record
class Line:
    """An instruction of a stage and what it takes from elsewhere: the source of a COPY, or those of a RUN's mounts."""

    instruction: Instruction
    sources: tuple[Source, ...] = ()


@record
class Head:
    """A FROM, expanded. `base` is the index of a stage, an image, or None for scratch."""

    index: int
    name: str | None
    base: Source | None
    platform: str | None
    platform_is_build: bool
    instruction: Instruction

    @property
    def label(self) -> str:
        """How BuildKit calls the stage."""
        return self.name or f"stage-{self.index}"


@record
class Outline:
    """All stages: the head and the lines of each, where `--from` names lead, and the global arguments."""

    heads: tuple[Head, ...]
    bodies: tuple[tuple[Line, ...], ...]
    names: Mapping[str, int]
    args: Mapping[str, str]
    declared: tuple[str, ...]


def outline(document: Document, request: Request) -> Outline:
    """Return the stages of a document that has no problems.

    Raises:
        LocatedError: there is no stage, BuildKit refuses a FROM or a `--from`, or stages copy in a circle. All of
            these count in stages that the target does not need, too.
    """
    arguments, blocks = _blocks(document)
    if not blocks:
        raise LocatedError(Problem("dockerfile contains no stages to build", 1))
    escape, last_stage = document.escape, _stage_name(blocks[-1][0])
    args = global_args(arguments, request, last_stage, escape)
    elsewhere = global_args(arguments, built_elsewhere(request), last_stage, escape)
    names: dict[str, int] = {}
    heads: list[Head] = []
    for index, (first, *_) in enumerate(blocks):
        with located(first):
            heads.append(_head(index, first, names, (args, elsewhere), escape))
        if name := heads[-1].name:
            names[name] = index
    bodies = tuple(tuple(_line(i, names, len(heads), escape) for i in block[1:]) for block in blocks)
    _check_circles(heads, bodies)
    declared_names = dict.fromkeys(name for argument in arguments for name, _, _ in pairs(argument))
    return Outline(tuple(heads), bodies, names, args, tuple(declared_names))


def _blocks(document: Document) -> tuple[list[Instruction], list[list[Instruction]]]:
    """Return the instructions before the first FROM, and those of each stage, FROM first."""
    arguments: list[Instruction] = []
    blocks: list[list[Instruction]] = []
    for instruction in document.instructions:
        if instruction.name == "FROM":
            blocks.append([])
        (blocks[-1] if blocks else arguments).append(instruction)
    return arguments, blocks


def _stage_name(first: Instruction) -> str | None:
    """Return the name a FROM gives; names are kept in lower case, while FROM compares them exactly."""
    return first.words[2].lower() if len(first.words) > 2 else None


def _head(
    index: int, first: Instruction, names: Mapping[str, int], args: tuple[Mapping[str, str], ...], escape: str
) -> Head:
    here, elsewhere = args
    written = first.words[0]
    text = expand(written, here, escape)
    if not text:
        raise BuildError(f"base name ({written}) should not be blank")
    platform, platform_is_build = None, False
    if word := flag(first, "platform"):
        platform = expand(word, here, escape)
        platform_is_build = platform != expand(word, elsewhere, escape)
        if not platform:
            raise BuildError(f"empty platform value from expression {word}")
        parse_platform(platform)
    return Head(index, _stage_name(first), _base(text, names), platform, platform_is_build, first)


def _base(text: str, names: Mapping[str, int]) -> Source | None:
    """Return what FROM starts from; an earlier stage hides an image, and even scratch, of the same name."""
    index = names.get(text)
    if index is not None:
        return index
    return None if text == SCRATCH else reference(text)


def reference(text: str) -> ImageRef:
    """Return the image reference a text spells.

    Raises:
        BuildError: it is no reference.
    """
    found = parse_reference(text)
    if found is None:
        hint = ": repository name must be lowercase" if parse_reference(text.lower()) else ""
        raise BuildError(f'failed to parse stage name "{text}": invalid reference format{hint}')
    return found


def _line(instruction: Instruction, names: Mapping[str, int], count: int, escape: str) -> Line:
    with located(instruction):
        return Line(instruction, sources_of(instruction, names, count, escape))


def sources_of(instruction: Instruction, names: Mapping[str, int], count: int, escape: str) -> tuple[Source, ...]:
    """Return the stages and images an instruction names: in `--from` of a COPY, or in `from` of a RUN's mounts.

    A name is looked up among all stages of the file, in any case; one that is none is an image. Only `--from` of a
    COPY takes numbers.

    Raises:
        BuildError: there is no such stage, the text is no reference, or it holds a variable.
    """
    if instruction.name == "RUN":
        return tuple(_stage_or_image(mount.origin, names) for mount in mounts_of(instruction) if mount.origin)
    origin = flag(instruction, "from") if instruction.name == "COPY" else None
    if not origin:
        return ()
    if expand(origin, {}, escape) != origin:
        raise BuildError(
            "variable expansion is not supported for --from, "
            "define a new stage with FROM using ARG from global scope as a workaround"
        )
    index = integer(origin)
    if index is None:
        return (_stage_or_image(origin, names),)
    if not 0 <= index < count:
        raise BuildError(f"invalid stage index {index}")
    return (index,)


def _stage_or_image(text: str, names: Mapping[str, int]) -> Source:
    index = names.get(text.lower())
    return reference(text) if index is None else index


def _check_circles(heads: Sequence[Head], bodies: Sequence[Sequence[Line]]) -> None:
    """Refuse stages that copy or mount from each other in a circle, needed or not.

    Raises:
        LocatedError: at the first instruction of the way into the circle.
    """
    visited: set[int] = set()
    for head in heads:
        first = _way_into_circle(head.index, bodies, visited)
        if first is not None:
            message = f"circular dependency detected on stage: {head.label}"
            raise LocatedError(Problem(message, first.span.line))


def _way_into_circle(start: int, bodies: Sequence[Sequence[Line]], visited: set[int]) -> Instruction | None:
    """Return the instruction of stage `start` from which a circle is reached, None without one."""
    if start in visited:
        return None
    visited.add(start)
    path = {start: _edges(bodies[start])}
    steps: list[Instruction] = []
    while path:
        stage, edges = next(reversed(path.items()))
        target, instruction = next(edges, (None, None))
        if target is None or instruction is None:
            del path[stage]
            del steps[-1:]
        elif target in path:
            return (*steps, instruction)[0]
        elif target not in visited:
            visited.add(target)
            path[target] = _edges(bodies[target])
            steps.append(instruction)
    return None


def _edges(body: Iterable[Line]) -> Iterator[tuple[int, Instruction]]:
    return ((source, line.instruction) for line in body for source in line.sources if isinstance(source, int))
