"""`dfmod verify` as people run it: what it prints and exits with, and that it leaves nothing behind however it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rewriter.engine import cleanup, containers
from tests.command_line import Ran, process_environment, spawn
from tests.e2e import harness
from tests.e2e.harness import CLIENT
from tests.e2e.run_file import case
from tests.lab.images import ensure

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("bases")]
DFMOD = (sys.executable, "-m", "rewriter")
PREFORK = case("go-prefork")
CONTEXT = ("--context", str(PREFORK.context), "--build-args", "--network host")
ORIGINAL = str(PREFORK.folder / "original.Dockerfile")
PATIENCE = 120


@pytest.fixture(scope="module")
def bases(lab: None) -> None:  # noqa: ARG001 - the images need the engine
    for name in ("golang:1.20", "gcr.io/distroless/base-debian13", "debian:bookworm-slim"):
        ensure(name)


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """Whatever a test runs, there are as many containers, images, networks, volumes and processes afterwards."""
    before = standing()
    yield
    assert standing() == before


def standing() -> dict[str, frozenset[str]]:
    """Return what there is that a run could have left; the engine's own volumes have no name of ours, so all count."""
    return {
        "containers": frozenset(cleanup.containers_of_ours(CLIENT)),
        "images": frozenset(cleanup.images_of_ours(CLIENT)),
        "networks": frozenset(cleanup.networks_of_ours(CLIENT)),
        "volumes": frozenset(docker("volume", "ls", "--quiet").split()),
        "processes": frozenset(children()),
    }


def children() -> Iterator[str]:
    """Yield the commands of this session's processes below this one, but for what asks."""
    listed = subprocess.run(("ps", "-eo", "pid=,ppid=,args="), capture_output=True, text=True, check=True).stdout
    for row in listed.splitlines():
        _, parent, command = row.split(maxsplit=2)
        if int(parent) == os.getpid() and not command.startswith("ps "):
            yield command


def docker(*words: str) -> str:
    return subprocess.run(("docker", *words), capture_output=True, text=True, check=True).stdout


def verify(*words: str, path: str = ORIGINAL) -> Ran:
    return spawn("verify", path, *CONTEXT, *words, program=DFMOD)


def test_the_conversion_of_the_prefork_server_does_the_same() -> None:
    ran = verify("--probe", "GET /health", "--probe", "GET /")
    assert ran.code == 0, ran
    rows = ran.out.decode().splitlines()
    assert [row.split()[0] for row in rows if re.match(r"B\d\d ", row)] == [f"B{n:02}" for n in range(1, 27)]
    assert not [row for row in rows if "differs" in row]
    assert re.fullmatch(r"size +6\d\d\.\d MB +3\d\.\d MB", next(row for row in rows if row.startswith("size")))
    assert rows[-1].startswith("Verified: ")
    assert ran.err.splitlines()[:3] == ["building the original", "building the conversion", "running both"]


def test_the_split_by_hand_differs() -> None:
    ran = verify("--against", str(PREFORK.folder / "handmade.Dockerfile"))
    assert ran.code == 1
    assert "exited 1 after 1 s; original stayed up" in ran.out.decode()


def test_json_tells_the_same_to_programs() -> None:
    ran = verify("--against", str(PREFORK.folder / "handmade.Dockerfile"), "--format", "json")
    found = json.loads(ran.out)
    assert (ran.code, found["schema"], found["outcome"], found["engine"]) == (1, 1, "differs", "docker")
    exits = next(check for check in found["checks"] if check["id"] == "B02")
    assert exits["status"] == "differs"
    (difference,) = exits["differences"]
    assert (difference["before"], difference["after"], difference["announced_by"]) == ("None", "1", None)
    assert found["images"]["before"]["package_managers"] == ["apt", "apt-get", "dpkg"]


def test_an_original_that_does_not_build_is_said_plainly() -> None:
    ran = verify(path=str(PREFORK.folder / "Dockerfile"))
    assert (ran.code, ran.out) == (2, b"")
    said = ran.err.splitlines()
    assert said[1].endswith(
        "the original does not build, so there is nothing to compare; nothing is said of the conversion"
    )
    assert said[2].strip() == "$GOPATH/go.mod exists but should not"


def test_a_conversion_that_does_not_build_is_a_difference(tmp_path: Path) -> None:
    against = tmp_path / "Dockerfile"
    against.write_text("FROM debian:bookworm-slim\nRUN echo cannot be done && false\n")
    ran = verify("--against", str(against))
    assert ran.code == 1
    assert "B01 build: differs: the conversion does not build; the original does" in ran.err
    assert "cannot be done" in ran.err


def test_a_program_that_neither_ends_nor_listens_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text('FROM debian:bookworm-slim\nCMD ["sleep", "1000"]\n')
    (tmp_path / "other").write_text('FROM debian:bookworm-slim\nCMD ["sleep", "0.1"]\n')
    started = time.monotonic()
    ran = spawn("verify", str(tmp_path), "--against", str(tmp_path / "other"), "--timeout", "2", program=DFMOD)
    assert ran.code == 1
    assert "exited 0 after 1 s; original stayed up" in ran.out.decode()
    assert time.monotonic() - started < PATIENCE


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["interrupt", "terminate"]
)
@pytest.mark.parametrize("moment", ["building", "running"])
def test_what_was_started_is_removed_when_it_is_cut_short(
    number: signal.Signals, code: int, moment: str, tmp_path: Path
) -> None:
    wait = "RUN sleep 100\n" if moment == "building" else ""
    (tmp_path / "Dockerfile").write_text(f'FROM debian:bookworm-slim\n{wait}CMD ["sleep", "1000"]\n')
    words = ("verify", tmp_path, "--against", tmp_path / "Dockerfile", "--build-args", "--network host")
    with subprocess.Popen(
        (*DFMOD, *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=process_environment()
    ) as run:
        if moment == "building":
            assert run.stderr is not None
            assert run.stderr.readline() == b"building the original\n"
            time.sleep(1)
        else:
            until(lambda: any(str(run.pid) in name for name in cleanup.containers_of_ours(CLIENT)))
        run.send_signal(number)
        run.communicate(timeout=PATIENCE)
    assert run.returncode == code


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text('FROM debian:bookworm-slim\nCMD ["sleep", "1000"]\n')
    words = ("verify", tmp_path, "--against", tmp_path / "Dockerfile", "--build-args", "--network host")
    with subprocess.Popen((*DFMOD, *words), env=process_environment()) as run:
        until(lambda: any(str(run.pid) in name for name in cleanup.containers_of_ours(CLIENT)))
        run.kill()
    assert cleanup.containers_of_ours(CLIENT)
    cleanup.remove_leftovers(CLIENT)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--probe", "health"), "--probe 'health': write 'GET /health'"),
        (("--env", "PORT"), "--env PORT: write NAME=VALUE"),
        (("--run-args", "'"), "--run-args: no closing quotation"),
        (("--against", "/absent"), "no such file"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_built(words: tuple[str, ...], said: str) -> None:
    ran = spawn("verify", ORIGINAL, *words, program=DFMOD)
    assert ran.code == 2
    assert said in ran.err
    assert "building" not in ran.err


def test_an_engine_that_does_not_answer_is_told() -> None:
    nowhere = {"DOCKER_HOST": "unix:///nonexistent.sock"}
    ran = spawn("verify", ORIGINAL, "--engine", "docker", program=DFMOD, environment=nowhere)
    assert ran.code == 2
    assert "no container engine answers (docker version" in ran.err


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_a_second_container_sees_is_what_the_machine_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way to a remote engine's processes, and to those of a user without rights."""
    image = harness.build(Path(ORIGINAL).read_text(), PREFORK.context)
    client = replace(CLIENT, peek=image.reference)
    with containers.running(client, image.reference, ports=(8080,)) as container:
        until(lambda: containers.listening(container) == (8080,))
        time.sleep(1)
        seen = containers.processes(container)
        monkeypatch.setattr(containers, "shows_processes", lambda _: False)
        assert containers.listening(container) == (8080,)
        peeked = containers.processes(container)
    assert [p.name for p in seen][:2] == ["sh", "app"]
    assert [replace(p, files=()) for p in peeked] == [replace(p, files=()) for p in seen]
    assert peeked[1].files == seen[1].files != ()
    harness.remove_leftovers()
