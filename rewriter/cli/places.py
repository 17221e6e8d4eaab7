"""Where a Dockerfile belongs: its work tree, its build context, and the name a patch gives it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from rewriter.analysis.context import Context
from rewriter.cli.search import Found
from rewriter.syntax.document import Document


def work_tree(folder: str) -> str | None:
    """Return the top of the git work tree the folder lies in, links resolved, or None outside of one."""
    real = Path(os.path.realpath(folder))
    return next((str(place) for place in (real, *real.parents) if (place / ".git").exists()), None)


def is_in_index(path: str, blob: str) -> bool:
    """Return whether `git checkout` would bring back this very content: the index has it under the file's name."""
    real = Path(os.path.realpath(path))
    command = ("git", "--literal-pathspecs", "-c", "core.fsmonitor=false", "ls-files", "--stage", "--", real.name)
    try:
        listed = subprocess.run(command, cwd=real.parent, capture_output=True, check=False).stdout  # noqa: S603
    except OSError:
        return False
    return listed.split()[1:2] == [blob.encode()]


def patch_path(path: str) -> str:
    """Return the name of a file in a patch: as git names it, relative to the top of its work tree.

    A patch names a link's target, which is what a write changes. Outside of a work tree the name is relative to
    the current folder; where even that cannot be, it is the given path without what leads out (`..`, `/`).
    """
    real = os.path.realpath(path)
    name = os.path.relpath(real, work_tree(os.path.dirname(real)) or os.getcwd())  # noqa: PTH120, PTH109
    if name.startswith(os.pardir + os.sep):
        name = path
    return "/".join(part for part in Path(os.path.normpath(name)).parts if part not in (os.sep, os.pardir))


def upwards(own: Path, root: str | None = None) -> Iterator[Path]:
    """Yield the folder and those above it, in the spelling the path was given in, up to the limit.

    The limit is the root; without one the top of the work tree, or outside of any the current folder. What does not
    lie below its limit has only its own folder.
    """
    limit = Path(os.path.realpath(root or work_tree(str(own)) or Path.cwd()))
    place, real = own, Path(os.path.realpath(own))
    yield place
    while real != limit and real.is_relative_to(limit):
        place, real = (place.parent if place.name not in ("", os.pardir) else place / os.pardir), real.parent
        yield place


def context_of(document: Document, found: Found) -> Context:
    """Return the context a Dockerfile is built with: of the nearest folder, from its own upwards, with all its sources.

    The look upwards ends at the folder that was searched; for a named file at the top of the work tree, or at the
    current folder. Where no folder has all that COPY and ADD name, or they name nothing, it is the Dockerfile's own;
    of a folder that is not there nothing is known.
    """
    path = Path(found.path)
    if not path.parent.is_dir():
        return Context.empty()
    own = Context.open(path.parent, path)
    sources = tuple(_sources(document))
    contexts = (
        own if place == path.parent else Context.open(place, path) for place in upwards(path.parent, found.root)
    )
    return next((context for context in contexts if all(context.matches(source) for source in sources)), own)


def _sources(document: Document) -> Iterator[str]:
    """Yield the sources of COPY and ADD that name something in the context."""
    for instruction in document.instructions:
        if instruction.name not in ("COPY", "ADD") or any(f.startswith("--from") for f in instruction.flags):
            continue
        for word in instruction.words[:-1]:
            if "://" in word or word.startswith(("<<", "git@")) or any(char in word for char in "$'\"\\`"):
                continue
            yield word
