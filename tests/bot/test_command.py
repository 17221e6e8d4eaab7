"""`dfmod bot` and `dfmod fleet` as people run them: what is printed where, exit codes, and where the token is not."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

import rewriter.cli.bot
import rewriter.cli.fleet  # noqa: F401 (registers the commands)
from rewriter.bot.identity import read_marker
from tests.bot.acting import BRANCH, FILE, Scene, scene
from tests.bot.fake import Fault
from tests.bot.hosting import TOKEN, Answer
from tests.bot.people import commit, git, head_of, new_repository
from tests.command_line import PROGRAM, dfmod, process_environment


@pytest.fixture(name="here")
def here_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setenv("DFMOD_TOKEN", TOKEN)
    with scene("github", tmp_path) as made:
        yield made


def run(here: Scene, *more: str, command: tuple[str, ...] = ("bot",)) -> tuple[int, list[Any], str]:
    """Run a command on the scene's repository; return the exit code, the records and what people were told."""
    here.host.requests.clear()
    ran = dfmod(*command, f"{here.host.origin}/ann/shop", "--forge", "github", *more)
    return ran.code, [json.loads(line) for line in ran.out.splitlines()], ran.err


def test_a_record_a_line_and_a_word_for_people(here: Scene) -> None:
    code, (row,), told = run(here)
    assert code == 0
    assert row["totals"] == {"rewritten": 1, "unchanged": 0, "declined": 0, "failed": 0}
    assert row["files"] == [{"path": "Dockerfile", "outcome": "rewritten", "about": "distroless"}]
    (change,) = row["changes"]
    assert (change["status"], change["number"], change["branch"]) == ("opened", 1, BRANCH)
    assert f"{BRANCH}: opened: {here.host.origin}/ann/shop/pull/1" in told
    code, (row,), _ = run(here)
    assert (code, row["changes"][0]["status"], here.host.writes) == (0, "up-to-date", [])


def test_a_dry_run_shows_every_write_and_makes_none(here: Scene) -> None:
    commit(here.bare, "main", {"Dockerfile": FILE + b"# ::error::x\nRUN true && \\\n ::stop-commands::x\n"})
    code, (row,), told = run(here, "--dry-run")
    assert (code, here.host.writes, here.head()) == (0, [], "")
    assert [write["what"] for write in row["writes"]] == ["push", "open"]
    marker = read_marker(row["writes"][1]["text"])
    assert marker is not None
    assert row["writes"][0]["text"] == f"{marker.head} in place of nothing"
    assert "  would open Make the Dockerfile multi-stage" in told
    assert "  | This splits one Dockerfile" in told
    assert not [line for line in told.splitlines() if line.lstrip().startswith(("::", "##["))]

    run(here)
    assert here.head() == marker.head
    commit(here.bare, "main", {"Dockerfile": FILE + b'CMD ["/app"]\n'})
    _, (row,), _ = run(here, "--dry-run")
    assert [write["what"] for write in row["writes"]] == ["close", "comment", "delete-branch"]
    assert here.host.writes == []


def test_two_runs_make_the_same_commit(here: Scene, tmp_path: Path) -> None:
    def wanted(seed: str) -> str:
        folder = tmp_path / f"tmp-{seed}"
        folder.mkdir()
        variables = {"PYTHONHASHSEED": seed, "TMPDIR": str(folder), "TZ": f"Etc/GMT-{seed}", "GIT_AUTHOR_NAME": seed}
        words = ("bot", f"{here.host.origin}/ann/shop", "--forge", "github", "--dry-run")
        ran = subprocess.run((*PROGRAM, *words), env=process_environment(**variables), capture_output=True, check=True)
        return str(json.loads(ran.stdout)["writes"][0]["text"])

    assert wanted("1") == wanted("2")


def test_what_is_in_the_way_counts_only_when_strict(here: Scene) -> None:
    git(here.bare, "branch", BRANCH, "main")
    assert run(here)[0] == 0
    code, (row,), told = run(here, "--strict")
    assert (code, row["changes"][0]["status"]) == (1, "branch-occupied")
    assert "branch-occupied" in told


def test_a_fault_is_the_exit_code_and_the_others_are_still_done(here: Scene, tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text(
        f"# two\n{here.host.origin}/ann/gone\n\n" + json.dumps({"repository": f"{here.host.origin}/ann/shop"})
    )
    ran = dfmod("bot", "--repositories", str(file), "--forge", "github")
    first, second = (json.loads(line)["changes"][0] for line in ran.out.splitlines())
    assert (ran.code, first["status"], second["status"]) == (2, "unauthorised", "opened")


def test_a_repository_can_say_how_it_wants_it(here: Scene) -> None:
    table = '[bot]\nbranch-prefix = "bots/"\nlabels = ["docker"]\ncommit-message = "chore: {summary}"\n'
    commit(here.bare, "main", {".dfmod.toml": table.encode()})
    assert run(here)[1][0]["changes"][0]["branch"] == "bots/convert"
    assert here.host.only()["labels"] == ["docker"]
    message = git(here.bare, "show", "-s", "--format=%s", "bots/convert")
    assert message == "chore: make the Dockerfile multi-stage and distroless, with tini as PID 1"
    commit(here.bare, "main", {".dfmod.toml": b"[bot]\nenabled = false\n"})
    assert run(here)[1][0]["changes"][0]["status"] == "disabled"
    commit(here.bare, "main", {".dfmod.toml": b"[bot]\nenable = false\n"})
    code, (row,), _ = run(here)
    assert (code, "did you mean 'enabled'" in row["changes"][0]["message"]) == (2, True)


def test_another_base_is_converted_and_proposed_to(here: Scene) -> None:
    git(here.bare, "branch", "release", "main")
    commit(here.bare, "release", {"Dockerfile": FILE + b"EXPOSE 80\n"})
    commit(here.bare, "main", {".dfmod.toml": b'[bot]\nbase = "release"\n'})
    run(here)
    assert here.host.only()["base"] == "release"
    assert git(here.bare, "rev-parse", f"{BRANCH}^") == head_of(here.bare, "release")


def test_a_branch_called_dfmod_is_no_obstacle(here: Scene) -> None:
    git(here.bare, "branch", "dfmod", "main")
    assert run(here)[1][0]["changes"][0]["branch"] == "dfmod-convert"
    assert run(here)[1][0]["changes"][0]["status"] == "up-to-date"


def test_by_folder_there_is_one_for_each_and_room_for_so_many(here: Scene) -> None:
    files = {f"{name}/Dockerfile": FILE for name in ("a", "b", "c")}
    commit(here.bare, "main", {**files, "d/Dockerfile": b"FROM x\n# case: declined\n", "Dockerfile": b'CMD ["/app"]\n'})
    _, (row,), _ = run(here, "--group", "directory")
    words = [(change["branch"].split("-")[1], change["status"]) for change in row["changes"]]
    assert [word for _, word in words].count("opened") == 3
    assert "nothing-to-do" in [word for _, word in words]
    assert run(here, "--group", "directory")[1][0]["changes"][0]["status"] == "up-to-date"
    assert here.host.writes == []

    # A folder that is gone takes its pull request with it.
    gone = {f"{name}/Dockerfile": b'CMD ["/app"]\n' for name in ("a", "b")}
    commit(here.bare, "main", gone)
    _, (row,), _ = run(here, "--group", "repo")
    assert sorted(change["status"] for change in row["changes"]) == ["opened", "withdrawn", "withdrawn", "withdrawn"]


def test_mails_are_written_without_any_forge(tmp_path: Path) -> None:
    bare = new_repository(tmp_path / "shop.git", {"Dockerfile": FILE})
    into = tmp_path / "mails"
    words = ("bot", bare.as_uri(), "--forge", "patch", "--into", str(into))
    assert dfmod(*words, "--dry-run").code == 0
    assert not into.exists()
    ran = dfmod(*words)
    assert (ran.code, json.loads(ran.out)["changes"][0]["status"]) == (0, "written")
    mail, text = sorted(into.iterdir(), key=lambda path: path.suffix, reverse=True)
    assert text.read_text().startswith("This splits one Dockerfile")
    git(tmp_path, "clone", "-q", str(bare), "clone")
    git(tmp_path / "clone", "am", str(mail))
    assert (tmp_path / "clone" / "Dockerfile").read_bytes() == FILE + b'CMD ["/app"]\n'
    stamp = mail.stat().st_mtime_ns
    assert json.loads(dfmod(*words).out)["changes"][0]["status"] == "up-to-date"
    assert mail.stat().st_mtime_ns == stamp


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "no repository; name one"),
        (("https://unknown.example/a/b",), "say which forge this is with --forge"),
        (("https://x:y@github.com/a/b",), "must hold no user and no token"),
        (("https://github.com/a/b", "https://gitlab.com/a/b"), "a token is for one host, here are 2"),
        (("/srv/a.git", "--forge", "patch"), "name one with --into"),
        (("https://github.com/a/b", "--signing", "ssh"), "--signing needs --signing-key"),
        (("https://github.com/a/b", "--token-file", "/gone"), "the token file /gone cannot be read"),
        (("--repositories", "/gone"), "--repositories: /gone cannot be read"),
        (("http://example.org/a/b", "--forge", "gitea"), "a token is not sent over http"),
    ],
)
def test_a_wrong_command_line_says_what_is_wrong(
    words: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DFMOD_TOKEN", TOKEN)
    ran = dfmod("bot", *words)
    assert (ran.code, ran.out) == (2, b"")
    assert told in ran.err
    assert TOKEN not in ran.err


def test_without_a_token_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DFMOD_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    ran = dfmod("bot", "https://github.com/a/b")
    assert (ran.code, "no token; set DFMOD_TOKEN" in ran.err) == (2, True)


@contextmanager
def watched(folder: Path, needles: tuple[bytes, ...]) -> Iterator[list[str]]:
    """Look, all the time, at every command line of the machine and every file below a folder; yield what has one."""
    found: list[str] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            files = [Path(place, name) for place, _, names in os.walk(folder) for name in names]
            for path in (*Path("/proc").glob("[0-9]*/cmdline"), *files):
                with suppress(OSError):  # It is gone again.
                    data = path.read_bytes()
                    found.extend(str(path) for needle in needles if needle in data)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("fails", [False, True])
def test_the_token_is_nowhere(fails: bool, tmp_path: Path) -> None:  # noqa: FBT001
    import base64

    place = tmp_path / "place"
    place.mkdir()
    basic = base64.b64encode(f"x-access-token:{TOKEN}".encode())
    needles = (TOKEN.encode(), basic)
    traces = (
        "GIT_TRACE",
        "GIT_TRACE_CURL",
        "GIT_TRACE2_EVENT",
        "GIT_TRACE2_ENV_VARS",
        "GIT_CURL_VERBOSE",
        "GIT_TRACE_PACKET",
    )
    variables = {name: str(place / "trace") for name in traces} | {
        "DFMOD_TOKEN": TOKEN,
        "TMPDIR": str(place),
        "HOME": str(place),
    }
    with ExitStack() as stack:
        here = stack.enter_context(scene("github", tmp_path / "forge"))
        if fails:
            echo = f'{{"message": "you sent {TOKEN}"}}'.encode()
            here.host.faults.append(Fault("POST", "/pulls", Answer(422, echo)))
        found = stack.enter_context(watched(place, needles))
        ran = subprocess.run(
            (*PROGRAM, "bot", f"{here.host.origin}/ann/shop", "--forge", "github"),
            cwd=place,
            env=process_environment(**variables),
            capture_output=True,
            check=False,
        )
        (change,) = json.loads(ran.stdout)["changes"]
        assert change["status"] == ("failed" if fails else "opened")
        assert not any(needle in ran.stdout + ran.stderr for needle in needles)
    assert found == []
    assert [path for path in place.iterdir() if path.name != "trace"] == []
    assert all(needle not in path.read_bytes() for needle in needles for path in place.iterdir())


def test_the_watch_sees_what_it_is_for(tmp_path: Path) -> None:
    with watched(tmp_path, (b"a-needle-in-a-command",)) as found:
        subprocess.run(("sh", "-c", "sleep 0.3 # a-needle-in-a-command"), check=True)
        (tmp_path / "file").write_bytes(b"a-needle-in-a-command")
        threading.Event().wait(0.2)
    assert {Path(path).name for path in found} == {"cmdline", "file"}


def test_a_fleet_from_survey_to_close(here: Scene, tmp_path: Path) -> None:
    ledger = ("--ledger", str(tmp_path / "fleet.jsonl"))
    code, (row,), _ = run(here, *ledger, command=("fleet", "survey"))
    assert (code, row["step"], row["totals"]["rewritten"], here.host.requests) == (0, "survey", 1, [])
    assert run(here, *ledger, "--wave", "canary", command=("fleet", "roll-out"))[:2] == (0, [])
    assert here.host.pulls == []
    code, (row,), _ = run(here, *ledger, command=("fleet", "roll-out"))
    assert (code, row["changes"][0]["status"]) == (0, "opened")
    code, (row,), _ = run(here, *ledger, command=("fleet", "status"))
    assert row["changes"][0]["status"] == "open"
    ran = dfmod("fleet", "report", *ledger)
    assert (ran.code, ran.out.startswith(b"# 1 repositories, 1 Dockerfiles")) == (0, True)
    code, (row,), _ = run(here, *ledger, command=("fleet", "close"))
    assert (code, row["changes"][0]["status"], here.head()) == (0, "withdrawn", "")


def test_other_commands_do_not_load_the_bot() -> None:
    script = "import sys; sys.argv = ['dfmod', 'explain', 'init']\nimport rewriter.cli\ntry:\n    rewriter.cli.main()\n"
    script += "finally:\n    print([m for m in sys.modules if 'bot' in m or m in ('httpx', 'jinja2')], file=sys.stderr)"
    ran = subprocess.run(
        (PROGRAM[0], "-c", script), env=process_environment(), capture_output=True, check=True, cwd=os.curdir
    )
    assert ran.stderr == b"[]\n"
