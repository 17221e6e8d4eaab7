"""What became of a pull request, in one word: what the bot did, why it did nothing, or what stood in its way."""

from __future__ import annotations

from enum import Enum

from rewriter.notes import Rule

# The words are documented on one page, `dfmod explain bot-status`.
BOT_STATUS = Rule("bot-status", "what the pull-request bot did with a repository, or why it did nothing")


class Status(Enum):
    """The words; each is explained on the page `bot-status`."""

    OPENED = "opened"
    UPDATED = "updated"
    WITHDRAWN = "withdrawn"
    WRITTEN = "written"

    NOTHING = "nothing-to-do"
    CURRENT = "up-to-date"
    STALE = "stale"
    EDITED = "edited"
    DECLINED = "declined"
    REVERTED = "reverted"
    REOPENED = "reopened"
    BRANCH_GONE = "branch-gone"
    OCCUPIED = "branch-occupied"
    DISABLED = "disabled"
    POSTPONED = "postponed"

    LEASE = "lease-refused"
    PROTECTED = "protected-branch"
    PUSH_REFUSED = "push-refused"
    QUEUED = "in-merge-queue"
    ARCHIVED = "archived"
    READ_ONLY = "read-only"
    NO_CHANGES = "pull-requests-disabled"
    MOVED = "moved"
    RATE_LIMITED = "rate-limited"

    UNAUTHORISED = "unauthorised"
    FAILED = "failed"


WROTE = frozenset({Status.OPENED, Status.UPDATED, Status.WITHDRAWN, Status.WRITTEN})
# What stood in the way of a change that was wanted: not a fault of the run, but `--strict` counts it.
OBSTACLES = frozenset(
    {
        Status.OCCUPIED,
        Status.LEASE,
        Status.PROTECTED,
        Status.PUSH_REFUSED,
        Status.QUEUED,
        Status.ARCHIVED,
        Status.READ_ONLY,
        Status.NO_CHANGES,
        Status.MOVED,
        Status.RATE_LIMITED,
    }
)
FAULTS = frozenset({Status.UNAUTHORISED, Status.FAILED})


class BotError(Exception):
    """A step that could not be carried out: the word for it, and what was said."""

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status = status
