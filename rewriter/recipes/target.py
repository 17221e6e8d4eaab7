"""Another stage than the last may be the one that is shipped: pointed out where the last one is for development."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rewriter.notes import Note, Rule, Severity
from rewriter.plan import Options, Refusal
from rewriter.semantics.build import Build, Stage

BUILD_PLATFORM = Rule("final-stage-on-build-platform", "the final stage is made for the machine that builds it")
DEVELOPMENT_STAGE = Rule("development-stage-last", "the last stage is one for development or tests")

_DEVELOPMENT = frozenset({"development-server", "build-tool-as-command"})
_NAMES = frozenset({"dev", "devel", "develop", "development", "debug", "debugger", "local", "test", "tests", "testing"})


def target_notes(build: Build, options: Options) -> Iterator[Note]:
    """Yield what is worth a look about the stage that is converted: is it the one that is shipped, and for whom?"""
    stage = build.target
    line = stage.instruction.span.line
    words = set((stage.name or "").lower().replace("_", "-").split("-"))
    if options.target is None and words & _NAMES and stage.index:
        base = [stage.base.name] if isinstance(stage.base, Stage) and stage.base.name else []
        names = _with_command(build) or base
        help_ = f"name the stage that is shipped: --target {' or '.join(names)}" if names else "name it with --target"
        message = f"the last stage, {stage.name}, is one for development or tests by its name"
        yield Note(DEVELOPMENT_STAGE, Severity.WARNING, message, line, help_)
    if stage.platform_is_build:
        message = "`--platform=$BUILDPLATFORM` makes the image for the machine that builds it, whatever is asked for"
        help_ = "take --platform off the stage if the image is for other machines, too"
        yield Note(BUILD_PLATFORM, Severity.WARNING, message, stage.chain[0].instruction.span.line, help_)


def with_other_target(build: Build, options: Options, refusal: Refusal) -> Refusal:
    """Return the refusal with a word on `--target`, where the last stage is for development."""
    hint = other_target(build, options) if refusal.rule.name in _DEVELOPMENT else ""
    return replace(refusal, help=f"{refusal.help}{hint}") if hint else refusal


def other_target(build: Build, options: Options) -> str:
    """Return the words that name the stages above the last one that have a command; empty where there are none."""
    names = _with_command(build)
    if options.target is not None or not names:
        return ""
    return f"; if another stage is shipped, name it: --target {' or '.join(names)}"


def _with_command(build: Build) -> list[str]:
    commands = {"CMD", "ENTRYPOINT"}
    return [
        stage.name
        for stage in build.stages[: build.target.index]
        if stage.name and any(step.instruction.name in commands for step in stage.steps)
    ]
