"""Variables that mean nothing in the final image: what only package managers read, and a PATH to the same folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from posixpath import basename

from rewriter.analysis.evidence import Evidence
from rewriter.images.model import DEFAULT_PATH, KnownImage
from rewriter.recipes.base import Case
from rewriter.recipes.places import where
from rewriter.syntax.words import pairs

# Read by the package manager of Debian, and the programs that start it.
_DEBCONF = frozenset({"DEBIAN_FRONTEND", "DEBCONF_NONINTERACTIVE_SEEN", "APT_KEY_DONT_WARN_ON_DANGEROUS_USAGE"})
_APT = frozenset({"apt", "apt-get", "apt-key", "aptitude", "debconf-set-selections", "dpkg", "dpkg-reconfigure"})

Reasons = Mapping[str, tuple[str, Evidence]]


def needless(case: Case, programs: Iterable[str] | None) -> Reasons:
    """Return the variables that a closure with these programs does without, with the reason and the place.

    `programs` is None where the closure stage itself finds out which come along.
    """
    has_apt = programs is None or bool(_APT & {basename(program) for program in programs})
    return {**({} if has_apt else dict(_of_apt(case))), **dict(_path(case))}


def _of_apt(case: Case) -> Iterator[tuple[str, tuple[str, Evidence]]]:
    for step in case.stage.all_steps:
        for name, _, _ in pairs(step.instruction) if step.instruction.name == "ENV" else ():
            if name in _DEBCONF:
                yield name, ("only the package manager reads it, which is not there any more", where(step.instruction))


def _path(case: Case) -> Iterator[tuple[str, tuple[str, Evidence]]]:
    """Yield PATH where it is the old base image's and leads to the folders that any image's leads to."""
    root, path = case.stage.root, dict(case.stage.config.env).get("PATH")
    if not isinstance(root, KnownImage) or not path or path != dict(root.config.env).get("PATH"):
        return
    if path != DEFAULT_PATH and set(path.split(":")) == set(DEFAULT_PATH.split(":")):
        why = "it leads to the same folders, only /usr/local/bin first"
        yield "PATH", (why, Evidence(f"facts: {root.family}", f"ENV PATH={path}"))
