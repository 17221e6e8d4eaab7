"""Every forge goes through the same scenarios, on a server of its own; and through everything that can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rewriter.bot.status import Status
from tests.bot.acting import FILE, Scene, scene
from tests.bot.fake import Fault
from tests.bot.hosting import Answer
from tests.bot.people import commit
from tests.bot.scenarios import SCENARIOS, takes_the_branch_back_by_label

KINDS = ("github", "gitlab", "gitea", "bitbucket")
OPENING = {"github": "/pulls", "gitlab": "/merge_requests", "gitea": "/pulls", "bitbucket": "/pullrequests"}


# Bitbucket has no labels.
PLAYED = [
    (scenario, kind)
    for scenario in SCENARIOS
    for kind in KINDS
    if (scenario, kind) != (takes_the_branch_back_by_label, "bitbucket")
]


@pytest.mark.parametrize(("scenario", "kind"), PLAYED)
def test_scenario(scenario: Callable[[Scene], None], kind: str, tmp_path: Path) -> None:
    with scene(kind, tmp_path) as here:
        scenario(here)


def limited(status: int, **headers: str) -> Answer:
    return Answer(
        status, b'{"message": "slow down"}', {name.replace("_", "-"): value for name, value in headers.items()}
    )


SECONDARY = Answer(403, b'{"message": "You have exceeded a secondary rate limit."}')
# What goes wrong with the request that opens, and how long the bot has to wait then, at least.
OPENING_FAULTS: dict[str, tuple[Answer, bool, float]] = {
    "403 with Retry-After": (limited(403, Retry_After="7"), False, 7),
    "429 with Retry-After": (limited(429, Retry_After="30"), False, 30),
    "429 with a date": (limited(429, Retry_After="Mon, 12 Jan 1970 13:47:20 GMT"), False, 40),
    "the limit is used up": (limited(403, X_RateLimit_Remaining="0", X_RateLimit_Reset="1000090"), False, 90),
    "a secondary limit without a time": (SECONDARY, False, 60),
    "502 before it took effect": (Answer(502, b"bad gateway"), False, 0),
    "502 after it took effect": (Answer(502, b"bad gateway"), True, 0),
    "the answer is lost": (Answer(0, cut=True), True, 0),
    "the request is lost": (Answer(0, cut=True), False, 0),
}


# What is common to all is tried on one; what each file does for itself, on all.
FAULTY = [(fault, "github") for fault in OPENING_FAULTS] + [
    (fault, kind) for fault in ("502 after it took effect", "the request is lost") for kind in KINDS[1:]
]


@pytest.mark.parametrize(("fault", "kind"), FAULTY)
def test_one_is_opened_whatever_happens_to_the_request(fault: str, kind: str, tmp_path: Path) -> None:
    answer, after, wait = OPENING_FAULTS[fault]
    with scene(kind, tmp_path) as here:
        here.host.faults.append(Fault("POST", OPENING[kind], answer, after=after))
        assert here.word() is Status.OPENED
        assert len(here.host.pulls) == 1
        assert sum(here.clock.slept) >= wait
        assert here.word() is Status.CURRENT
        assert here.host.writes == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_lost_answer_is_looked_up_even_when_the_list_lags(kind: str, tmp_path: Path) -> None:
    with scene(kind, tmp_path) as here:
        here.host.faults.append(Fault("POST", OPENING[kind], Answer(502), after=True))
        here.host.lag = 3
        assert here.word() is Status.OPENED
        assert len(here.host.pulls) == 1


@pytest.mark.parametrize("kind", ["github", "gitlab", "gitea"])
@pytest.mark.parametrize("after", [False, True])
def test_an_update_that_is_lost_is_repeated(kind: str, after: bool, tmp_path: Path) -> None:  # noqa: FBT001
    method = "PUT" if kind == "gitlab" else "PATCH"
    with scene(kind, tmp_path) as here:
        assert here.word() is Status.OPENED
        commit(here.bare, "main", {"Dockerfile": FILE + b"EXPOSE 80\n"})
        here.host.faults.append(Fault(method, "/1", Answer(0, cut=True), after=after))
        assert here.word() is Status.UPDATED
        assert here.word() is Status.CURRENT


def test_a_run_that_ends_between_push_and_opening_goes_on_next_time(tmp_path: Path) -> None:
    with scene("github", tmp_path) as here:
        here.host.faults.append(Fault("POST", "/pulls", Answer(401, b"{}")))
        assert here.word() is Status.UNAUTHORISED
        head = here.head()
        assert head
        assert here.word() is Status.OPENED
        assert here.head() == head
        assert len(here.host.pulls) == 1


def test_a_branch_the_api_does_not_know_yet_is_waited_for(tmp_path: Path) -> None:
    errors = b'{"message": "Validation Failed", "errors": [{"field": "head", "code": "invalid"}]}'
    with scene("github", tmp_path) as here:
        here.host.faults.append(Fault("POST", "/pulls", Answer(422, errors), times=2))
        assert here.word() is Status.OPENED


def test_a_forge_without_drafts_gets_none(tmp_path: Path) -> None:
    from dataclasses import replace

    told = b'{"message": "Draft pull requests are not supported in this repository."}'
    with scene("github", tmp_path) as here:
        here.overrides = lambda settings: replace(settings, draft=True)
        here.host.faults.append(Fault("POST", "/pulls", Answer(422, told)))
        assert here.word() is Status.OPENED
        assert here.host.only()["draft"] is False


def test_reads_are_repeated_and_then_given_up(tmp_path: Path) -> None:
    with scene("github", tmp_path) as here:
        here.host.faults.append(Fault("GET", "/pulls", Answer(503), times=2))
        assert here.word() is Status.OPENED
        here.host.faults.append(Fault("GET", "/pulls", Answer(503), times=99))
        (proposed,) = here.run().proposed
        assert proposed.status is Status.FAILED
        assert "no answer after 5 attempts" in proposed.message


def test_there_is_an_end_to_patience(tmp_path: Path) -> None:
    with scene("github", tmp_path) as here:
        here.host.faults.append(Fault("POST", "/pulls", limited(403, Retry_After="3600")))
        assert here.word() is Status.RATE_LIMITED
        assert max(here.clock.slept, default=0) < 3600


def test_writes_keep_a_second_between_them(tmp_path: Path) -> None:
    with scene("github", tmp_path) as here:
        assert here.word() is Status.OPENED
        commit(here.bare, "main", {"Dockerfile": FILE + b'CMD ["/app"]\n'})
        assert here.word() is Status.WITHDRAWN
        assert here.clock.slept == [1.0]


@pytest.mark.parametrize(
    ("kind", "settings", "status"),
    [
        ("github", {"archived": True}, Status.ARCHIVED),
        ("github", {"has_pull_requests": False}, Status.NO_CHANGES),
        ("github", {"permissions": {"push": False}}, Status.READ_ONLY),
        ("gitlab", {"archived": True}, Status.ARCHIVED),
        ("gitlab", {"merge_requests_access_level": "disabled"}, Status.NO_CHANGES),
        ("gitlab", {"permissions": {"project_access": {"access_level": 20}, "group_access": None}}, Status.READ_ONLY),
        ("gitea", {"archived": True}, Status.ARCHIVED),
        ("gitea", {"has_pull_requests": False}, Status.NO_CHANGES),
        ("gitea", {"permissions": {"push": False}}, Status.READ_ONLY),
    ],
)
def test_what_stands_in_the_way_has_a_word(
    kind: str, settings: dict[str, object], status: Status, tmp_path: Path
) -> None:
    with scene(kind, tmp_path) as here:
        here.host.settings |= settings
        assert here.word() is status
        assert (here.host.writes, here.head()) == ([], "")


def test_a_moved_repository_is_not_followed(tmp_path: Path) -> None:
    with scene("github", tmp_path) as here:
        elsewhere = Answer(301, b"", {"Location": "http://127.0.0.1:1/elsewhere"})
        here.host.faults.append(Fault("GET", "/repos/ann/shop", elsewhere))
        assert here.word() is Status.MOVED


def test_a_next_page_on_another_host_is_not_asked_for(tmp_path: Path) -> None:
    with scene("github", tmp_path) as here:
        link = {"Link": '<http://127.0.0.1:1/page>; rel="next"'}
        here.host.faults.append(Fault("GET", "/pulls", Answer(200, b"[]", link)))
        (proposed,) = here.run().proposed
        assert "another host" in proposed.message
