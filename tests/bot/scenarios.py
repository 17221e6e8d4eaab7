"""What happens to a pull request, step by step, the same on every forge. Each is run with and without a judge."""

from __future__ import annotations

from dataclasses import replace

from rewriter.bot.identity import RETAKE_LABEL, read_marker
from rewriter.bot.status import Status
from tests.bot.acting import BRANCH, FILE, Scene
from tests.bot.people import commit, git, head_of


def opens_one_and_leaves_it_alone(scene: Scene) -> None:
    assert scene.word() is Status.OPENED
    pull = scene.host.only()
    marker = read_marker(pull["body"])
    assert marker is not None
    assert marker.head == scene.head()
    assert (pull["head"], pull["base"], pull["state"]) == (BRANCH, "main", "open")
    assert scene.word() is Status.CURRENT
    assert scene.host.writes == []
    commit(scene.bare, "main", {"README": b"words\n"})
    assert scene.word() is Status.CURRENT
    assert scene.host.writes == []


def follows_the_file(scene: Scene) -> None:
    assert scene.word() is Status.OPENED
    first = scene.head()
    scene.host.only()["title"] = "By hand"
    commit(scene.bare, "main", {"Dockerfile": FILE + b"EXPOSE 80\n"})
    assert scene.word() is Status.UPDATED
    marker = read_marker(scene.host.only()["body"])
    assert marker is not None
    assert first != scene.head() == marker.head
    assert scene.host.only()["title"] == "By hand"
    assert scene.word() is Status.CURRENT
    assert scene.host.writes == []


def leaves_somebodys_branch_alone_until_they_tick_the_box(scene: Scene) -> None:
    assert scene.word() is Status.OPENED
    theirs = commit(scene.bare, BRANCH, {"Dockerfile": b"FROM theirs\n"})
    assert scene.word() is Status.EDITED
    assert (scene.host.writes, scene.head()) == ([], theirs)
    pull = scene.host.only()
    pull["body"] = pull["body"].replace("- [ ]", "- [x]").replace("\n", "\r\n")
    assert scene.word() is Status.UPDATED
    assert scene.head() != theirs
    assert "- [ ]" in pull["body"]
    assert scene.word() is Status.CURRENT
    assert scene.host.writes == []


def takes_the_branch_back_by_label(scene: Scene) -> None:
    assert scene.word() is Status.OPENED
    commit(scene.bare, BRANCH, {"Dockerfile": b"FROM theirs\n"})
    scene.host.only()["labels"] += [RETAKE_LABEL, "other"]
    assert scene.word() is Status.UPDATED
    assert scene.host.only()["labels"] == ["other"]
    assert scene.word() is Status.CURRENT
    assert scene.host.writes == []


def keeps_declined_what_is_declined(scene: Scene) -> None:
    assert scene.word() is Status.OPENED
    scene.host.only()["state"] = "closed"
    assert scene.word() is Status.DECLINED
    assert scene.host.writes == []
    commit(scene.bare, "main", {"Dockerfile": FILE + b"EXPOSE 80\n"})
    assert scene.word() is Status.OPENED
    assert [pull["state"] for pull in scene.host.pulls] == ["closed", "open"]
    assert "An earlier proposal, " in scene.host.pulls[1]["body"]
    assert scene.word() is Status.CURRENT


def proposes_anew_after_a_merge(scene: Scene) -> None:
    assert scene.word() is Status.OPENED
    before = head_of(scene.bare, "main")
    git(scene.bare, "update-ref", "refs/heads/main", scene.head())
    scene.host.only()["state"] = "merged"
    assert scene.word() is Status.NOTHING
    git(scene.bare, "update-ref", "refs/heads/main", before)
    assert scene.word() is Status.REVERTED
    commit(scene.bare, "main", {"Dockerfile": FILE + b"EXPOSE 80\n"})
    assert scene.word() is Status.OPENED


def withdraws_when_nothing_is_left(scene: Scene) -> None:
    assert scene.word() is Status.OPENED
    commit(scene.bare, "main", {"Dockerfile": FILE + b'CMD ["/app"]\n'})
    assert scene.word() is Status.WITHDRAWN
    marker = read_marker(scene.host.only()["body"])
    assert marker is not None
    assert marker.withdrawn
    assert (scene.host.only()["state"], scene.head(), len(scene.host.comments)) == ("closed", "", 1)
    assert scene.word() is Status.NOTHING
    assert scene.host.writes == []
    commit(scene.bare, "main", {"Dockerfile": FILE})
    assert scene.word() is Status.OPENED


def proposes_with_labels_and_reviewers_as_a_draft(scene: Scene) -> None:
    scene.overrides = lambda settings: replace(settings, labels=("dfmod",), reviewers=("bea",), draft=True)
    assert scene.word() is Status.OPENED
    pull = scene.host.only()
    if scene.host.kind != "bitbucket":
        assert pull["labels"] == ["dfmod"]
    if scene.host.kind in ("github", "gitea"):
        assert pull["reviewers"] == ["bea"]
    if scene.host.kind in ("gitlab", "gitea"):
        assert pull["title"].startswith(("Draft: ", "WIP: "))
    assert scene.word() is Status.CURRENT


def is_not_taken_in_by_a_fork(scene: Scene) -> None:
    git(scene.bare, "branch", BRANCH, "main")
    scene.host.create("From a fork", "words", BRANCH, "main", fork=True, state="closed")
    git(scene.bare, "branch", "-D", BRANCH)
    assert scene.word() is Status.OPENED


def finds_its_own_on_a_later_page(scene: Scene) -> None:
    assert scene.word() is Status.OPENED
    git(scene.bare, "branch", "feature", "main")
    for _ in range(5):
        scene.host.create("Other", "words", "feature", "main", state="merged")
    scene.host.per_page = 2
    assert scene.word() is Status.CURRENT
    assert scene.host.writes == []


SCENARIOS = (
    opens_one_and_leaves_it_alone,
    follows_the_file,
    leaves_somebodys_branch_alone_until_they_tick_the_box,
    takes_the_branch_back_by_label,
    keeps_declined_what_is_declined,
    proposes_anew_after_a_merge,
    withdraws_when_nothing_is_left,
    proposes_with_labels_and_reviewers_as_a_draft,
    is_not_taken_in_by_a_fork,
    finds_its_own_on_a_later_page,
)
