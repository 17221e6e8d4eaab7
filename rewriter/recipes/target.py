"""Another stage than the last may be the one that is shipped: pointed out where the last one is for development."""

from __future__ import annotations

from dataclasses import replace

from rewriter.plan import Refusal
from rewriter.recipes.base import Case

_DEVELOPMENT = frozenset({"development-server", "launcher-command", "toolchain-as-command"})


def with_other_target(case: Case, refusal: Refusal) -> Refusal:
    """Return the refusal with a word on `--target`, where the last stage is for development."""
    if case.options.target is not None or refusal.rule.name not in _DEVELOPMENT:
        return refusal
    commands = {"CMD", "ENTRYPOINT"}
    names = [
        stage.name
        for stage in case.build.stages[: case.stage.index]
        if stage.name and any(step.instruction.name in commands for step in stage.steps)
    ]
    if not names:
        return refusal
    return replace(refusal, help=f"{refusal.help}; if another stage is shipped, name it: --target {' or '.join(names)}")
