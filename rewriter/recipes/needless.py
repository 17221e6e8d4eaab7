"""Variables that mean nothing in the final image: what only installers ask for, and a PATH to the same folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rewriter.analysis.evidence import Evidence
from rewriter.images.model import DEFAULT_PATH, KnownImage
from rewriter.recipes.base import Case
from rewriter.recipes.places import where
from rewriter.syntax.words import pairs

# Read by the package managers, which the final image does not have.
_INSTALLERS = frozenset(
    {"DEBIAN_FRONTEND", "DEBCONF_NONINTERACTIVE_SEEN", "APT_KEY_DONT_WARN_ON_DANGEROUS_USAGE"}
    | {"PIP_NO_CACHE_DIR", "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_DEFAULT_TIMEOUT", "PIP_ROOT_USER_ACTION"}
)

Reasons = Mapping[str, tuple[str, Evidence]]


def needless(case: Case) -> Reasons:
    """Return the variables that a closure's final stage does without, with the reason and the place."""
    return {**dict(_of_installers(case)), **dict(_path(case))}


def _of_installers(case: Case) -> Iterator[tuple[str, tuple[str, Evidence]]]:
    for step in case.stage.all_steps:
        for name, _, _ in pairs(step.instruction) if step.instruction.name == "ENV" else ():
            if name in _INSTALLERS:
                yield name, ("only package managers read it, and none is there any more", where(step.instruction))


def _path(case: Case) -> Iterator[tuple[str, tuple[str, Evidence]]]:
    """Yield PATH where it is the old base image's and leads to the folders that any image's leads to."""
    root, path = case.stage.root, dict(case.stage.config.env).get("PATH")
    if not isinstance(root, KnownImage) or not path or path != dict(root.config.env).get("PATH"):
        return
    if path != DEFAULT_PATH and set(path.split(":")) == set(DEFAULT_PATH.split(":")):
        why = "it leads to the same folders, only /usr/local/bin first"
        yield "PATH", (why, Evidence(f"facts: {root.family}", f"ENV PATH={path}"))
