"""Whatever people and the bot do, in whatever order, and wherever a run ends: what must hold holds.

Run again with nothing in between, the bot writes nothing. A commit somebody made is on the branch until they give the
branch away. What was declined is not proposed again. There is never a second open pull request.
"""

from __future__ import annotations

from contextlib import suppress

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rewriter.bot.identity import RETAKE_LABEL, asks_for_retake
from rewriter.bot.state import State
from tests.bot.world import Interrupted, World


class Interleaving(RuleBasedStateMachine):
    world: World

    @initialize(
        rebase=st.sampled_from(("conflicted", "behind", "never")),
        recreate=st.sampled_from(("on-file-change", "on-new-plan", "never")),
        opened=st.booleans(),
    )
    def start(self, rebase: str, recreate: str, opened: bool) -> None:  # noqa: FBT001 (hypothesis draws it)
        self.world = World(rebase=rebase, recreate=recreate)  # type: ignore[arg-type]
        self.human: set[str] = set()
        self.pushed_meanwhile: str | None = None
        self.files = 1
        self.renamed: dict[int, str] = {}
        if opened:
            self.world.run()

    # What the bot does.

    @rule()
    def run(self) -> None:
        self._guarded_run()
        first = list(self.world.writes)
        status = self.world.run().status
        assert self.world.writes == [], (first, status)

    @rule(at=st.integers(0, 3), after=st.booleans())
    def run_interrupted(self, at: int, after: bool) -> None:  # noqa: FBT001 (hypothesis draws it)
        self.world.stop_at, self.world.stop_after = at, after
        with suppress(Interrupted):
            self._guarded_run()
        self.world.stop_at = None

    @rule()
    def run_while_somebody_pushes(self) -> None:
        self.world.meanwhile = self.push_commit
        try:
            self._guarded_run()
        finally:
            self.world.meanwhile = None

    def _guarded_run(self) -> None:
        world = self.world
        given_away = self._is_given_away()
        before, declined, known = world.branch, world.declined_plans(), len(world.changes)
        self.push_nothing()
        try:
            world.run()
        finally:
            pushed: str | None = self.pushed_meanwhile
            at_risk = pushed or before
            if at_risk in self.human and (pushed or not given_away):
                assert world.branch == at_risk, "somebody's commit is gone"
            wanted = world.wanted()
            if len(world.changes) > known:
                assert wanted is not None
                assert wanted.plan not in declined, "declined, and proposed again"

    def push_nothing(self) -> None:
        self.pushed_meanwhile = None

    def _is_given_away(self) -> bool:
        current = self.world.current()
        return current is not None and (RETAKE_LABEL in current.labels or asks_for_retake(current.body))

    # What people do.

    @rule()
    def push_commit(self) -> None:
        self.world.branch = self.pushed_meanwhile = self.world.next_name()
        self.human.add(self.world.branch)

    @precondition(lambda self: self.world.own)
    @rule(data=st.data())
    def set_branch_back(self, data: st.DataObject) -> None:
        self.world.branch = data.draw(st.sampled_from(sorted(self.world.own)))

    @rule()
    def delete_branch(self) -> None:
        self.world.branch = None

    @rule()
    def change_file(self) -> None:
        self.files += 1
        self.world.file = f"v{self.files}"
        self.world.base = self.world.next_name()

    @rule()
    def restore_first_file(self) -> None:
        self.world.file, self.world.base = "v1", self.world.next_name()

    @rule()
    def convert_by_hand(self) -> None:
        self.world.file, self.world.base = "+by hand", self.world.next_name()

    @rule()
    def work_on_and_convert_elsewhere(self) -> None:
        self.push_commit()
        self.convert_by_hand()

    @rule()
    def change_something_else(self) -> None:
        self.world.base = self.world.next_name()

    @rule(tool=st.sampled_from(("0.1.0", "0.2.0")))
    def change_tool(self, tool: str) -> None:
        self.world.tool = tool

    @precondition(lambda self: self.world.current())
    @rule()
    def close(self) -> None:
        current = self.world.current()
        assert current
        self.world.change(current.number, state=State.CLOSED)

    @precondition(lambda self: self.world.current() and self.world.branch)
    @rule(keep_branch=st.booleans())
    def merge(self, keep_branch: bool) -> None:  # noqa: FBT001
        current = self.world.current()
        assert current
        self.world.change(current.number, state=State.MERGED)
        self.world.file, self.world.base = "+merged", self.world.next_name()
        if not keep_branch:
            self.world.branch = None

    @precondition(lambda self: self.world.changes and not self.world.current() and self.world.branch)
    @rule(data=st.data())
    def reopen(self, data: st.DataObject) -> None:
        closed = [change.number for change in self.world.changes if change.state is State.CLOSED]
        if closed:
            self.world.change(data.draw(st.sampled_from(closed)), state=State.OPEN)

    @precondition(lambda self: self.world.current())
    @rule()
    def label(self) -> None:
        current = self.world.current()
        assert current
        self.world.change(current.number, labels=(*current.labels, RETAKE_LABEL, "other"))

    @precondition(lambda self: self.world.current())
    @rule()
    def tick(self) -> None:
        current = self.world.current()
        assert current
        self.world.change(current.number, body=current.body.replace("- [ ]", "- [x]"))

    @precondition(lambda self: self.world.current())
    @rule(text=st.sampled_from(("", "\r\nlooks good", "@team please look\n")))
    def edit_body(self, text: str) -> None:
        current = self.world.current()
        assert current
        self.world.change(current.number, body=current.body + text if text else "emptied")

    @precondition(lambda self: self.world.current())
    @rule()
    def rename(self) -> None:
        current = self.world.current()
        assert current
        self.world.titles[current.number] = self.renamed[current.number] = "by hand"

    # What holds at any time.

    @invariant()
    def one_open_change_at_most(self) -> None:
        assert sum(change.state is State.OPEN for change in self.world.changes) <= 1

    @invariant()
    def titles_stay_as_people_left_them(self) -> None:
        assert all(self.world.titles[number] == title for number, title in self.renamed.items())


TestInterleaving = Interleaving.TestCase
TestInterleaving.settings = settings(max_examples=300, stateful_step_count=20, deadline=None, database=None)


def test_left_alone_the_bot_gets_from_any_interruption_to_an_open_change() -> None:
    for at in range(3):
        for after in (False, True):
            world = World(stop_at=at, stop_after=after)
            with suppress(Interrupted):
                world.run()
            world.stop_at = None
            world.run()
            wanted = world.wanted()
            assert wanted is not None
            assert world.branch == wanted.head
            assert [change.state for change in world.changes] == [State.OPEN]
            world.run()
            assert world.writes == []
