"""`--nonroot`: the user of the distroless images in place of root, and what that user cannot do."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.analysis.evidence import Evidence
from rewriter.plan import Closure, Decision, Safety, Tier
from rewriter.recipes.base import Case
from rewriter.recipes.gate import at
from rewriter.semantics.build import Stage

NONROOT = "65532"
_FIRST_FREE_PORT = 1024


def nonroot_user(case: Case) -> str | None:
    """Return the user to set, None where the option is not given or the program runs as another than root already."""
    name = (case.command.user or case.stage.config.user or "root").partition(":")[0]
    return NONROOT if case.options.nonroot and name in {"root", "0"} else None


def makes_folders(tier: Tier, closure: Closure | None) -> bool:
    """Return whether the final stage makes the volumes' folders itself: nothing that comes along has them already."""
    return closure is None and tier is Tier.DISTROLESS


def nonroot_decisions(case: Case, tier: Tier, closure: Closure | None) -> Iterator[Decision]:
    """Yield the decision on the user, with what it may miss: folders of root's that are written, low ports."""
    stage = case.stage
    if nonroot_user(case) is None:
        return
    lines = [step.instruction for step in stage.all_steps if step.instruction.name in {"USER", "VOLUME", "EXPOSE"}]
    places = tuple(Evidence(f"Dockerfile:{line.span.line}", line.text) for line in lines) or (at(stage),)
    limits = (
        "; ".join(_limits(stage, made=makes_folders(tier, closure))) or "it can write only to /tmp and /home/nonroot"
    )
    what = f"the program runs as {NONROOT}, not as root"
    yield Decision("user", what, f"asked for with --nonroot; {limits}", Safety.REVIEW, places)


def _limits(stage: Stage, *, made: bool) -> Iterator[str]:
    if stage.config.volumes:
        names = ", ".join(stage.config.volumes)
        is_made = (
            f"{names} {'is' if len(stage.config.volumes) == 1 else 'are'} made for it; volumes that exist stay root's"
        )
        yield is_made if made else f"{names} may belong to root, as may the volumes of earlier containers"
    low = [port for port in stage.config.ports if _number(port) < _FIRST_FREE_PORT]
    if low:
        yield f"{', '.join(low)} needs a runtime that lets everyone bind low ports, as Docker does"


def _number(port: str) -> int:
    digits = port.partition("/")[0].partition("-")[0]
    return int(digits) if digits.isdecimal() else _FIRST_FREE_PORT
