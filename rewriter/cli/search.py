"""Which files a command line names: files as they are, folders searched for Dockerfiles.

A search takes no link out of the folder it was given, descends into no link, and leaves version control, installed
packages and vendored sources alone. The order depends on the names alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from rewriter.record import record

# The same two patterns stand in .pre-commit-hooks.yaml: they match a whole path there, a file's name here.
PATTERN = r"(?i)(^|/)(dockerfile|containerfile)([._-][^/]*)?$|\.(dockerfile|containerfile)$"
EXCLUDE = r"(?i)\.(dockerignore|j2|jinja2?|in|tmpl|tpl|mustache|gotmpl|erb|py|sh|md)$"

SKIPPED = frozenset(
    {
        ".bzr", ".cache", ".git", ".hg", ".nox", ".svn", ".terraform", ".tox", ".venv", "__pycache__",
        "bower_components", "node_modules", "site-packages", "third_party", "vendor", "venv",
    }
)  # fmt: skip

STDIN = "-"


@record
class Found:
    """A file to convert; `root` is the folder whose search found it, None where the user named it."""

    path: str
    root: str | None = None


@record
class Skipped:
    """A path left out, and why; `broken` where that is a fault, not a choice."""

    path: str
    why: str
    broken: bool = False


def find(paths: Iterable[str]) -> tuple[list[Found], list[Skipped]]:
    """Return the files that the paths name, sorted and each once, and what was left out for a reason worth saying.

    A path that is no folder is taken as it is, existing or not: reading it will tell.
    """
    found: list[Found] = []
    skipped: list[Skipped] = []
    for path in paths:
        if path == STDIN or not os.path.isdir(path):  # noqa: PTH112 (the spelling is kept)
            found.append(Found(path))
            continue
        before = len(found) + len(skipped)
        for item in _search(path):
            (found if isinstance(item, Found) else skipped).append(item)  # type: ignore[arg-type]
        if len(found) + len(skipped) == before:
            skipped.append(
                Skipped(path, "no Dockerfile here (searched for Dockerfile, Containerfile, *.dockerfile ...)")
            )
    return _once(found), skipped


def is_dockerfile(name: str) -> bool:
    """Return whether a search takes a file of this name."""
    return re.search(PATTERN, name) is not None and re.search(EXCLUDE, name) is None


def _search(root: str) -> Iterator[Found | Skipped]:
    unreadable: list[OSError] = []
    inside = os.path.join(os.path.realpath(root), "")  # noqa: PTH118
    for folder, folders, files in os.walk(root, onerror=unreadable.append):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted(filter(is_dockerfile, files)):
            path = os.path.normpath(os.path.join(folder, name))  # noqa: PTH118
            if os.path.islink(path) and not os.path.realpath(path).startswith(inside):  # noqa: PTH114
                yield Skipped(path, f"a link that leads out of {root}; name it to convert it")
            else:
                yield Found(path, root)
    for error in unreadable:
        yield Skipped(
            os.path.normpath(error.filename),
            f"cannot be searched: {(error.strerror or str(error)).lower()}",
            broken=True,
        )


def _once(found: list[Found]) -> list[Found]:
    """Return the files sorted by path, each real file once: under its own name rather than a link's."""
    by_file: dict[str, Found] = {}
    for item in sorted(found, key=lambda f: (os.path.islink(f.path), os.fsencode(f.path), f.root or "")):  # noqa: PTH114
        by_file.setdefault(os.path.realpath(item.path), item)
    return sorted(by_file.values(), key=lambda item: os.fsencode(item.path))
