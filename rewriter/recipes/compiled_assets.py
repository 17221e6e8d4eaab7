"""The files and folders of the build context that a program opens at run time, where its sources name them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from posixpath import dirname, isabs, join, normpath

from rewriter.analysis.artefacts import source_of
from rewriter.analysis.built import Built
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import Found, Topic
from rewriter.recipes.base import Case
from rewriter.record import record


@record
class Asset:
    """A file or folder of the target's image that comes from the context, and the place that opens it."""

    path: str
    evidence: Evidence


def assets_of(case: Case, programs: tuple[Built, ...]) -> tuple[Asset, ...]:
    """Return what the programs open and the context has, none of it inside of another; what is written as its folder.

    A path that no COPY brings is none of the build's: it is mounted, or not there today either.
    """
    found: dict[str, Evidence] = {}
    for program in programs:
        for item in _opened(program):
            path = normpath(join(case.stage.config.workdir or "/", _plain(item)))
            if path != "/" and source_of(case.stage, case.context, path) is not None:
                found.setdefault(path, item.evidence)
    return tuple(
        Asset(path, evidence)
        for path, evidence in found.items()
        if not any(lies_in(path, other) for other in found if other != path)
    )


def has_sources(program: Built) -> bool:
    """Return whether all sources of a program were read."""
    return program.code is not None and not program.code.problems


def uses_workdir(program: Built) -> bool:
    """Return whether the sources open or write a relative path."""
    return any(not isabs(item.value) for item in _opened(program))


def lies_in(path: str, folder: str) -> bool:
    """Return whether a path is a folder or lies in it."""
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def _opened(program: Built) -> Iterator[Found]:
    if program.code is not None:
        code = program.code
        yield from (*code.of(Topic.ASSET), *code.of(Topic.WRITE), *code.of(Topic.PLUGIN))


def _plain(item: Found) -> str:
    """Return the part of a path before its first pattern; of a path that is written, its folder."""
    parts = item.value.split("/")
    plain = "/".join(takewhile(lambda part: not set(part) & set("*?["), parts))
    return dirname(item.value) if item.topic is Topic.WRITE else plain
