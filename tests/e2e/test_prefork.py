"""The story the tool was made for: a prefork server, moved to distroless by hand and by conversion.

Its workers exit when their parent is process 1. Under a shell they live; as PID 1 the server loses them at once; under
tini they live, and the image is a fraction of the original's size and stops at once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from tests.e2e import convert, harness
from tests.e2e.comparison import KILLED
from tests.e2e.harness import Container, Image
from tests.e2e.processes import main_process
from tests.e2e.run_file import case
from tests.lab.images import ensure

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("bases")]
PREFORK = case("go-prefork")
PORT = 8080
LIVES = 3.0


@pytest.fixture(scope="module")
def bases(lab: None) -> None:  # noqa: ARG001 - the images need the engine
    for name in ("golang:1.20", "gcr.io/distroless/base-debian13"):
        ensure(name)


@pytest.fixture(scope="module")
def original(bases: None) -> Image:  # noqa: ARG001
    return harness.build(PREFORK.text("original.Dockerfile"), PREFORK.context)


@pytest.fixture(scope="module")
def handmade(bases: None) -> Image:  # noqa: ARG001
    return harness.build(PREFORK.text("handmade.Dockerfile"), PREFORK.context)


@pytest.fixture(scope="module")
def converted(bases: None) -> Image:  # noqa: ARG001
    return harness.build(convert.converted(PREFORK.text("Dockerfile"), PREFORK.context), PREFORK.context)


@pytest.fixture
def server(converted: Image) -> Iterator[Container]:
    with harness.running(converted, port=PORT) as container:
        harness.ask(container, "/health")
        yield container


def test_the_text_as_it_was_does_not_build() -> None:
    with pytest.raises(harness.BuildFailedError, match=r"\$GOPATH/go.mod exists but should not"):
        harness.build(PREFORK.text("Dockerfile"), PREFORK.context)


def test_original_stays_up_but_stops_only_by_force(original: Image) -> None:
    with harness.running(original, port=PORT) as container:
        harness.ask(container, "/health")
        time.sleep(LIVES)
        assert harness.is_up(container)
        first = harness.processes(container)[0]
        assert (first.pid, first.name, first.argv) == (1, "sh", ("/bin/sh", "-c", "/app"))
        assert harness.stop(container, grace=2).exit_code == KILLED


def test_handmade_split_dies_within_seconds(handmade: Image) -> None:
    ended = harness.run_to_end(handmade, seconds=LIVES)
    assert ended.exit_code == 1
    assert "a worker ended: exit status 1" in ended.output.stderr


def test_converted_stays_up(server: Container) -> None:
    time.sleep(LIVES)
    assert harness.is_up(server)
    assert harness.ask(server, "/health") == harness.Answer(200, "ok\n")


def test_converted_runs_under_tini(server: Container) -> None:
    processes = harness.processes(server)
    first, main = processes[0], main_process(processes)
    assert (first.pid, first.name, first.argv) == (1, "tini", ("/tini", "--", "/app"))
    assert main is not None
    assert (main.ppid, main.argv, main.program) == (1, ("/app",), "/app")
    workers = [process for process in processes if process.ppid == main.pid]
    assert workers
    assert len(processes) == 2 + len(workers)


def test_converted_answers_from_workers(server: Container) -> None:
    body = harness.ask(server, "/").body
    answered = dict(word.split("=") for word in body.split())
    main = main_process(harness.processes(server))
    assert main is not None
    assert int(answered["ppid"]) == main.pid != 1
    assert answered["pid"] != answered["ppid"]


def test_converted_stops_at_once(server: Container) -> None:
    stopped = harness.stop(server)
    assert stopped.seconds < 2
    assert stopped.exit_code == 0
    assert "stopping" in harness.output(server).stderr


def test_converted_is_a_tenth_of_the_size(original: Image, converted: Image) -> None:
    measured = f"{original.size / 1e6:.0f} MB became {converted.size / 1e6:.0f} MB"
    print(measured)  # noqa: T201 - the measured sizes belong into the report of a run
    assert converted.size < original.size / 10, measured


def test_converted_has_no_shell(converted: Image) -> None:
    paths = harness.paths_in(converted)
    assert {"/tini", "/app"} <= paths
    assert [path for path in paths if PurePosixPath(path).parent.name in {"bin", "sbin", "busybox"}] == []


def test_arguments_had_no_effect_on_the_original(original: Image) -> None:
    for arguments in (("--version",), ("/app", "--version")):
        with harness.running(original, *arguments, port=PORT) as container:
            assert harness.ask(container, "/health").status == 200


def test_arguments_replace_the_command_of_the_converted(converted: Image) -> None:
    ended = harness.run_to_end(converted, "/app", "--version")
    assert (ended.exit_code, ended.output.stdout) == (0, "prefork 1.0\n")


def test_a_flag_alone_is_taken_for_a_command(converted: Image) -> None:
    ended = harness.run_to_end(converted, "--version")
    assert ended.exit_code == 127
    assert "exec --version failed: No such file or directory" in ended.output.stderr


def test_entrypoint_override_works_as_before(original: Image, converted: Image) -> None:
    for image in (original, converted):
        ended = harness.run_to_end(image, "--version", options=("--entrypoint", "/app"))
        assert (ended.exit_code, ended.output.stdout) == (0, "prefork 1.0\n")


def test_entrypoint_override_without_tini_is_the_handmade_split_again(converted: Image) -> None:
    assert harness.run_to_end(converted, options=("--entrypoint", "/app"), seconds=LIVES).exit_code == 1
