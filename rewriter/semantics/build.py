"""A resolved Dockerfile: its stages with the configuration each would have as an image."""

from __future__ import annotations

from dataclasses import dataclass, field

from rewriter.images.model import Command, ImageConfig, ImageRef, KnownImage, Pairs, Unknown
from rewriter.syntax.document import Document, Instruction, Problem, Span


@dataclass(frozen=True, slots=True)
class State:
    """What is in force when an instruction starts. `env` is what a RUN sees: ENV and ARG values, in order."""

    cwd: str
    user: str | None
    env: Pairs
    shell: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunStep:
    """A RUN; a heredoc body that is the script stands in `command` as shell form."""

    instruction: Instruction
    state: State
    command: Command


@dataclass(frozen=True, slots=True)
class CopyStep:
    """A COPY or ADD, variables expanded and `target` absolute (a trailing slash kept).

    `origin` is the stage or image of `--from`, None for the build context. `inline` holds the files made
    from heredocs as (path in the image, content); they are not among `sources`. `flags` are the other flags
    as (name, value), for instance ("chown", "1000").
    """

    instruction: Instruction
    state: State
    sources: tuple[str, ...]
    target: str
    origin: Stage | ImageRef | None = field(repr=False)
    inline: Pairs
    flags: Pairs


@dataclass(frozen=True, slots=True)
class SetStep:
    """Any other instruction: it changes the configuration, not the files (WORKDIR may create its folder)."""

    instruction: Instruction
    state: State


Step = RunStep | CopyStep | SetStep


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One stage; equal only to itself, so that long chains of stages can be compared and shown.

    `ref` is the image reference after expansion, None for a stage built on another stage or scratch.
    `platform` is the expanded `--platform` value; `platform_is_build` says that it names the build platform. A stage
    on another stage has both from that one, as in BuildKit.
    `state` is what is in force at the end of the stage. `span` runs from the FROM (its comments not included)
    to the start of what follows the stage's last instruction.
    """

    index: int
    name: str | None
    base: KnownImage | Stage | Unknown = field(repr=False)
    ref: ImageRef | None
    platform: str | None
    platform_is_build: bool
    config: ImageConfig
    steps: tuple[Step, ...]
    state: State
    instruction: Instruction
    span: Span

    @property
    def chain(self) -> tuple[Stage, ...]:
        """The stages this one is built on, first the one that starts from an image, and last itself."""
        stages = [self]
        while isinstance(base := stages[-1].base, Stage):
            stages.append(base)
        return tuple(reversed(stages))

    @property
    def root(self) -> KnownImage | Unknown:
        """The image at the bottom of the chain of stages."""
        base = self.base
        while isinstance(base, Stage):
            base = base.base
        return base

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The steps of this stage and of the stages it is built on, in build order."""
        return tuple(step for stage in self.chain for step in stage.steps)


@dataclass(frozen=True, slots=True)
class Build:
    """A whole Dockerfile with its target stage. `args` are the global ARGs in force before the first FROM."""

    document: Document
    stages: tuple[Stage, ...]
    target: Stage
    args: Pairs


Resolved = Build | Problem
