"""Build contexts for tests: a folder written from a table of files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rewriter.analysis.context import Context


def fill(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write the files (path below the folder -> content) and return the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return folder


def context_of(folder: Path, files: Mapping[str, str | bytes]) -> Context:
    """Write the files and return the folder as a context."""
    return Context.open(fill(folder, files))
