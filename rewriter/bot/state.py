"""What is observed of one proposed change, and what can be done about it: the values `decide` works on.

Nothing here touches git or a forge.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from rewriter.bot.status import Status

Rebase = Literal["conflicted", "behind", "never"]
Recreate = Literal["on-file-change", "on-new-plan", "never", "always"]


@dataclass(frozen=True, slots=True)
class Marker:
    """The hidden line of a body: the commit and plan it was written for.

    `seen` has the digest of every Dockerfile that was looked at (see `identity.file_digest`), converted or not, so
    that a later version of dfmod which can convert more of them does not pass for a change of the files.
    `withdrawn`: the bot itself closed the change.
    """

    head: str
    base: str
    plan: str
    seen: tuple[str, ...]
    tool: str
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """The commit the bot would make now. `files` are the digests of those it changes, `seen` of all it looked at."""

    head: str
    base: str
    plan: str
    files: frozenset[str]
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """What a commit that proves itself to be the bot's carries: its plan and its parent."""

    plan: str
    base: str


@dataclass(frozen=True, slots=True)
class Branch:
    """The branch of the change, as git has it; `own` is None for a commit that is anybody else's."""

    head: str
    own: Own | None


class State(Enum):
    """The state of a pull request."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Past:
    """A pull request from the branch, open or not. `retake`: somebody asked the bot to take the branch back."""

    number: int
    state: State
    marker: Marker | None
    retake: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """All that is known before deciding; `changes` are newest first. `obstacle`: why nothing can be written at all."""

    wanted: Wanted | None
    branch: Branch | None
    changes: tuple[Past, ...]
    rebase: Rebase = "conflicted"
    recreate: Recreate = "on-file-change"
    obstacle: Status | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """Write nothing."""

    status: Status


@dataclass(frozen=True, slots=True)
class Open:
    """Push where `push`, against the lease (None: there must be no such branch), and open a pull request."""

    push: bool
    lease: str | None


@dataclass(frozen=True, slots=True)
class Update:
    """Push against the lease, then rewrite the body."""

    number: int
    lease: str


@dataclass(frozen=True, slots=True)
class Settle:
    """The branch is right already: rewrite the body alone."""

    number: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Nothing is left to change: say so, close, and delete the branch against the lease."""

    number: int
    lease: str


Action = Leave | Open | Update | Settle | Withdraw
