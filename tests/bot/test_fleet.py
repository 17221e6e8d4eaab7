"""The fleet: a ledger that outlives any interruption, waves under a budget, and the brake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from rewriter.bot.api import Pace
from rewriter.bot.fleet import Brake, Budget, close_all, follow_all, roll_out, survey_all
from rewriter.bot.forges import forge_of, secret_of
from rewriter.bot.ledger import append, latest, read_ledger
from rewriter.bot.record import Record
from rewriter.bot.secret import Secret
from rewriter.bot.tally import tally
from rewriter.bot.target import Target, target_of
from rewriter.bot.visit import Desk, Visit, survey, visit
from tests.bot.acting import BRANCH, FILE, Scene, scene
from tests.bot.cases import convert
from tests.bot.hosting import TOKEN
from tests.bot.people import commit


@dataclass
class Fleet:
    """Three repositories, each on a forge of its own; the last has nothing to convert."""

    scenes: list[Scene]
    ledger: Path
    budget: Budget
    visited: list[str]

    @property
    def targets(self) -> list[Target]:
        return [target_of(f"{s.host.origin}/ann/shop", "github", s.host.api) for s in self.scenes]

    def secret(self, target: Target) -> Secret | None:
        return secret_of(target, TOKEN, None)

    def pace(self) -> Pace:
        clock = self.scenes[0].clock
        return Pace(clock.sleep, clock.now, on_write=self.budget.spend)

    def visit(self, target: Target) -> Visit:
        self.visited.append(target.url)
        return visit(target, forge_of(target, self.secret(target), self.pace()), Desk(convert, self.secret(target)))

    def survey(self) -> list[Record]:
        def one(target: Target, known: str) -> Visit | None:
            return survey(target, Desk(convert, self.secret(target)), known)

        return list(survey_all(self.targets, self.ledger, one))

    def follow(self) -> list[Record]:
        forges = {t.url: forge_of(t, self.secret(t), self.pace()) for t in self.targets}
        return list(follow_all(self.targets, self.ledger, lambda target: forges[target.url]))

    def refresh(self) -> None:
        self.follow()

    def roll_out(self, limit: int = 50, brake: Brake | None = None) -> list[Record]:
        self.visited.clear()
        waiting = [(target, "canary") for target in self.targets]
        return list(
            roll_out(
                waiting,
                self.ledger,
                self.visit,
                self.refresh,
                limit=limit,
                budget=self.budget,
                brake=brake or Brake(),
            )
        )


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    with ExitStack() as stack:
        scenes = [stack.enter_context(scene("github", tmp_path / str(at))) for at in range(3)]
        commit(scenes[2].bare, "main", {"Dockerfile": FILE + b'CMD ["/app"]\n'})
        yield Fleet(scenes, tmp_path / "fleet.jsonl", Budget(100, scenes[0].clock.now), [])


def test_a_survey_reads_what_moved_and_writes_nothing(fleet: Fleet) -> None:
    assert [row["totals"]["rewritten"] for row in fleet.survey()] == [1, 1, 0]
    assert all(s.host.requests == [] and s.head() == "" for s in fleet.scenes)
    assert fleet.survey() == []
    commit(fleet.scenes[1].bare, "main", {"Dockerfile": FILE + b"EXPOSE 80\n"})
    assert [row["repository"] for row in fleet.survey()] == [fleet.targets[1].url]


def test_a_roll_out_goes_on_where_it_ended_and_leaves_out_what_needs_nothing(fleet: Fleet) -> None:
    fleet.survey()
    (first,) = fleet.roll_out(limit=1)
    assert (first["changes"][0]["status"], first["wave"]) == ("opened", "canary")
    (second,) = fleet.roll_out(limit=5)
    assert second["repository"] == fleet.targets[1].url
    assert fleet.roll_out() == []
    assert fleet.visited == []
    assert [len(s.host.pulls) for s in fleet.scenes] == [1, 1, 0]


def test_a_budget_that_is_spent_stops_the_run(fleet: Fleet) -> None:
    fleet.budget.an_hour = 4
    opened, stopped = fleet.roll_out()
    assert opened["changes"][0]["status"] == "opened"
    assert (stopped["step"], "budget" in stopped["reason"]) == ("stop", True)
    fleet.scenes[0].clock.at += 3601
    assert fleet.roll_out()[0]["repository"] == fleet.targets[1].url


def test_the_brake_holds_when_people_decline(fleet: Fleet) -> None:
    fleet.roll_out(limit=1)
    fleet.scenes[0].host.only()["state"] = "closed"
    (stopped,) = fleet.roll_out(brake=Brake(share=0.5, least=1))
    assert stopped["reason"].startswith("1 of 1 decided pull requests were declined")
    assert fleet.visited == []
    rest = fleet.roll_out(brake=Brake(share=0.5, least=2))
    assert [row["step"] for row in rest] == ["roll-out", "roll-out"]


def test_what_people_decided_is_kept_once(fleet: Fleet) -> None:
    fleet.roll_out()
    assert [row["changes"][0]["status"] for row in fleet.follow()[:2]] == ["open", "open"]
    size = fleet.ledger.stat().st_size
    fleet.follow()
    assert fleet.ledger.stat().st_size == size
    fleet.scenes[0].host.only()["state"] = "merged"
    fleet.scenes[1].host.only()["state"] = "closed"
    fleet.follow()
    decided = latest(read_ledger(fleet.ledger), "status")
    assert [decided[t.url]["changes"][0]["status"] for t in fleet.targets[:2]] == ["merged", "declined"]


def test_a_roll_out_is_called_back_but_for_what_people_work_on(fleet: Fleet) -> None:
    fleet.roll_out()
    theirs = commit(fleet.scenes[1].bare, BRANCH, {"Dockerfile": b"FROM theirs\n"})
    forges = {t.url: forge_of(t, fleet.secret(t), fleet.pace()) for t in fleet.targets}
    rows = list(close_all(fleet.targets, fleet.ledger, lambda t: forges[t.url], fleet.secret))
    assert [[c["status"] for c in row["changes"]] for row in rows] == [["withdrawn"], ["edited"], []]
    assert [s.head() for s in fleet.scenes] == ["", theirs, ""]
    assert [s.host.only()["state"] for s in fleet.scenes[:2]] == ["closed", "open"]
    assert [row["changes"][0]["status"] for row in fleet.follow()[:2]] == ["withdrawn", "open"]


def test_a_report_counts_what_the_ledger_has(fleet: Fleet) -> None:
    fleet.survey()
    fleet.roll_out()
    fleet.follow()
    text = tally(read_ledger(fleet.ledger))
    assert text.startswith("# 3 repositories, 3 Dockerfiles\n")
    assert "| `rewritten` | 2 |" in text
    assert "| `opened` | 2 |" in text
    assert "| `open` | 2 |" in text


def test_a_line_that_was_cut_short_costs_nothing_but_itself(tmp_path: Path) -> None:
    file = tmp_path / "ledger"
    row = {"repository": "a", "step": "survey"}
    append(file, row)
    whole = file.read_bytes()
    for end in range(len(whole)):
        file.write_bytes(whole + whole[:end])
        append(file, {"repository": "b"})
        assert [r["repository"] for r in read_ledger(file)] == (
            ["a", "a", "b"] if end == len(whole) - 1 else ["a", "b"]
        )
    file.write_bytes(whole + b"what\n" + whole)
    with pytest.raises(ValueError, match="line 2 is no record"):
        read_ledger(file)
    assert read_ledger(tmp_path / "gone") == []
