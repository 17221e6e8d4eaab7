"""The bot against a real forge: Pagure on loopback, over HTTP, with real git and people who do as they like."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from rewriter.bot.api import Pace
from rewriter.bot.forges import forge_of, secret_of
from rewriter.bot.identity import read_marker
from rewriter.bot.status import Status
from rewriter.bot.target import target_of
from rewriter.bot.visit import Desk, Visit, visit
from tests.bot.cases import convert
from tests.bot.people import git
from tests.lab import forge as lab

pytestmark = pytest.mark.engine

BRANCH = "dfmod/convert"
FILE = b"FROM golang:1.20\nENTRYPOINT ./app\n"


@pytest.fixture(scope="module", name="pagure")
def pagure_() -> Iterator[lab.Forge]:
    with lab.running() as forge:
        yield forge


@dataclass
class Project:
    """A project of alice's in which the bot may push, and a clone of hers."""

    forge: lab.Forge
    name: str
    clone: Path
    writes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.forge.url}/{self.name}.git"

    def ask(self, path: str, **form: str) -> Any:
        """Ask the API as alice; a form makes it a POST."""
        headers = {"Authorization": f"token {self.forge.tokens['alice']}"}
        method = "POST" if form else "GET"
        address = f"{self.forge.url}/api/0/{path}"
        answer = httpx.request(method, address, data=form or None, headers=headers, timeout=120)
        return answer.raise_for_status().json()

    def git(self, *arguments: str) -> str:
        """Run git as alice, with her token."""
        value = base64.b64encode(f"alice:{self.forge.tokens['alice']}".encode()).decode()
        return git(self.clone, "-c", f"http.extraHeader=Authorization: Basic {value}", *arguments)

    def push_file(self, content: bytes, branch: str = "main", name: str = "Dockerfile") -> str:
        """Commit a file on top of a branch and push it; return the commit."""
        if branch != "main":
            self.git("fetch", "-q", self.url, branch)
            self.git("checkout", "-q", "--detach", "FETCH_HEAD")
        else:
            self.git("checkout", "-q", "main")
        (self.clone / name).write_bytes(content)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "Work")
        self.git("push", "-q", self.url, f"HEAD:refs/heads/{branch}")
        return self.git("rev-parse", "HEAD")

    def head(self, branch: str = BRANCH) -> str:
        return self.git("ls-remote", self.url, f"refs/heads/{branch}").partition("\t")[0]

    def requests(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask(f"{self.name}/pull-requests?status=all")["requests"]
        return sorted(found, key=lambda row: row["id"])

    def run(self) -> Visit:
        """Run the bot once."""
        self.writes.clear()
        target = target_of(self.url, "pagure")
        secret = secret_of(target, self.forge.tokens["dfmod-bot"], "dfmod-bot")
        pace = Pace(on_write=lambda method, path: self.writes.append((method, path)))
        return visit(target, forge_of(target, secret, pace), Desk(convert, secret))

    def word(self) -> Status:
        """Run the bot once and return what became of the one pull request."""
        (proposed,) = self.run().proposed
        assert proposed.status not in (Status.FAILED, Status.UNAUTHORISED), proposed.message
        return proposed.status


@pytest.fixture
def project(pagure: lab.Forge, tmp_path: Path) -> Project:
    name = f"shop-{secrets.token_hex(4)}"
    clone = tmp_path / "alice"
    clone.mkdir()
    git(clone, "init", "-q", "--initial-branch=main")
    made = Project(pagure, name, clone)
    made.ask("new", name=name, description="d", default_branch="main", wait="true")
    made.ask(f"{name}/git/modifyacls", user_type="user", name="dfmod-bot", acl="commit")
    (clone / "Dockerfile").write_bytes(FILE)
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "First")
    made.git("push", "-q", made.url, "main")
    return made


def test_it_opens_one_request_and_then_leaves_it_alone(project: Project) -> None:
    assert project.word() is Status.OPENED
    (request,) = project.requests()
    head = project.head()
    assert request["status"] == "Open"
    assert request["branch_from"] == BRANCH
    assert request["user"]["name"] == "dfmod-bot"
    marker = read_marker(request["initial_comment"])
    assert marker is not None
    assert marker.head == head

    assert project.word() is Status.CURRENT
    assert project.writes == []
    assert project.head() == head
    assert project.requests()[0]["initial_comment"] == request["initial_comment"]

    # The base moves elsewhere: still nothing to do.
    project.push_file(b"words\n", name="README")
    assert project.word() is Status.CURRENT
    assert (project.writes, project.head()) == ([], head)


def test_it_follows_the_file_and_can_be_merged(project: Project) -> None:
    assert project.word() is Status.OPENED
    first = project.head()
    project.push_file(FILE + b"EXPOSE 80\n")
    assert project.word() is Status.UPDATED
    (request,) = project.requests()
    marker = read_marker(request["initial_comment"])
    assert marker is not None
    assert first != project.head() == marker.head
    assert project.word() is Status.CURRENT
    assert project.writes == []

    _merge(project, request["id"])
    assert project.requests()[0]["status"] == "Merged"
    project.git("fetch", "-q", project.url, "main")
    assert b"CMD" in project.git("show", "FETCH_HEAD:Dockerfile").encode()
    assert project.word() is Status.NOTHING
    assert project.writes == []


def test_it_leaves_a_branch_alone_that_somebody_pushed_to(project: Project) -> None:
    assert project.word() is Status.OPENED
    theirs = project.push_file(b"FROM theirs\n", branch=BRANCH)
    assert project.word() is Status.EDITED
    project.push_file(FILE + b"EXPOSE 80\n")
    assert project.word() is Status.EDITED
    assert (project.writes, project.head()) == ([], theirs)

    # They give it back by ticking the box.
    request = project.requests()[0]
    ticked = request["initial_comment"].replace("- [ ]", "- [x]")
    project.ask(f"{project.name}/pull-request/{request['id']}", title="Mine now", initial_comment=ticked)
    assert project.word() is Status.UPDATED
    assert project.head() != theirs
    assert project.requests()[0]["title"] == "Mine now"
    assert project.word() is Status.CURRENT


def test_what_is_declined_stays_declined_until_the_file_changes(project: Project) -> None:
    assert project.word() is Status.OPENED
    first = project.requests()[0]["id"]
    project.ask(f"{project.name}/pull-request/{first}/close", x="y")
    assert project.word() is Status.DECLINED
    project.push_file(b"words\n", name="README")
    assert project.word() is Status.DECLINED
    assert project.writes == []

    project.push_file(FILE + b"EXPOSE 80\n")
    assert project.word() is Status.OPENED
    closed, opened = project.requests()
    assert (closed["status"], opened["status"]) == ("Closed", "Open")
    assert f"PR#{first}" in opened["initial_comment"]


def test_it_withdraws_when_nothing_is_left_to_change(project: Project) -> None:
    assert project.word() is Status.OPENED
    project.push_file(FILE + b'CMD ["/app"]\n')
    assert project.word() is Status.WITHDRAWN
    (request,) = project.requests()
    marker = read_marker(request["initial_comment"])
    assert marker is not None
    assert marker.withdrawn
    assert (request["status"], project.head()) == ("Closed", "")
    assert project.word() is Status.NOTHING
    assert project.writes == []

    # The bot's own closing is no refusal.
    project.push_file(FILE)
    assert project.word() is Status.OPENED


def test_a_push_that_comes_in_between_is_not_overwritten(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from rewriter.bot.repository import Repository

    assert project.word() is Status.OPENED
    project.push_file(FILE + b"EXPOSE 80\n")
    pushed: list[str] = []
    really = Repository.push

    def push_late(self: Repository, commit: str, branch: str, lease: str | None) -> None:
        pushed.append(project.push_file(b"FROM theirs\n", branch=BRANCH))
        really(self, commit, branch, lease)

    monkeypatch.setattr(Repository, "push", push_late)
    assert project.word() is Status.LEASE
    assert [project.head()] == pushed
    monkeypatch.undo()
    assert project.word() is Status.EDITED


def test_a_wrong_token_is_said(project: Project) -> None:
    wrong = Project(lab.Forge(project.forge.url, {"dfmod-bot": "wrong-" + "0" * 20}), project.name, project.clone)
    (proposed,) = wrong.run().proposed
    assert proposed.status is Status.UNAUTHORISED


def _merge(project: Project, number: int) -> None:
    """Merge as alice; the forge notices a push some seconds later, and says so with an error."""
    merge = f"{project.name}/pull-request/{number}/merge"
    for _ in range(30):
        with suppress(httpx.HTTPStatusError):
            project.ask(merge, wait="true")
        if project.requests()[-1]["status"] == "Merged":
            return
        time.sleep(2)
    raise AssertionError("never merged")
