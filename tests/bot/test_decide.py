"""The table of what the bot does: every row an observation and an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rewriter.bot.decide import decide, follows
from rewriter.bot.state import (
    Action,
    Branch,
    Leave,
    Marker,
    Observation,
    Open,
    Own,
    Past,
    Settle,
    State,
    Update,
    Wanted,
    Withdraw,
)
from rewriter.bot.status import Status

WANTED = Wanted(head="aa", base="b1", plan="p1", files=frozenset({"f1"}), seen=("f1", "f2"))
RECORD = Marker(head="aa", base="b1", plan="p1", seen=("f1", "f2"), tool="0.1.0")
OURS = Branch("aa", Own("p1", "b1"))
THEIRS = Branch("ff", None)
OPEN = Past(1, State.OPEN, RECORD)
CLOSED = Past(1, State.CLOSED, RECORD)
WITHDRAWN = Past(1, State.CLOSED, replace(RECORD, withdrawn=True))
MERGED = Past(1, State.MERGED, RECORD)
# dfmod became better: the same files, and another plan for them.
BETTER = replace(WANTED, head="cc", plan="p2")
# The file itself changed.
NEW_FILE = replace(WANTED, head="dd", plan="p3", base="b2", files=frozenset({"f9"}), seen=("f9", "f2"))
MOVED_BASE = replace(WANTED, head="ee", base="b2")

ROWS: dict[str, tuple[Observation, Action]] = {
    "1 nothing to change, nothing there": (Observation(None, None, ()), Leave(Status.NOTHING)),
    "1b nothing to change, a branch there": (Observation(None, OURS, ()), Leave(Status.NOTHING)),
    "2 nothing left to change": (Observation(None, OURS, (OPEN,)), Withdraw(1, "aa")),
    "2b ... but somebody worked on it": (Observation(None, THEIRS, (OPEN,)), Leave(Status.EDITED)),
    "2c ... but it was opened again by hand": (
        Observation(None, OURS, (Past(1, State.OPEN, WITHDRAWN.marker),)),
        Leave(Status.REOPENED),
    ),
    "3 the first time": (Observation(WANTED, None, ()), Open(push=True, lease=None)),
    "4 pushed, but not opened": (Observation(WANTED, OURS, ()), Open(push=False, lease="aa")),
    "4b ... and the base has moved since": (Observation(MOVED_BASE, OURS, ()), Open(push=True, lease="aa")),
    "5 the branch is somebody's": (Observation(WANTED, THEIRS, ()), Leave(Status.OCCUPIED)),
    "6 all is as it should be": (Observation(WANTED, OURS, (OPEN,)), Leave(Status.CURRENT)),
    "6b ... and the base moved elsewhere": (Observation(MOVED_BASE, OURS, (OPEN,)), Leave(Status.CURRENT)),
    "6c a branch whose commit proves nothing": (
        Observation(WANTED, Branch("aa", None), (OPEN,)),
        Leave(Status.CURRENT),
    ),
    "7 the file changed": (Observation(NEW_FILE, OURS, (OPEN,)), Update(1, "aa")),
    "7b dfmod changed": (Observation(BETTER, OURS, (OPEN,)), Update(1, "aa")),
    "7c the base moved, and is to be followed": (
        Observation(MOVED_BASE, OURS, (OPEN,), rebase="behind"),
        Update(1, "aa"),
    ),
    "7d never rebase": (Observation(NEW_FILE, OURS, (OPEN,), rebase="never"), Leave(Status.STALE)),
    "7e pushed, but the body is the old one": (
        Observation(NEW_FILE, Branch("dd", Own("p3", "b2")), (OPEN,)),
        Settle(1),
    ),
    "7f opened again after a withdrawal, and wanted": (
        Observation(WANTED, OURS, (Past(1, State.OPEN, WITHDRAWN.marker),)),
        Settle(1),
    ),
    "8 somebody pushed": (Observation(WANTED, THEIRS, (OPEN,)), Leave(Status.EDITED)),
    "8b somebody set the branch back to an older commit of ours": (
        Observation(WANTED, Branch("00", Own("p0", "b0")), (OPEN,)),
        Leave(Status.EDITED),
    ),
    "8c somebody took the hidden line out": (
        Observation(WANTED, OURS, (Past(1, State.OPEN, None),)),
        Leave(Status.EDITED),
    ),
    "8d somebody deleted the branch": (Observation(WANTED, None, (OPEN,)), Leave(Status.BRANCH_GONE)),
    "9 somebody pushed and gives it back": (
        Observation(WANTED, THEIRS, (replace(OPEN, retake=True),)),
        Update(1, "ff"),
    ),
    "9b given back and already as it should be": (
        Observation(WANTED, OURS, (replace(OPEN, retake=True),)),
        Settle(1),
    ),
    "9c given back, but nothing is wanted": (
        Observation(None, THEIRS, (replace(OPEN, retake=True),)),
        Leave(Status.EDITED),
    ),
    "10 declined": (Observation(WANTED, None, (CLOSED,)), Leave(Status.DECLINED)),
    "10b declined, the branch still there": (Observation(WANTED, OURS, (CLOSED,)), Leave(Status.DECLINED)),
    "10c declined, the hidden line gone": (
        Observation(NEW_FILE, None, (Past(1, State.CLOSED, None),)),
        Leave(Status.DECLINED),
    ),
    "10d declined, and asked for whatever": (
        Observation(WANTED, None, (CLOSED,), recreate="always"),
        Open(push=True, lease=None),
    ),
    "11 declined, and only dfmod changed": (Observation(BETTER, None, (CLOSED,)), Leave(Status.DECLINED)),
    "11b ... which now converts one file more": (
        Observation(replace(BETTER, files=frozenset({"f1", "f2"})), None, (CLOSED,)),
        Leave(Status.DECLINED),
    ),
    "11c ... and new plans are welcome": (
        Observation(BETTER, None, (CLOSED,), recreate="on-new-plan"),
        Open(push=True, lease=None),
    ),
    "11d new plans are welcome, but this is the old one": (
        Observation(WANTED, None, (CLOSED,), recreate="on-new-plan"),
        Leave(Status.DECLINED),
    ),
    "12 declined, and the file changed": (Observation(NEW_FILE, None, (CLOSED,)), Open(push=True, lease=None)),
    "12b ... but never again": (Observation(NEW_FILE, None, (CLOSED,), recreate="never"), Leave(Status.DECLINED)),
    "12c ... but the branch is somebody's": (Observation(NEW_FILE, THEIRS, (CLOSED,)), Leave(Status.OCCUPIED)),
    "13 withdrawn by the bot": (Observation(WANTED, None, (WITHDRAWN,)), Open(push=True, lease=None)),
    "14 merged, and the file changed": (Observation(NEW_FILE, None, (MERGED,)), Open(push=True, lease=None)),
    "14b merged and reverted, or not yet in git": (Observation(WANTED, None, (MERGED,)), Leave(Status.REVERTED)),
    "14c merged once, declined later, as it was declined": (
        Observation(NEW_FILE, None, (Past(2, State.CLOSED, replace(RECORD, plan="p3", seen=("f9",))), MERGED)),
        Leave(Status.DECLINED),
    ),
    "15 archived": (Observation(WANTED, None, (), obstacle=Status.ARCHIVED), Leave(Status.ARCHIVED)),
}


@pytest.mark.parametrize("row", ROWS)
def test_row(row: str) -> None:
    observation, action = ROWS[row]
    assert decide(observation) == action


def test_a_new_change_links_the_newest_declined_one() -> None:
    assert follows((MERGED, replace(CLOSED, number=7), replace(CLOSED, number=3))) == 7
    assert follows((OPEN, WITHDRAWN, MERGED)) is None
