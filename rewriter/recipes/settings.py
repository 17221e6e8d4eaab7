"""The configuration of the final stage: what the old stage and its base had set, restated or decided away by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from rewriter.analysis.evidence import Evidence
from rewriter.images.model import ImageConfig, KnownImage, Pairs
from rewriter.plan import Decision, Env, Expose, Kept, Line, Safety, Stopsignal, Volume
from rewriter.recipes.layout import MOVED, comments_above
from rewriter.record import record
from rewriter.semantics.build import Stage, Step
from rewriter.syntax.document import Document, Instruction
from rewriter.syntax.words import names_in, pairs

# The command and the health check are decided on their own; a label is text and never needs the old stage.
_RESTATED = MOVED - {"CMD", "ENTRYPOINT", "HEALTHCHECK"}
# Values that mean the same behind a blank and behind an equals sign.
_PLAIN = re.compile(r"[\w$:/.,@+{}-]+")


@record
class Settings:
    """The lines that restate the old configuration: `first` before the files, `then` after them.

    `inherited` are the variables among them that only the old base image had set.
    """

    inherited: Pairs
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
    used = {name for step in stage.all_steps if step.instruction.name in _RESTATED for name in _names(step)}
    used |= {key for step in stage.all_steps if _hangs_on_args(stage, step) for key, _, _ in pairs(step.instruction)}
    gone = {key: reason for key, reason in dropped.items() if key not in used}
    early = frozenset(step.instruction.span.start for step in stage.all_steps if _is_before_its_value(stage, step))
    first = tuple(_environment(document, stage, target, gone, early))
    then = (*_from_base(stage, target), *_metadata(document, stage, early))
    moved = tuple(step.instruction for step in stage.steps if step.instruction.name in MOVED)
    inherited = _inherited(stage, dict(target.env), frozenset(gone))
    return Settings(inherited, first, then, moved, tuple(_decisions(stage, target, gone)))


def _names(step: Step) -> frozenset[str]:
    return names_in(step.instruction.rest)


def _is_before_its_value(stage: Stage, step: Step) -> bool:
    """Return whether a step uses a variable that an ENV below it changes: it has to stay above that ENV."""
    if step.instruction.name not in _RESTATED:
        return False
    below = stage.all_steps[stage.all_steps.index(step) + 1 :]
    changed = {name for other in below if other.instruction.name == "ENV" for name, _, _ in pairs(other.instruction)}
    return bool(_names(step) & changed)


def _environment(
    document: Document, stage: Stage, target: ImageConfig, gone: Iterable[str], early: frozenset[int]
) -> Iterator[Line]:
    """Yield the ENV lines, before them the ARG lines their values hang on, and what has to stand between them."""
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
            yield from _kept(document, stage, step) if step.instruction.span.start in early else ()


def _inherited(stage: Stage, have: Mapping[str, str], gone: frozenset[str]) -> Pairs:
    """Return the variables of the base image that the target does not set alike and nobody has changed since."""
    root = stage.root
    final = dict(stage.config.env)
    rows = root.config.env if isinstance(root, KnownImage) else ()
    return tuple((k, v) for k, v in rows if k not in gone and final.get(k) == v and have.get(k) != v)


def _arguments(stage: Stage, step: Step, declared: set[int]) -> Iterator[Line]:
    """Yield the ARG lines above a step that declare a name it uses, each once."""
    wanted = _names(step)
    for instruction in _args_before(stage, step):
        if instruction.span.start not in declared and wanted & _declares(instruction):
            declared.add(instruction.span.start)
            yield Kept(instruction.span)


def _args_before(stage: Stage, step: Step) -> Iterator[Instruction]:
    for other in stage.all_steps:
        if other is step:
            return
        if other.instruction.name == "ARG":
            yield other.instruction


def _declares(instruction: Instruction) -> frozenset[str]:
    return frozenset(word.partition("=")[0] for word in instruction.words)


def _hangs_on_args(stage: Stage, step: Step) -> bool:
    """Return whether an ENV uses an ARG, whose value a build may change: its line is kept as it is, whole."""
    arguments = {name for instruction in _args_before(stage, step) for name in _declares(instruction)}
    return step.instruction.name == "ENV" and bool(_names(step) & arguments)


def _env_line(stage: Stage, step: Step, gone: frozenset[str]) -> Iterator[Line]:
    keys = [name for name, _, _ in pairs(step.instruction)]
    live = [key for key in keys if key not in gone]
    if not live:
        return
    legacy = any(mark == "" for _, _, mark in pairs(step.instruction))  # BuildKit's linter warns of it at each place
    written = tuple((name, value) for name, value, _ in pairs(step.instruction))
    if legacy and _hangs_on_args(stage, step) and all(_PLAIN.fullmatch(value) for _, value in written):
        yield Env(written, expands=True)
        return
    if _hangs_on_args(stage, step) or (live == keys and not _names(step) and not legacy):
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


def _metadata(document: Document, stage: Stage, early: frozenset[int]) -> Iterator[Line]:
    for step in stage.all_steps:
        if step.instruction.name in _RESTATED and step.instruction.span.start not in early:
            yield from _kept(document, stage, step)


def _kept(document: Document, stage: Stage, step: Step) -> Iterator[Line]:
    """Yield an instruction, with the comments above it where it moves and is not merely repeated."""
    if any(own is step for own in stage.steps):
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
