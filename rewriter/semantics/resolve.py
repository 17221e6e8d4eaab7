"""What the engine would make of a Dockerfile: every stage with the configuration it would have as an image.

Follows BuildKit's converter (`frontend/dockerfile/dockerfile2llb`). Touches neither text nor files; what it does not
know of an image stays `Unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from rewriter.images.model import DEFAULT_PATH, ImageConfig, ImageRef, KnownImage, Unknown
from rewriter.images.reference import DOCKER_HUB
from rewriter.record import record
from rewriter.semantics.build import Build, CopyStep, Resolved, RunStep, SetStep, Stage, Step
from rewriter.semantics.draft import begin, finish
from rewriter.semantics.mounts import mounts_of
from rewriter.semantics.outline import SCRATCH, Head, Line, Outline, outline, reference, sources_of
from rewriter.semantics.platforms import parse_platform
from rewriter.semantics.problems import BuildError, LocatedError, located
from rewriter.semantics.scope import Request
from rewriter.semantics.steps import step_of
from rewriter.syntax.document import Document, Problem, Span
from rewriter.syntax.scanner import parse

Lookup = Callable[[ImageRef], KnownImage | Unknown]

_NO_ARGS: Mapping[str, str] = MappingProxyType({})
_EMPTY_IMAGE = ImageConfig(workdir="/", env=(("PATH", DEFAULT_PATH),))


def resolve(
    document: Document,
    lookup: Lookup,
    *,
    target: str | None = None,
    args: Mapping[str, str] = _NO_ARGS,
    platform: str = "linux/amd64",
) -> Resolved:
    """Return the build a document describes, or the first problem BuildKit would stop at.

    All stages have a value. An instruction that is refused counts only in a stage the target needs; in another one
    it stands as a `SetStep` without effect. A stage on an unknown image is resolved over an empty configuration. A
    stage on another stage has that one's platform, whatever it asks for itself. The triggers of a base come first
    among the steps of a stage; their instructions have the span of the FROM.

    Raises:
        ValueError: `platform` names no platform.
    """
    if document.problems:
        return document.problems[0]
    try:
        return _build(document, lookup, Request(target, args, parse_platform(platform)))
    except LocatedError as error:
        return error.problem


def images_of(build: Build) -> tuple[str, ...]:
    """Return the images the target needs, sorted: bases, sources of COPY and of mounts.

    Names are as short as they can be: without `docker.io/library/` and without the tag `latest`. scratch is none.
    """
    refs: list[ImageRef] = []
    names = {stage.name: stage for stage in build.stages if stage.name}
    waiting, seen = [build.target], {build.target.index}
    while waiting:
        for source in sources(waiting.pop(), names):
            if isinstance(source, ImageRef):
                refs.append(source)
            elif source.index not in seen:
                seen.add(source.index)
                waiting.append(source)
    return tuple(sorted({_short(ref) for ref in refs if ref.written != SCRATCH}))


def sources(stage: Stage, names: Mapping[str, Stage]) -> Iterator[Stage | ImageRef]:
    """Yield what a stage starts from, copies from and mounts; `names` are the stages of the build that have one."""
    if isinstance(stage.base, Stage):
        yield stage.base
    if stage.ref:
        yield stage.ref
    for step in stage.steps:
        if isinstance(step, CopyStep) and step.origin:
            yield step.origin
        for mount in mounts_of(step.instruction) if isinstance(step, RunStep) else ():
            if mount.origin:
                yield names.get(mount.origin.lower()) or reference(mount.origin)


def _short(ref: ImageRef) -> str:
    """Return the name of an image as the engine shows it."""
    registry = "" if ref.registry in (None, DOCKER_HUB) else f"{ref.registry}/"
    repository = ref.repository if registry else ref.repository.removeprefix("library/")
    tag = f":{ref.tag}" if ref.tag and (ref.tag != "latest" or ref.digest) else ""
    return f"{registry}{repository}{tag}" + (f"@{ref.digest}" if ref.digest else "")


@record
class _Drawn:
    """A resolved stage, the stages it needs, and the first of its instructions that is refused."""

    stage: Stage
    needs: frozenset[int]
    problem: Problem | None


@record
class _Site:
    """What the reading of every stage shares."""

    plan: Outline
    request: Request
    lookup: Lookup
    escape: str


def _build(document: Document, lookup: Lookup, request: Request) -> Resolved:
    plan = outline(document, request)
    target = _target(plan, request)
    site = _Site(plan, request, lookup, document.escape)
    stages: list[Stage] = []
    drawn: list[_Drawn] = []
    for head in plan.heads:
        drawn.append(_draw(head, stages, site))
        stages.append(drawn[-1].stage)
    needed = _reachable(target, drawn)
    problems = (one.problem for one in drawn if one.stage.index in needed and one.problem)
    declared = tuple((name, plan.args[name]) for name in plan.declared if name in plan.args)
    return next(problems, None) or Build(document, tuple(stages), stages[target], declared)


def _target(plan: Outline, request: Request) -> int:
    """Return the index of the target: a name in any case, never a number; the last stage where none is asked for."""
    if not request.target:
        return len(plan.heads) - 1
    index = plan.names.get(request.target.lower())
    if index is None:
        line = plan.heads[-1].instruction.span.line
        raise LocatedError(Problem(f'target stage "{request.target}" could not be found', line))
    return index


def _reachable(target: int, drawn: Sequence[_Drawn]) -> set[int]:
    seen, waiting = {target}, [target]
    while waiting:
        new = drawn[waiting.pop()].needs - seen
        seen |= new
        waiting += new
    return seen


def _draw(head: Head, earlier: Sequence[Stage], site: _Site) -> _Drawn:
    """Return the stage with what its instructions make of its base."""
    base, config = _base(head, earlier, site.lookup)
    inherited = base.state.env if isinstance(base, Stage) else ()
    draft = begin(config, inherited, site.escape, site.request.args, site.plan.args)
    triggers, problem = _triggers(config.onbuild, head, site)
    lines = (*triggers, *site.plan.bodies[head.index])
    steps: list[Step] = []
    for line in lines:
        try:
            with located(line.instruction):
                steps.append(step_of(draft, line, earlier, head.label))
        except LocatedError as error:
            problem = problem or error.problem
            steps.append(SetStep(line.instruction, draft.state()))
    stage = Stage(
        index=head.index,
        name=head.name,
        base=base,
        ref=head.base if isinstance(head.base, ImageRef) else None,
        platform=base.platform if isinstance(base, Stage) else head.platform,
        platform_is_build=base.platform_is_build if isinstance(base, Stage) else head.platform_is_build,
        config=finish(draft),
        steps=tuple(steps),
        state=draft.state(),
        instruction=head.instruction,
        span=_span(head, site.plan.bodies[head.index]),
    )
    sources = (head.base, *(source for line in lines for source in line.sources))
    return _Drawn(stage, frozenset(source for source in sources if isinstance(source, int)), problem)


def _base(head: Head, earlier: Sequence[Stage], lookup: Lookup) -> tuple[Stage | KnownImage | Unknown, ImageConfig]:
    """Return what a stage is built on, and the configuration it starts with."""
    if isinstance(head.base, int):
        stage = earlier[head.base]
        return stage, stage.config
    if head.base is None:
        return lookup(reference(SCRATCH)), _EMPTY_IMAGE
    found = lookup(head.base)
    return found, found.config if isinstance(found, KnownImage) else ImageConfig()


def _triggers(texts: Sequence[str], head: Head, site: _Site) -> tuple[tuple[Line, ...], Problem | None]:
    """Return the lines of the base's ONBUILD triggers, or none and why BuildKit refuses them."""
    try:
        return tuple(_trigger(text, head, site) for text in texts), None
    except LocatedError as error:
        return (), error.problem


def _trigger(text: str, head: Head, site: _Site) -> Line:
    # Only an instruction behind a FROM is read without complaint; this one never reaches the result.
    document = parse(f"FROM {SCRATCH}\n{text}")
    with located(head.instruction):
        if document.problems:
            raise BuildError(document.problems[0].message)
        _, *found = document.instructions
        if len(found) != 1 or found[0].name == "FROM":
            raise BuildError("onbuild trigger should be a single expression")
        instruction = replace(found[0], span=head.instruction.span)
        sources = sources_of(instruction, site.plan.names, len(site.plan.heads), site.escape)
        return Line(instruction, sources)


def _span(head: Head, lines: Sequence[Line]) -> Span:
    first = head.instruction.span
    last = lines[-1].instruction.span if lines else first
    return Span(first.start, last.end, first.line)
