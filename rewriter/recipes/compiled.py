"""Which compiled program a command starts, what its sources say, and the runtime image it can stand on.

Whatever the language: what differs between languages is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from posixpath import basename, dirname, isabs, join, normpath

from rewriter.analysis.built import Built, Linkage
from rewriter.analysis.evidence import Evidence
from rewriter.images.catalog import runtime
from rewriter.images.model import DEFAULT_PATH, KnownImage
from rewriter.recipes.base import Case
from rewriter.recipes.command import CommandPlan
from rewriter.recipes.final import Base
from rewriter.record import record
from rewriter.semantics.build import Stage

# From the smallest on: each has all that the one before it has.
_DYNAMIC = ("base", "cc")
_RELEASE = "debian13"
STATIC = f"static-{_RELEASE}"


@record
class Language:
    """What differs: the recipe's name, the language's, and the variables that only a toolchain reads, with reasons."""

    recipe: str
    label: str
    variables: Callable[[Stage], Mapping[str, tuple[str, Evidence]]]


@record
class Sight:
    """How far the sources of a program were seen: `why` not all of them, empty where they were."""

    why: str

    @property
    def is_clear(self) -> bool:
        """Whether nothing was left unseen."""
        return not self.why


def sight_of(program: Built) -> Sight:
    """Return whether the sources could be read, and whether all they start is named in them."""
    code = program.code
    if code is None:
        return Sight("its sources are not in the build context")
    if code.problems:
        return Sight(f"not all of its sources were read: {code.problems[0]}")
    unnamed = [spawn for spawn in code.spawns if not spawn.words]
    return Sight(f"it starts a program named at run time ({unnamed[0].evidence.where})") if unnamed else Sight("")


def path_of(case: Case, word: str) -> str:
    """Return the path a command word names, relative ones from the work directory; a bare name stays as it is."""
    return normpath(join(case.stage.config.workdir or "/", word)) if "/" in word else word


def find_exact(case: Case, word: str, built: Iterable[Built]) -> Built | None:
    """Return the program at the path the word names, or found on PATH by it; the last one that was put there."""
    path = path_of(case, word)
    folders = dict(case.stage.config.env).get("PATH", "").split(":")
    paths = {path} if isabs(path) else {join(folder, word) for folder in folders}
    exact = [one for one in built if one.path in paths]
    return exact[-1] if exact else None


def find(case: Case, word: str, built: tuple[Built, ...]) -> Built | None:
    """Return the program the command starts: by its path, by PATH, else the only one of that name."""
    exact = find_exact(case, word, built)
    named = [one for one in built if basename(one.path) == basename(word)]
    return exact or (named[0] if len({one.path for one in named}) == 1 else None)


def needs_shell(command: CommandPlan) -> bool:
    """Return whether a command needs a shell, whatever its program's name looks like (`transfer.sh` may be one)."""
    needs = command.needs_shell
    return needs is not None and bool(needs.script or needs.shell)


def is_on_path(program: Built) -> bool:
    """Return whether a program lies in a folder that the runtime images have on their PATH."""
    return dirname(program.path) in DEFAULT_PATH.split(":")


def starts_others(program: Built) -> bool:
    """Return whether the program's sources start other programs by name, which a closure has to bring."""
    return program.code is not None and any(spawn.words or spawn.shell for spawn in program.code.spawns)


def base_of(program: Built) -> Base | None:
    """Return the runtime image for a program; None where only a closure can have the right libraries."""
    if program.linkage is Linkage.STATIC:
        return Base(STATIC, f"the program is static: {program.why}", (program.evidence,))
    root, libraries = program.builder, program.libraries
    if program.linkage is Linkage.UNKNOWN or root is None or root.libc != "glibc" or libraries is None:
        return None
    name = _holding(libraries)
    if name is None or not _fits(root):
        return None
    needs = f"{', '.join(libraries)} besides glibc" if libraries else "no library but glibc"
    why = f"the program is dynamic ({program.why}) and needs {needs}, which is not newer in the build"
    fact = Evidence(f"facts: {root.family}", f"{root.ref.written} is {root.release}, glibc {root.libc_version}")
    return Base(name, why, (program.evidence, fact))


def base_for(programs: tuple[Built, ...]) -> Base | None:
    """Return the image all programs can stand on, None where there is none: the one that has most."""
    bases = [base_of(program) for program in programs]
    names = [STATIC, *(f"{name}-{_RELEASE}" for name in _DYNAMIC)]
    found = [base for base in bases if base is not None]
    return max(found, key=lambda base: names.index(base.name)) if len(found) == len(bases) > 0 else None


def _holding(libraries: Iterable[str]) -> str | None:
    """Return the smallest runtime image that has all of the libraries."""
    fitting = (name for name in _DYNAMIC if set(libraries) <= set(runtime(name, _RELEASE).libraries))
    return next((f"{name}-{_RELEASE}" for name in fitting), None)


def _fits(root: KnownImage) -> bool:
    """Return whether the builder's glibc is not newer than that of the runtime image."""
    have = runtime("base", _RELEASE).libc_version
    built = root.libc_version
    if have is None or built is None:
        return False
    return [int(n) for n in built.split(".")] <= [int(n) for n in have.split(".")]
