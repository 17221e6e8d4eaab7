"""What the target stage holds and asks for, as far as its own lines say; each need with the place that shows it.

What only the sources of one language can say is read by that language's recipe.
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.runs import Deed, Opaque, Run, runs_of
from rewriter.images.catalog import package_role
from rewriter.images.model import KnownImage, PackageRole, Packages
from rewriter.record import record
from rewriter.semantics.build import Build, Stage


@record
class PackageNeed:
    """A distribution package a RUN installs, with what it is for. `name` is without version or architecture."""

    manager: Packages
    name: str
    role: PackageRole
    evidence: Evidence


@record
class UserNeed:
    """The user the program runs as, when it is not root. `name` is as USER gives it, without the group."""

    name: str
    group: str
    uid: str | None
    evidence: Evidence


@record
class Needs:
    """What the target stage holds: the commands of its RUNs, packages, its user."""

    runs: tuple[Run | Opaque, ...]
    packages: tuple[PackageNeed, ...]
    user: UserNeed | None
    evidence: tuple[Evidence, ...]

    @property
    def build_only(self) -> tuple[PackageNeed, ...]:
        """The packages that only the build needs."""
        return tuple(need for need in self.packages if need.role.role == "build")


def needs_of(build: Build, context: Context) -> Needs:
    """Return what the target of a build needs at run time, as far as the Dockerfile says."""
    del context  # What the sources say depends on the language: the recipes ask for it.
    stage = build.target
    runs = runs_of(stage)
    here = Evidence(f"Dockerfile:{stage.instruction.span.line}", stage.instruction.text)
    return Needs(runs, tuple(_packages(runs)), _user(stage, runs), (here,))


def _packages(runs: tuple[Run | Opaque, ...]) -> Iterator[PackageNeed]:
    for run in runs:
        if isinstance(run, Run) and run.manager is not None:
            for written in run.packages:
                name = _plain_name(run.manager, written)
                yield PackageNeed(run.manager, name, package_role(run.manager, name), run.evidence)


def _plain_name(manager: str, written: str) -> str:
    """Return a package's name without `=version`, `:arch`, `/release` or the comparison signs of apk."""
    name = written
    for separator in ("=", "<", ">", "~") if manager == "apk" else ("=", "/", ":"):
        name = name.partition(separator)[0]
    return name.partition("@")[0] if manager == "apk" else name


def _user(stage: Stage, runs: tuple[Run | Opaque, ...]) -> UserNeed | None:
    name, _, group = (stage.config.user or "").partition(":")
    if name in {"", "root", "0"}:
        return None
    line = next((s.instruction for s in reversed(stage.all_steps) if s.instruction.name == "USER"), None)
    root = stage.root
    where = Evidence(f"Dockerfile:{line.span.line}", line.text) if line else Evidence(_row(root), f"USER {name}")
    return UserNeed(name, group, _uid(name, stage, runs), where)


def _row(root: object) -> str:
    return f"facts: {root.family}" if isinstance(root, KnownImage) else "facts"


def _uid(name: str, stage: Stage, runs: tuple[Run | Opaque, ...]) -> str | None:
    """Return the numeric id of a user: written as such, given to useradd, or one of the base image's own."""
    if name.isdecimal():
        return name
    for run in runs:
        if isinstance(run, Run) and run.deed is Deed.USER and run.words and run.words[-1] == name:
            return _option(run.words, ("-u", "--uid"))
    root = stage.root
    rows = (row.split(":") for row in (root.users if isinstance(root, KnownImage) else ()))
    return next((row[1] for row in rows if row[0] == name and len(row) > 1), None)


def _option(words: tuple[str | None, ...], names: tuple[str, ...]) -> str | None:
    for position, word in enumerate(words[:-1]):
        if word in names:
            return words[position + 1]
        if word and word.startswith("--uid="):
            return word.removeprefix("--uid=")
    return None
