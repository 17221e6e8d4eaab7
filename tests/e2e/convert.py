"""Convert a Dockerfile for the tests that build and run the result."""

from __future__ import annotations

from pathlib import Path

from rewriter.analysis.context import Context
from rewriter.pipeline import rewrite
from rewriter.plan import Options, Rewritten


def converted(dockerfile: str, context: Path, options: Options | None = None) -> str:
    """Return the converted text; anything but a conversion fails the test with what came instead."""
    outcome = rewrite(dockerfile, Context.open(context), options or Options())
    assert isinstance(outcome, Rewritten), outcome
    return outcome.text
