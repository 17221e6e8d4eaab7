"""What the bot asks of a forge and of a remote: two small protocols, one file for each forge that keeps them.

A forge has pull requests; that GitLab calls them merge requests is its file's concern. Heads of branches are never
asked of a forge: git knows them at once, the API seconds later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from rewriter.bot.state import State
from rewriter.bot.status import Status


@dataclass(frozen=True, slots=True)
class Change:
    """A pull request as a forge shows it."""

    number: int
    state: State
    body: str
    url: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pull request to open."""

    branch: str
    base: str
    title: str
    body: str
    draft: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()


class Forge(Protocol):
    """A repository on a forge. Every method raises BotError with the word for what stands in the way."""

    @property
    def body_limit(self) -> int:
        """How long a body may be, in characters."""

    @property
    def folds(self) -> bool:
        """Whether HTML's `details` is shown as what it is."""

    @property
    def reference(self) -> str:
        """What comes before the number of a pull request to make a link of it."""

    def obstacle(self) -> Status | None:
        """Return why no pull request can be opened there, as far as the forge says so."""

    def find_changes(self, branch: str) -> tuple[Change, ...]:
        """Return the pull requests from a branch of this repository, open or not, newest first."""

    def open(self, proposal: Proposal) -> Change:
        """Open a pull request and return it; where the answer was lost, the one that was opened."""

    def update(self, number: int, body: str) -> None:
        """Give a pull request another body. Its title is whoever's changed it last."""

    def close(self, number: int, body: str) -> None:
        """Close a pull request, with this body, unless it is merged."""

    def comment(self, number: int, text: str) -> None:
        """Say something there."""

    def remove_label(self, number: int, label: str) -> None:
        """Take a label off, if it is there."""


class Remote(Protocol):
    """The git side of a repository on a forge."""

    def push(self, commit: str, branch: str, lease: str | None) -> None:
        """Make a branch point at a commit, if it points at the lease now (None: if it does not exist).

        Raises:
            BotError: it does not, or the forge does not want it.
        """

    def delete(self, branch: str, lease: str) -> None:
        """Delete a branch, if it points at the lease.

        Raises:
            BotError: it does not, or the forge does not want it.
        """
