"""Carries an action out, write by write, in the order in which an interrupted run does no harm.

The branch goes before what is said about it; a body is the last thing written, so what it records is true.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from rewriter.bot.forge import Change, Forge, Proposal, Remote
from rewriter.bot.identity import RETAKE_LABEL, withdrawn
from rewriter.bot.state import Action, Leave, Open, Settle, Update, Withdraw
from rewriter.bot.status import BotError, Status

WITHDRAWN = "Nothing is left to change here, so this is closed. When there is again, a new one is opened."


@dataclass(frozen=True, slots=True)
class Draft:
    """What the writes are made of; where nothing is wanted, there is no commit and no body."""

    proposal: Proposal
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The word for what was done, and the pull request it was done to."""

    status: Status
    change: Change | None = None


def carry_out(action: Action, draft: Draft, changes: tuple[Change, ...], remote: Remote, forge: Forge) -> Done:
    """Do what was decided and return the word for it.

    Raises:
        BotError: a write was refused; those before it stand, and the next run goes on from there.
    """
    proposal = draft.proposal
    match action:
        case Leave(status=status):
            return Done(status, next(iter(changes), None))
        case Open():
            if action.push:
                remote.push(draft.commit, proposal.branch, action.lease)
            return Done(Status.OPENED, forge.open(proposal))
        case Update(number=number, lease=lease):
            remote.push(draft.commit, proposal.branch, lease)
            _describe(_of(number, changes), proposal.body, forge)
            return Done(Status.UPDATED, _of(number, changes))
        case Settle(number=number):
            _describe(_of(number, changes), proposal.body, forge)
            return Done(Status.UPDATED, _of(number, changes))
        case Withdraw(number=number, lease=lease):
            _withdraw(_of(number, changes), proposal.branch, lease, remote, forge)
            return Done(Status.WITHDRAWN, _of(number, changes))
        case _:
            assert_never(action)


def _of(number: int, changes: tuple[Change, ...]) -> Change:
    return next(change for change in changes if change.number == number)


def _describe(change: Change, body: str, forge: Forge) -> None:
    """Take the label off last: should the run end before, it still asks for what is by then a matter of the body."""
    forge.update(change.number, body)
    if RETAKE_LABEL in change.labels:
        forge.remove_label(change.number, RETAKE_LABEL)


def _withdraw(change: Change, branch: str, lease: str, remote: Remote, forge: Forge) -> None:
    """Close, say why, and delete the branch; a branch that somebody pushed to meanwhile stays."""
    forge.close(change.number, withdrawn(change.body))
    forge.comment(change.number, WITHDRAWN)
    try:
        remote.delete(branch, lease)
    except BotError as error:
        if error.status is not Status.LEASE:
            raise
