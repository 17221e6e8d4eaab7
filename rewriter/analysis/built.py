"""Programs that a stage compiles, whatever their language: where each lies, how it is linked, what its sources say.

Follows them through `mv`, `cp` and COPY; which commands write them is a matter of the languages' own modules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from fnmatch import fnmatchcase
from posixpath import basename, join, normpath

from rewriter.analysis.artefacts import copied_to
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import Survey
from rewriter.analysis.runs import Run
from rewriter.images.model import KnownImage
from rewriter.record import record
from rewriter.semantics.build import Build, CopyStep, Stage

# Folders of every image: a program that is moved to one of them lies inside it.
_FOLDERS = frozenset(
    "/ /bin /sbin /usr/bin /usr/sbin /usr/local/bin /usr/local/sbin /go/bin /opt /root /srv /tmp".split()
)


class Linkage(Enum):
    """How an executable finds its libraries."""

    STATIC = "static"
    DYNAMIC = "dynamic"
    UNKNOWN = "unknown"


@record
class Built:
    """A program of a stage: its path there, how it is linked and why, the command, and what its sources say.

    `code` is None where they cannot be read. `builder` is the image it was built on, None where nothing is known of
    it. `libraries` are those a dynamic program needs besides the C library, None where they are not known. `is_own`:
    a program of the project, not a tool that was fetched.
    """

    path: str
    linkage: Linkage
    why: str
    evidence: Evidence
    code: Survey | None
    builder: KnownImage | None
    libraries: tuple[str, ...] | None = None
    is_own: bool = True


@record
class Moved:
    """A work directory that the build stage is given in place of the base image's own."""

    old: str
    new: str

    def apply(self, path: str) -> str:
        """Return where a path below the old directory lies now."""
        return self.new + path[len(self.old) :] if path == self.old or path.startswith(f"{self.old}/") else path


def carried(build: Build, built_in: Callable[[Stage], tuple[Built, ...]]) -> tuple[Built, ...]:
    """Return the programs in the target's image that it copies from other stages, where they lie in the target.

    A program may pass through several stages (one that compresses it, say); each stage is read once, by `built_in`.
    """
    known: dict[int, tuple[Built, ...]] = {}
    for stage in build.stages[: build.target.index]:
        known[stage.index] = (*_copied(stage, known), *built_in(stage))
    return tuple(_copied(build.target, known))


def _copied(stage: Stage, known: Mapping[int, tuple[Built, ...]]) -> Iterator[Built]:
    for step in stage.all_steps:
        if isinstance(step, CopyStep) and isinstance(step.origin, Stage):
            for built in known.get(step.origin.index, ()):
                path = copied_to(step, built.path)
                if path:
                    yield replace(built, path=path)


def relocated(built: list[Built], run: Run, moved: Moved | None = None) -> Iterator[Built]:
    """Yield the programs that are there after a command: where a `mv` or `cp` puts them, or where they were."""
    words = [word for word in run.argv or () if not word.startswith("-")]
    name = basename(words[0]) if len(words) > 2 else ""
    if run.cwd is None or name not in {"mv", "cp"}:
        yield from built
        return
    cwd = moved.apply(run.cwd) if moved else run.cwd
    *sources, target = (join(cwd, word) for word in words[1:])
    inside = target.endswith("/") or normpath(target) in _FOLDERS or len(sources) > 1
    for program in built:
        matches = any(fnmatchcase(program.path, normpath(source)) for source in sources)
        if not matches or name == "cp":
            yield program
        if matches:
            yield replace(program, path=normpath(join(target, basename(program.path)) if inside else target))
