"""A repository, its forge and its people in memory, for what holds whatever they do and in whatever order.

It keeps what git and a forge promise (leases, one open pull request for a branch, bodies as they were given) and
counts writes. A run can be made to end before or after any of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from rewriter.bot.forge import Change, Proposal
from rewriter.bot.identity import read_marker, retake_box
from rewriter.bot.propose import Case, Proposed, propose
from rewriter.bot.state import Branch, Own, Rebase, Recreate, State, Wanted
from rewriter.bot.status import BotError, Status

BRANCH = "dfmod/convert"


class Interrupted(Exception):  # noqa: N818 (it is no error: the machine went down)
    """The run ends here."""


def name(*parts: object) -> str:
    return hashlib.sha1(repr(parts).encode(), usedforsecurity=False).hexdigest()


@dataclass
class World:
    """What a repository and its forge hold. `file` is the Dockerfile's content; one that starts with + is converted."""

    file: str = "v1"
    base: str = "b0"
    tool: str = "0.1.0"
    rebase: Rebase = "conflicted"
    recreate: Recreate = "on-file-change"
    branch: str | None = None
    own: dict[str, Own] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    titles: dict[int, str] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    count: int = 0
    stop_at: int | None = None
    stop_after: bool = False
    meanwhile: Callable[[], None] | None = None

    body_limit = 10_000
    folds = True
    reference = "#"

    def wanted(self) -> Wanted | None:
        if self.file.startswith("+"):
            return None
        plan = name("plan", self.file, self.tool)
        digest = name("file", self.file)[:12]
        head = name("commit", plan, self.base, self.tool)
        return Wanted(head, self.base, plan, frozenset({digest}), (digest,))

    def run(self) -> Proposed:
        """Run the bot once, as far as it comes."""
        self.writes.clear()
        wanted = self.wanted()
        if wanted is not None:
            self.own[wanted.head] = Own(wanted.plan, wanted.base)
        found = Branch(self.branch, self.own.get(self.branch)) if self.branch else None
        case = Case(
            BRANCH, "main", "Convert", wanted, found, self._text, self.tool, rebase=self.rebase, recreate=self.recreate
        )
        return propose(case, self, self)

    @staticmethod
    def _text(limit: int, follows: int | None) -> str:
        del limit
        return f"Follows {follows}.\n\n{retake_box('take the branch back')}"

    def next_name(self) -> str:
        self.count += 1
        return name("human", self.count)

    def _write(self, what: str) -> Callable[[], None]:
        """Count a write; where the run is to end here, it ends before it or, by what is returned, after it."""
        if self.meanwhile is not None:
            happened, self.meanwhile = self.meanwhile, None
            happened()
        ends = self.stop_at == len(self.writes)
        if ends and not self.stop_after:
            raise Interrupted
        self.writes.append(what)

        def after() -> None:
            if ends:
                raise Interrupted

        return after

    # The git side.

    def push(self, commit: str, branch: str, lease: str | None) -> None:
        assert branch == BRANCH
        after = self._write("push")
        if self.branch != lease:
            raise BotError(Status.LEASE, "stale info")
        self.branch = commit
        after()

    def delete(self, branch: str, lease: str) -> None:
        assert branch == BRANCH
        after = self._write("delete")
        if self.branch != lease:
            raise BotError(Status.LEASE, "stale info")
        self.branch = None
        after()

    # The forge.

    def obstacle(self) -> Status | None:
        return None

    def find_changes(self, branch: str) -> tuple[Change, ...]:
        assert branch == BRANCH
        return tuple(reversed(self.changes))

    def open(self, proposal: Proposal) -> Change:
        after = self._write("open")
        assert not any(change.state is State.OPEN for change in self.changes), "a forge would have refused this"
        assert self.branch is not None
        number = len(self.changes) + 1
        self.changes.append(Change(number, State.OPEN, proposal.body, f"change/{number}"))
        self.titles[number] = proposal.title
        after()
        return self.changes[-1]

    def update(self, number: int, body: str) -> None:
        after = self._write("update")
        self.change(number, body=body)
        after()

    def close(self, number: int, body: str) -> None:
        after = self._write("close")
        self.change(number, body=body, state=State.CLOSED)
        after()

    def comment(self, number: int, text: str) -> None:
        assert number
        assert text
        self._write("comment")()

    def remove_label(self, number: int, label: str) -> None:
        after = self._write("unlabel")
        kept = tuple(known for known in self.changes[number - 1].labels if known != label)
        self.change(number, labels=kept)
        after()

    def change(
        self,
        number: int,
        *,
        body: str | None = None,
        state: State | None = None,
        labels: tuple[str, ...] | None = None,
    ) -> None:
        change = self.changes[number - 1]
        self.changes[number - 1] = replace(
            change,
            body=change.body if body is None else body,
            state=change.state if state is None else state,
            labels=change.labels if labels is None else labels,
        )

    def current(self) -> Change | None:
        return next((change for change in self.changes if change.state is State.OPEN), None)

    def declined_plans(self) -> set[str]:
        closed = (read_marker(change.body) for change in self.changes if change.state is State.CLOSED)
        return {marker.plan for marker in closed if marker and not marker.withdrawn}
