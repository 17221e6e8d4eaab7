"""Cases for tests of recipes, as the line makes them, from a Dockerfile's text and the files beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rewriter.images.catalog import lookup
from rewriter.plan import Options, Refusal, Unchanged
from rewriter.recipes.base import Case
from rewriter.recipes.case import case_of
from rewriter.semantics.build import Build
from rewriter.semantics.resolve import resolve
from rewriter.syntax.scanner import parse
from tests.contexts import context_of


def case_from(text: str, folder: Path, files: Mapping[str, str]) -> Case | Refusal | Unchanged:
    """Return the case of a Dockerfile, or why there is none."""
    build = resolve(parse(text), lookup)
    assert isinstance(build, Build), build
    return case_of(build, context_of(folder, files), Options())
