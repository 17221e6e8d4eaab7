"""A conversion small enough to know beforehand: any Dockerfile that is not converted gets a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rewriter.cli.search import is_dockerfile
from rewriter.plan import Rewritten, Unchanged
from rewriter.report.diff import unified
from rewriter.report.result import Result
from rewriter.syntax.document import decode, encode
from tests.outcomes import ADDED, declined, noted, rewritten


def convert(folder: Path) -> Iterator[Result]:
    """Yield a result for each Dockerfile below a folder."""
    for path in sorted(p for p in folder.rglob("*") if ".git" not in p.parts and p.is_file()):
        if is_dockerfile(path.name):
            yield converted(path, str(path.relative_to(folder)))


def converted(path: Path, name: str) -> Result:
    """Return what becomes of one file, by what it says."""
    before = path.read_bytes()
    text = decode(before)
    if ADDED in text:
        return Result(str(path), before, Unchanged("it is distroless and has an init"))
    if "# case: declined" in text:
        return Result(str(path), before, declined())
    outcome: Rewritten = rewritten(text, notes=noted())
    return Result(str(path), before, outcome, unified(before, encode(outcome.text), name))
