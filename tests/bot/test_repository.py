"""The git side: real repositories, a real server on loopback, real refusals."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rewriter.bot.git import Git
from rewriter.bot.identity import FileChange, file_digest, plan_digest
from rewriter.bot.repository import Look, Repository, Signing, clone, look
from rewriter.bot.secret import Secret
from rewriter.bot.status import BotError, Status
from rewriter.report.diff import blob_id
from tests.bot.hosting import TOKEN, git_answer, serve
from tests.bot.people import commit, file_of, git, head_of, new_repository

OLD, NEW = b"FROM golang:1.20\r\nENTRYPOINT ./app", b"FROM scratch\r\n"
BRANCH = "dfmod/convert"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    return new_repository(
        tmp_path / "hosted" / "ann" / "shop.git", {"Dockerfile": OLD, "app/main.go": b"package main\n"}
    )


@pytest.fixture
def origin(bare: Path) -> Iterator[str]:
    root = bare.parent.parent
    with serve(lambda asked: git_answer(asked, root)) as where:
        yield where


def cloned(bare: Path, folder: Path, **more: Signing) -> Repository:
    folder.mkdir()
    return clone(bare.as_uri(), folder, branch="main", commit=head_of(bare, "main"), **more)  # type: ignore[arg-type]


def change() -> FileChange:
    return FileChange(b"Dockerfile", blob_id(OLD), blob_id(NEW), "100644")


def made(repository: Repository, subject: str = "build: convert") -> str:
    repository.store(NEW)
    return repository.commit((change(),), subject)


def test_a_look_shows_the_default_branch_and_all_heads(bare: Path, tmp_path: Path) -> None:
    git(bare, "branch", "dfmod", "main")
    head = head_of(bare, "main")
    assert look(bare.as_uri(), tmp_path, None) == Look("main", {"main": head, "dfmod": head})


def test_two_clones_make_the_same_commit(bare: Path, tmp_path: Path) -> None:
    first, second = cloned(bare, tmp_path / "one"), cloned(bare, tmp_path / "two")
    assert made(first) == made(second)
    tree = git(first.folder, "ls-tree", "-r", "--name-only", made(first)).splitlines()
    assert tree == ["Dockerfile", "app/main.go"]
    assert file_of(first.folder, made(first), "Dockerfile") == NEW


def test_a_signed_commit_is_the_same_each_time_and_still_proves_itself(bare: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bot", "-f", key), check=True)
    signing = Signing("ssh", str(key))
    first, second = cloned(bare, tmp_path / "one", signing=signing), cloned(bare, tmp_path / "two", signing=signing)
    assert made(first) == made(second)
    assert "gpgsig -----BEGIN SSH SIGNATURE-----" in git(first.folder, "cat-file", "commit", made(first))
    first.push(made(first), BRANCH, None)
    assert second.own(BRANCH, made(first)) is not None


def test_the_work_tree_is_as_git_has_it_whatever_attributes_say(bare: Path, tmp_path: Path) -> None:
    commit(bare, "main", {".gitattributes": b"* text eol=lf ident filter=evil\n", "Id": b"$Id$\r\n"})
    repository = cloned(bare, tmp_path / "one")
    assert (repository.folder / "Dockerfile").read_bytes() == OLD
    assert (repository.folder / "Id").read_bytes() == b"$Id$\r\n"
    assert repository.files()[b"Dockerfile"] == ("100644", blob_id(OLD))


def test_a_commit_of_the_bot_proves_itself(bare: Path, tmp_path: Path) -> None:
    repository = cloned(bare, tmp_path / "one")
    head = made(repository)
    repository.push(head, BRANCH, None)
    own = cloned(bare, tmp_path / "two").own(BRANCH, head)
    assert own is not None
    assert own.base == head_of(bare, "main")
    assert own.plan == plan_digest((change(),))


@pytest.mark.parametrize(
    ("what", "variables", "arguments"),
    [
        ("another person", {"GIT_COMMITTER_NAME": "Ann"}, ()),
        ("another day", {"GIT_COMMITTER_DATE": "@1700000000 +0000"}, ()),
        ("another text", {}, ("-m", "words\n\nDfmod-Version: 1\nDfmod-Plan: " + "0" * 64)),
        ("no trailer", {}, ("-m", "words")),
    ],
)
def test_an_amended_commit_of_the_bot_is_not_its_own(
    bare: Path, tmp_path: Path, what: str, variables: dict[str, str], arguments: tuple[str, ...]
) -> None:
    repository = cloned(bare, tmp_path / "one")
    head = made(repository)
    date = "@" + git(bare, "show", "-s", "--format=%ct", "main") + " +0000"
    people = {
        f"GIT_{who}_{field}": value
        for who in ("AUTHOR", "COMMITTER")
        for field, value in (("NAME", "dfmod"), ("EMAIL", "dfmod@users.noreply.invalid"), ("DATE", date))
    }
    text = git(repository.folder, "show", "-s", "--format=%B", head)
    tree = git(repository.folder, "rev-parse", f"{head}^{{tree}}")
    base = head_of(bare, "main")
    same = git(repository.folder, "commit-tree", "-p", base, "-m", text, tree, env=people)
    assert same == head
    amended = git(
        repository.folder, "commit-tree", "-p", base, *(arguments or ("-m", text)), tree, env=people | variables
    )
    assert amended != head, what
    repository.push(amended, BRANCH, None)
    assert repository.own(BRANCH, amended) is None


def test_a_commit_that_changes_something_else_is_not_the_bots_whatever_it_says(bare: Path, tmp_path: Path) -> None:
    repository = cloned(bare, tmp_path / "one")
    head = made(repository)
    repository.push(head, BRANCH, None)
    on_top = commit(bare, BRANCH, {"app/main.go": b"package evil\n"})
    assert repository.own(BRANCH, on_top) is None


def test_a_push_wants_the_branch_as_it_was_seen(bare: Path, tmp_path: Path) -> None:
    repository = cloned(bare, tmp_path / "one")
    head = made(repository)
    repository.push(head, BRANCH, None)
    theirs = commit(bare, BRANCH, {"Dockerfile": b"FROM theirs\n"})
    other = made(repository, "build: another")
    for lease in (None, head):
        with pytest.raises(BotError) as refused:
            repository.push(other, BRANCH, lease)
        assert refused.value.status is Status.LEASE
    with pytest.raises(BotError) as refused:
        repository.delete(BRANCH, head)
    assert refused.value.status is Status.LEASE
    assert head_of(bare, BRANCH) == theirs
    repository.push(other, BRANCH, theirs)
    repository.delete(BRANCH, other)
    assert head_of(bare, BRANCH) == ""


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("protected branch hook declined", Status.PROTECTED),
        ("this branch is in a merge queue", Status.QUEUED),
        ("no", Status.PUSH_REFUSED),
    ],
)
def test_a_push_that_a_hook_declines_has_a_word(bare: Path, tmp_path: Path, said: str, status: Status) -> None:
    hook = bare / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    hook.chmod(0o755)
    repository = cloned(bare, tmp_path / "one")
    with pytest.raises(BotError) as refused:
        repository.push(made(repository), BRANCH, None)
    assert refused.value.status is status


def test_nothing_of_a_repository_or_of_the_machine_runs(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {trace}\ncat\n")
    program.chmod(0o755)
    configuration = tmp_path / "gitconfig"
    configuration.write_text(
        f'[core]\nhooksPath={tmp_path}\nfsmonitor={program}\n[filter "evil"]\nsmudge={program}\nclean={program}\n'
        f"[credential]\nhelper=!{program}\n[commit]\ngpgSign=true\n[gpg]\nprogram={program}\n"
    )
    for hook in ("post-checkout", "pre-push", "reference-transaction", "post-index-change"):
        (tmp_path / hook).symlink_to(program)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(tmp_path))
    commit(bare, "main", {".gitattributes": b"* filter=evil\n"})
    repository = cloned(bare, tmp_path / "one")
    repository.push(made(repository), BRANCH, None)
    assert not trace.exists()


def test_the_token_reaches_the_server_and_nothing_else(
    origin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bare: Path
) -> None:
    trace = tmp_path / "trace"
    for name in ("GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE2_EVENT", "GIT_TRACE_PACKET", "GIT_CURL_VERBOSE"):
        monkeypatch.setenv(name, str(trace))
    folder = tmp_path / "clone"
    folder.mkdir()
    secret = Secret(origin, "bot", TOKEN)
    url = f"{origin}/ann/shop.git"
    seen = look(url, tmp_path, secret)
    repository = clone(url, folder, branch="main", commit=seen.heads["main"], secret=secret)
    head = made(repository)
    repository.push(head, BRANCH, None)
    assert head_of(bare, BRANCH) == head
    assert repository.own(BRANCH, head) is not None
    spellings = (TOKEN.encode(), secret.basic.removeprefix("Basic ").encode())
    for path in (p for p in tmp_path.rglob("*") if p.is_file()):
        assert not any(spelling in path.read_bytes() for spelling in spellings), path
    assert TOKEN not in repr(repository)
    assert TOKEN not in repr(secret)


def test_a_wrong_token_is_said_and_not_shown(origin: str, tmp_path: Path) -> None:
    secret = Secret(origin, "bot", "tok-wrong-9876543210")
    with pytest.raises(BotError) as refused:
        look(f"{origin}/ann/shop.git", tmp_path, secret)
    assert refused.value.status is Status.UNAUTHORISED
    assert secret.token not in str(refused.value)


def test_a_token_goes_to_its_own_origin_only(origin: str, tmp_path: Path) -> None:
    secret = Secret("http://127.0.0.1:1", "bot", TOKEN)
    with pytest.raises(BotError) as refused:
        look(f"{origin}/ann/shop.git", tmp_path, secret)
    assert refused.value.status is Status.UNAUTHORISED


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    from tests.bot.hosting import Answer, Asked

    seen: list[Asked] = []

    def elsewhere(asked: Asked) -> Answer:
        seen.append(asked)
        return Answer(200, b"")

    with (
        serve(elsewhere) as other,
        serve(lambda a: Answer(301, b"", {"Location": other + a.path + "?" + a.query})) as here,
    ):
        with pytest.raises(BotError) as refused:
            look(f"{here}/ann/shop.git", tmp_path, Secret(here, "bot", TOKEN))
        assert refused.value.status is Status.MOVED
    assert seen == []


def test_git_does_not_see_the_tokens_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("SOMETHING_ELSE", TOKEN)
    spy = tmp_path / "git"
    spy.write_text("#!/bin/sh\nenv\n")
    spy.chmod(spy.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert TOKEN.encode() not in Git(tmp_path, Secret("https://x", "u", TOKEN)).run("status")


def test_digests_tell_paths_from_contents() -> None:
    def one(path: bytes, before: str) -> str:
        return plan_digest((FileChange(path, before, "b", "100644"),))

    assert one(b"a", "bc") != one(b"ab", "c")
    assert file_digest(b"a", "bc") != file_digest(b"ab", "c")
    two = (FileChange(b"a", "1", "2", "100644"), FileChange(b"b", "1", "2", "100644"))
    assert plan_digest(two) == plan_digest(reversed(two))


def test_a_mail_applies(bare: Path, tmp_path: Path) -> None:
    repository = cloned(bare, tmp_path / "one")
    mail = repository.mail(made(repository))
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(bare), str(other))
    git(other, "am", "--keep-cr", stdin=mail)
    assert (other / "Dockerfile").read_bytes() == NEW
