"""The behaviour of the bot, as one pure function of what is observed.

Two promises rest on it: run again with nothing changed, it writes nothing; and it never works against a person. A
commit somebody else made is left alone unless they ask otherwise, and what was declined stays declined.
"""

from __future__ import annotations

from rewriter.bot.state import (
    Action,
    Branch,
    Leave,
    Marker,
    Observation,
    Open,
    Past,
    Rebase,
    Settle,
    State,
    Update,
    Wanted,
    Withdraw,
)
from rewriter.bot.status import Status


def decide(seen: Observation) -> Action:
    """Return what to do about one proposed change."""
    if seen.obstacle is not None:
        return Leave(seen.obstacle)
    current = next((change for change in seen.changes if change.state is State.OPEN), None)
    if current is not None:
        return _keep_up(current, seen)
    if seen.wanted is None:
        return Leave(Status.NOTHING)
    refused = _refused(seen.wanted, seen)
    return Leave(refused) if refused is not None else _open(seen.wanted, seen)


def follows(changes: tuple[Past, ...]) -> int | None:
    """Return the number of the newest declined pull request, which a new one links."""
    return next((change.number for change in changes if _is_declined(change)), None)


def _open(wanted: Wanted, seen: Observation) -> Action:
    if seen.branch is None:
        return Open(push=True, lease=None)
    if seen.branch.own is None:
        return Leave(Status.OCCUPIED)
    return Open(push=seen.branch.head != wanted.head, lease=seen.branch.head)


def _keep_up(change: Past, seen: Observation) -> Action:
    """Return what to do about an open pull request."""
    branch, marker = seen.branch, change.marker
    if branch is None:
        return Leave(Status.BRANCH_GONE)
    if marker is None:
        return Leave(Status.EDITED)
    ours = _is_ours(branch, marker, seen.wanted)
    if seen.wanted is None:
        if not ours:
            return Leave(Status.EDITED)
        # Closing is one step with the mark; found open and marked, a person has opened it again.
        return Leave(Status.REOPENED) if marker.withdrawn else Withdraw(change.number, branch.head)
    if change.retake:
        return Settle(change.number) if branch.head == seen.wanted.head else Update(change.number, branch.head)
    if not ours:
        return Leave(Status.EDITED)
    return _refresh(change.number, branch, marker, seen.wanted, seen.rebase)


def _refresh(number: int, branch: Branch, marker: Marker, wanted: Wanted, rebase: Rebase) -> Action:
    """Return what to do about an open pull request whose branch is as the bot left it.

    A base that moved matters only where the plan changed with it: the commit touches nothing but whole files, and
    conflicts exactly where one of them is not what it was.
    """
    plan, base = (branch.own.plan, branch.own.base) if branch.own else (marker.plan, marker.base)
    if plan != wanted.plan:
        return Leave(Status.STALE) if rebase == "never" else Update(number, branch.head)
    if base != wanted.base and rebase == "behind":
        return Update(number, branch.head)
    if marker.head != branch.head or marker.withdrawn:
        return Settle(number)
    return Leave(Status.CURRENT)


def _is_ours(branch: Branch, marker: Marker, wanted: Wanted | None) -> bool:
    """Return whether the branch is as the bot left it.

    That is the recorded commit and no other: an amend under the bot's own name is somebody's work, too. The one
    exception is a commit that proves to be the bot's and is what it would make now: there a run ended between the
    push and the body.
    """
    if branch.head == marker.head:
        return True
    return wanted is not None and branch.own is not None and branch.own.plan == wanted.plan


def _refused(wanted: Wanted, seen: Observation) -> Status | None:
    """Return why the change is not proposed again, or None if it may be."""
    if seen.recreate == "always":
        return None
    merged = {change.marker.plan for change in seen.changes if change.state is State.MERGED and change.marker}
    if wanted.plan in merged:
        # Merged and wanted once more: it was reverted, or the forge is ahead of its own git.
        return Status.REVERTED
    declined = [change.marker for change in seen.changes if _is_declined(change)]
    if not declined:
        return None
    markers = [marker for marker in declined if marker is not None]
    if seen.recreate == "never" or len(markers) < len(declined):
        return Status.DECLINED
    if seen.recreate == "on-new-plan":
        return Status.DECLINED if wanted.plan in {marker.plan for marker in markers} else None
    known = {digest for marker in markers for digest in marker.seen}
    return Status.DECLINED if wanted.files <= known else None


def _is_declined(change: Past) -> bool:
    return change.state is State.CLOSED and not (change.marker is not None and change.marker.withdrawn)
