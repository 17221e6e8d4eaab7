"""What an image gains and loses by a conversion, in sentences (Markdown's ticks around code)."""

from __future__ import annotations

from collections.abc import Sequence

from rewriter.plan import Plan, Tier, User

_DISTROLESS = (Tier.DISTROLESS, Tier.DISTROLESS_WITH_SHELL)
_SHELL_GONE = (
    "`docker exec … sh` and `docker run … sh`: there is no shell in the image. `--debug-target` adds a stage with one; "
    "`kubectl debug` and `docker debug` bring their own."
)
_PACKAGES_GONE = (
    "Installing packages in a running container, or in an image built from this one: nothing is there to do it."
)


def losses(plans: Sequence[Plan]) -> list[str]:
    """Return what no longer works, and what to do instead."""
    tiers = {plan.tier for plan in plans}
    return [
        *([_SHELL_GONE] if Tier.DISTROLESS in tiers else []),
        *([_PACKAGES_GONE] if tiers & set(_DISTROLESS) else []),
    ]


def gains(plan: Plan) -> list[str]:
    """Return what a conversion is for, as far as this plan brings it."""
    return [text for text, brought in _gains(plan) if brought]


def _gains(plan: Plan) -> list[tuple[str, bool]]:
    return [
        (
            "tini as PID 1: signals reach the program, zombies are reaped, children keep a parent.",
            plan.init is not None,
        ),
        (
            "A final stage without build tools, sources and caches: only the program and what it needs is shipped.",
            plan.tier is not Tier.INIT_ONLY,
        ),
        ("No package manager, no shell: less to patch, less to attack with.", plan.tier is Tier.DISTROLESS),
        (
            "No package manager, and no programs but the shell and those the command needs.",
            plan.tier is Tier.DISTROLESS_WITH_SHELL,
        ),
        ("A user of its own instead of root.", any(_is_unprivileged(line) for line in plan.runtime.lines)),
    ]


def _is_unprivileged(line: object) -> bool:
    return isinstance(line, User) and line.name.partition(":")[0] == "65532"
