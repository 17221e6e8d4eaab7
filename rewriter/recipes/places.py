"""Places of the Dockerfile as evidence."""

from __future__ import annotations

from rewriter.analysis.evidence import Evidence
from rewriter.images.model import KnownImage, argv
from rewriter.semantics.build import Stage
from rewriter.syntax.document import Instruction


def command_evidence(stage: Stage) -> Evidence:
    """Return the instruction that sets the command, or the base image's row where no instruction does."""
    lines = [s.instruction for s in stage.all_steps if s.instruction.name in {"CMD", "ENTRYPOINT"}]
    if lines:
        return where(lines[-1])
    root = stage.root
    family = root.family if isinstance(root, KnownImage) else ""
    return Evidence(f"facts: {family}", " ".join((*argv(stage.config.entrypoint), *argv(stage.config.cmd))))


def where(line: Instruction) -> Evidence:
    """Return an instruction as evidence."""
    return Evidence(f"Dockerfile:{line.span.line}", line.text)
