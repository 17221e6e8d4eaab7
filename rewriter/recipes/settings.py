"""The configuration of the final stage: what the old stage and its base had set, restated or decided away by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rewriter.analysis.evidence import Evidence
from rewriter.images.model import ImageConfig, KnownImage, Pairs
from rewriter.plan import Decision, Env, Expose, Kept, Line, Safety, Stopsignal, Volume
from rewriter.recipes.layout import MOVED, comments_above
from rewriter.semantics.build import Stage, Step
from rewriter.syntax.document import Document, Instruction
from rewriter.syntax.words import names_in, pairs

# The command and the health check are decided on their own; a label is text and never needs the old stage.
_RESTATED = MOVED - {"CMD", "ENTRYPOINT", "HEALTHCHECK"}


@dataclass(frozen=True, slots=True)
class Settings:
    """The lines that restate the old configuration: `first` before the files, `then` after them."""

    first: tuple[Line, ...]
    then: tuple[Line, ...]
    moved: tuple[Instruction, ...]
    decisions: tuple[Decision, ...]


def restate(
    document: Document, stage: Stage, target: ImageConfig, dropped: Mapping[str, tuple[str, Evidence]]
) -> Settings:
    """Return the lines that give a final stage on `target` the configuration of `stage`, less what is dropped.

    An instruction is repeated byte for byte where its value hangs on an ARG (a build may set it) or needs no
    change; else its expanded values are written out.
    """
    used = frozenset(name for step in stage.all_steps if step.instruction.name in _RESTATED for name in _names(step))
    gone = {key: reason for key, reason in dropped.items() if key not in used}
    first = tuple(_environment(stage, target, gone))
    then = (*_from_base(stage, target), *_metadata(document, stage))
    moved = tuple(step.instruction for step in stage.steps if step.instruction.name in MOVED)
    return Settings(first, then, moved, tuple(_decisions(stage, target, gone)))


def _names(step: Step) -> frozenset[str]:
    return names_in(step.instruction.rest)


def _environment(stage: Stage, target: ImageConfig, gone: Iterable[str]) -> Iterator[Line]:
    """Yield the ENV lines, and before them the ARG lines their values hang on."""
    have = dict(target.env)
    inherited = _inherited(stage, have, frozenset(gone))
    if inherited:
        yield Env(inherited)
    declared: set[int] = set()
    for step in stage.all_steps:
        if step.instruction.name == "ENV":
            yield from _arguments(stage, step, declared)
            yield from _env_line(stage, step, frozenset(gone))
        elif step.instruction.name in _RESTATED:
            yield from _arguments(stage, step, declared)


def _inherited(stage: Stage, have: Mapping[str, str], gone: frozenset[str]) -> Pairs:
    """Return the variables of the base image that the target does not set alike and nobody has changed since."""
    root = stage.root
    final = dict(stage.config.env)
    rows = root.config.env if isinstance(root, KnownImage) else ()
    return tuple((k, v) for k, v in rows if k not in gone and final.get(k) == v and have.get(k) != v)


def _arguments(stage: Stage, step: Step, declared: set[int]) -> Iterator[Line]:
    wanted = _names(step)
    for other in stage.all_steps:
        instruction = other.instruction
        if instruction.name == "ARG" and instruction.span.start not in declared and wanted & _declares(instruction):
            declared.add(instruction.span.start)
            yield Kept(instruction.span)


def _declares(instruction: Instruction) -> frozenset[str]:
    return frozenset(word.partition("=")[0] for word in instruction.words)


def _env_line(stage: Stage, step: Step, gone: frozenset[str]) -> Iterator[Line]:
    keys = [name for name, _, _ in pairs(step.instruction)]
    live = [key for key in keys if key not in gone]
    if not live:
        return
    arguments = {
        name for other in stage.all_steps if other.instruction.name == "ARG" for name in _declares(other.instruction)
    }
    if _names(step) & arguments or (live == keys and not _names(step)):
        yield Kept(step.instruction.span)
        return
    final = dict(stage.config.env)
    yield Env(tuple((key, final[key]) for key in dict.fromkeys(live)))


def _from_base(stage: Stage, target: ImageConfig) -> Iterator[Line]:
    """Yield ports, volumes and stop signal that only the old base image had set."""
    root = stage.root
    if not isinstance(root, KnownImage):
        return
    ports = tuple(port for port in root.config.ports if port not in target.ports)
    if ports:
        yield Expose(ports)
    if root.config.volumes:
        yield Volume(root.config.volumes)
    set_here = any(step.instruction.name == "STOPSIGNAL" for step in stage.all_steps)
    if root.config.stopsignal and not set_here:
        yield Stopsignal(root.config.stopsignal)


def _metadata(document: Document, stage: Stage) -> Iterator[Line]:
    own = {step.instruction.span.start for step in stage.steps}
    for step in stage.all_steps:
        if step.instruction.name in _RESTATED:
            if step.instruction.span.start in own:
                yield from comments_above(document, step.instruction)
            yield Kept(step.instruction.span)


def _decisions(stage: Stage, target: ImageConfig, gone: Mapping[str, tuple[str, Evidence]]) -> Iterator[Decision]:
    have, final = dict(target.env), dict(stage.config.env)
    for key, (why, evidence) in gone.items():
        if key in final and have.get(key) != final[key]:
            what = f"{key} is not set" if key not in have else f"{key} is the base image's"
            yield Decision(f"env.{key}", what, why, Safety.SAFE, (evidence,))
    for key, value in target.env:
        if key not in final:
            why = "the distroless base image sets it"
            yield Decision(
                f"env.{key}", f"{key}={value}", why, Safety.SAFE, (Evidence("facts: distroless", f"ENV {key}"),)
            )
