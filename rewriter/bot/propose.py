"""One proposed change from observation to word: looks at the forge, asks `decide`, has the answer carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rewriter.bot.carry_out import Done, Draft, carry_out
from rewriter.bot.decide import decide, follows
from rewriter.bot.forge import Change, Forge, Proposal, Remote
from rewriter.bot.identity import RETAKE_LABEL, asks_for_retake, marker_line, read_marker
from rewriter.bot.state import Action, Branch, Leave, Marker, Observation, Open, Past, Rebase, Recreate, Wanted
from rewriter.bot.status import BotError, Status


@dataclass(frozen=True, slots=True)
class Case:
    """One branch of one repository. `text` is the body for a forge's limit and a declined pull request it follows."""

    branch: str
    base: str
    title: str
    wanted: Wanted | None
    found: Branch | None
    text: Callable[[int, int | None], str]
    tool: str
    rebase: Rebase = "conflicted"
    recreate: Recreate = "on-file-change"
    draft: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of it. `message` is what a forge or git said where something stood in the way."""

    branch: str
    status: Status
    action: Action | None = None
    number: int | None = None
    url: str = ""
    message: str = ""


def propose(case: Case, remote: Remote, forge: Forge, *, obstacle: Status | None = None, room: bool = True) -> Proposed:
    """Bring one branch and its pull request to what they should be; whatever goes wrong is a word, too.

    `room`: another pull request may be opened now.
    """
    try:
        changes = forge.find_changes(case.branch)
        action = decide(_observe(case, changes, obstacle))
        if isinstance(action, Open) and not room:
            action = Leave(Status.POSTPONED)
        if isinstance(action, Leave):
            done = Done(action.status, next(iter(changes), None))
        else:
            done = carry_out(action, _draft(case, changes, forge.body_limit), changes, remote, forge)
    except BotError as error:
        return Proposed(case.branch, error.status, message=str(error))
    number, url = (done.change.number, done.change.url) if done.change else (None, "")
    return Proposed(case.branch, done.status, action, number, url)


def _observe(case: Case, changes: tuple[Change, ...], obstacle: Status | None) -> Observation:
    return Observation(
        case.wanted,
        case.found,
        tuple(map(_past, changes)),
        case.rebase,
        case.recreate,
        obstacle if case.wanted else None,
    )


def _past(change: Change) -> Past:
    retake = RETAKE_LABEL in change.labels or asks_for_retake(change.body)
    return Past(change.number, change.state, read_marker(change.body), retake)


def _draft(case: Case, changes: tuple[Change, ...], limit: int) -> Draft:
    wanted = case.wanted
    if wanted is None:
        return Draft(Proposal(case.branch, case.base, case.title, ""))
    hidden = marker_line(Marker(wanted.head, wanted.base, wanted.plan, wanted.seen, case.tool))
    visible = case.text(limit - len(hidden) - 2, follows(tuple(map(_past, changes))))
    proposal = Proposal(
        case.branch,
        case.base,
        case.title,
        f"{visible.rstrip()}\n\n{hidden}",
        draft=case.draft,
        labels=case.labels,
        reviewers=case.reviewers,
    )
    return Draft(proposal, wanted.head)
