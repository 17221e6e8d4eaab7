"""A run that writes nothing: the forge and the remote are read as ever, and every write is kept to be shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rewriter.bot.forge import Change, Forge, Proposal
from rewriter.bot.state import State
from rewriter.bot.status import Status


@dataclass(frozen=True, slots=True)
class Write:
    """A write that would be made: what, to what, and the text it would carry."""

    what: str
    where: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Stands in for a forge and a remote. `say` gets every write; without it they are only kept."""

    forge: Forge
    writes: list[Write] = field(default_factory=list)
    say: Callable[[Write], None] = lambda _: None

    @property
    def body_limit(self) -> int:
        """The forge's own."""
        return self.forge.body_limit

    @property
    def folds(self) -> bool:
        """The forge's own."""
        return self.forge.folds

    @property
    def reference(self) -> str:
        """The forge's own."""
        return self.forge.reference

    def obstacle(self) -> Status | None:
        """Ask the forge."""
        return self.forge.obstacle()

    def find_changes(self, branch: str) -> tuple[Change, ...]:
        """Ask the forge."""
        return self.forge.find_changes(branch)

    def push(self, commit: str, branch: str, lease: str | None) -> None:
        """Keep a push."""
        self._keep(Write("push", branch, f"{commit} in place of {lease or 'nothing'}"))

    def delete(self, branch: str, lease: str) -> None:
        """Keep a deletion."""
        self._keep(Write("delete-branch", branch, f"if it is {lease}"))

    def open(self, proposal: Proposal) -> Change:
        """Keep a pull request."""
        self._keep(Write("open", proposal.title, proposal.body))
        return Change(0, State.OPEN, proposal.body, "")

    def update(self, number: int, body: str) -> None:
        """Keep a body."""
        self._keep(Write("update", str(number), body))

    def close(self, number: int, body: str) -> None:
        """Keep a closing."""
        self._keep(Write("close", str(number), body))

    def comment(self, number: int, text: str) -> None:
        """Keep a comment."""
        self._keep(Write("comment", str(number), text))

    def remove_label(self, number: int, label: str) -> None:
        """Keep the taking off of a label."""
        self._keep(Write("remove-label", str(number), label))

    def _keep(self, write: Write) -> None:
        self.writes.append(write)
        self.say(write)
