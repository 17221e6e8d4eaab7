"""Another stage than the last may be the one that is shipped: pointed out where the last one is for development."""

from __future__ import annotations

from dataclasses import replace

from rewriter.plan import Options, Refusal
from rewriter.semantics.build import Build

_DEVELOPMENT = frozenset({"development-server", "build-tool-as-command"})


def with_other_target(build: Build, options: Options, refusal: Refusal) -> Refusal:
    """Return the refusal with a word on `--target`, where the last stage is for development."""
    hint = other_target(build, options) if refusal.rule.name in _DEVELOPMENT else ""
    return replace(refusal, help=f"{refusal.help}{hint}") if hint else refusal


def other_target(build: Build, options: Options) -> str:
    """Return the words that name the stages above the last one that have a command; empty where there are none."""
    commands = {"CMD", "ENTRYPOINT"}
    names = [
        stage.name
        for stage in build.stages[: build.target.index]
        if stage.name and any(step.instruction.name in commands for step in stage.steps)
    ]
    if options.target is not None or not names:
        return ""
    return f"; if another stage is shipped, name it: --target {' or '.join(names)}"
