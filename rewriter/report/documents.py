"""The forms that tell of a whole run in one document. Each is a module of this package, loaded only when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from rewriter.report.result import Result

FORMS = ("json", "sarif", "github", "gitlab", "rdjson", "junit", "markdown", "html")


def document(form: str, results: Sequence[Result]) -> bytes:
    """Return the results in one of the `FORMS`."""
    made: bytes = import_module(f"rewriter.report.{form}").document(results)
    return made
