"""Which path of one stage becomes which path of another."""

from __future__ import annotations

from fnmatch import fnmatchcase
from posixpath import basename, join, normpath

from rewriter.semantics.build import CopyStep


def copied_to(step: CopyStep, path: str) -> str | None:
    """Return where a COPY puts `path` of its origin; None when it does not copy it.

    Follows the reference: a folder is copied as its contents; a file goes into a target that ends in a slash, and to
    the target's own name otherwise. Patterns match as Go's filepath.Match does for one component.
    """
    for written in step.sources:
        source = normpath(join("/", written))
        if source == "/":
            return normpath(join(step.target, path.lstrip("/")))
        if _matches(source, path):
            return normpath(join(step.target, basename(path)) if _is_folder(step) else step.target)
        if path.startswith(f"{source}/"):
            return normpath(join(step.target, path[len(source) + 1 :]))
    return None


def _is_folder(step: CopyStep) -> bool:
    return step.target.endswith("/") or len(step.sources) > 1


def _matches(pattern: str, path: str) -> bool:
    """Return whether a pattern names the path, component by component."""
    wanted, have = pattern.split("/"), path.split("/")
    return len(wanted) == len(have) and all(fnmatchcase(h, w) for w, h in zip(wanted, have, strict=True))
