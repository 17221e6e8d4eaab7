"""Files that end on a distroless image or on scratch already: they lack only the init, or the right form of command."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.images.catalog import runtimes
from rewriter.images.model import KnownImage, Runtime
from rewriter.notes import Note, Rule, Severity
from rewriter.plan import Plan, Refusal, Tier
from rewriter.recipes.base import Case, Recipe
from rewriter.recipes.final import Base, Ending
from rewriter.recipes.final_in_place import conclude_in_place
from rewriter.recipes.places import command_evidence

RELEASE_ENDED = Rule("distroless-release-ended", "the distroless image gets no updates any more", "H30")
NO_RELEASE = Rule("distroless-without-release", "the distroless image is named without its Debian release", "H29")


def handles(case: Case) -> bool:
    """Return whether the target's base has no shell: a distroless image, or scratch."""
    root = case.stage.root
    return isinstance(root, KnownImage) and not root.has_shell


def plan(case: Case) -> Plan | Refusal:
    """Return the plan that adds the init to the final stage and leaves the rest as it is."""
    base = Base("", "", (command_evidence(case.stage),))
    notes = (*case.command.notes, *_notes(case))
    return conclude_in_place(
        case, Ending("distroless", Tier.DISTROLESS, base, (), case.command, notes=notes), frozenset()
    )


def _notes(case: Case) -> Iterator[Note]:
    """Yield what is worth saying of the image that is there: it is out of support, or changes under its name."""
    root, line = case.stage.root, case.stage.chain[0].instruction.span.line
    if not isinstance(root, KnownImage) or root.family != "distroless":
        return
    name = root.ref.repository.rpartition("/")[2]
    written = root.ref.written
    ended = next((one for one in runtimes() if f"{one.name}-{one.distro}" == name and one.status != "current"), None)
    if ended is not None:
        message = f"{written} gets no updates any more since {ended.end_of_life}"
        help_ = f"start from {ended.image.rpartition('-')[0]}-debian13{_glibc(ended)}"
        yield Note(RELEASE_ENDED, Severity.WARNING, message, line, help_)
    elif "-debian" not in name:
        message = f"{written} says no Debian release: it is debian13 since January 2026 and was debian12 before"
        yield Note(NO_RELEASE, Severity.INFO, message, line, f"name the release: {name}-debian13")


def _glibc(ended: Runtime) -> str:
    """Return what has to be looked at for a newer release: nothing where there is no C library."""
    return ", whose C library is newer" if ended.libc_version else ""


RECIPE = Recipe("distroless", handles, plan)
