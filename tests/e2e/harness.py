"""Build images, run them within bounds, and look at what they do. Judges nothing, and leaves nothing behind.

Containers bear the label `dfmod.owner` with the process id of whoever started them, and images a name with that id, so
that what an interrupted run left is found and removed by the next one. `docker` is whatever the environment reaches.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.processes import Process, processes_of

OWNER = "dfmod.owner"
REPOSITORY = "dfmod-test"
BUILD_SECONDS = 900
COMMAND_SECONDS = 60
CANNOT_START = (126, 127)
BOUNDS = ("--memory", "512m", "--pids-limit", "256")
_numbers = itertools.count(1)


class BuildFailedError(Exception):
    """The image does not build; the text is the end of the builder's log."""


class EngineError(Exception):
    """A docker command failed; `exit_code` is its own, 125 to 127 where a container could not be started."""

    def __init__(self, command: str, exit_code: int, said: str) -> None:
        super().__init__(f"{command}: {said}")
        self.exit_code = exit_code
        self.said = said


@dataclass(frozen=True, slots=True)
class Image:
    """A built image: its name, its size in bytes and its configuration as the engine shows it."""

    reference: str
    size: int
    config: dict[str, object]


@dataclass(frozen=True, slots=True)
class Container:
    """A started container and the loopback port that leads to it, if one was asked for."""

    name: str
    port: int | None


@dataclass(frozen=True, slots=True)
class Output:
    """What a container has printed so far."""

    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A container that ran to its end."""

    exit_code: int
    output: Output


@dataclass(frozen=True, slots=True)
class Stopped:
    """A container that was asked to stop: how long it took, and the exit code it left."""

    seconds: float
    exit_code: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: str


def build(dockerfile: str, context: Path, *options: str) -> Image:
    """Return the image built from a Dockerfile's text and a context folder.

    Raises:
        BuildFailedError: the builder refused.
    """
    reference = f"{REPOSITORY}:{os.getpid()}-{next(_numbers)}"
    command = (
        "docker",
        "build",
        "--network",
        "host",
        "--progress",
        "plain",
        "--tag",
        reference,
        *options,
        "--file",
        "-",
    )
    done = subprocess.run(
        (*command, context), input=dockerfile, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False
    )
    if done.returncode != 0:
        raise BuildFailedError(done.stderr[-4000:])
    (found,) = json.loads(_docker("image", "inspect", reference))
    return Image(reference, found["Size"], found["Config"])


@contextmanager
def running(
    image: Image, *arguments: str, options: tuple[str, ...] = (), port: int | None = None
) -> Iterator[Container]:
    """Start a container and remove it at the end, whatever happens; `port` is made reachable on loopback."""
    name = f"{REPOSITORY}-{uuid.uuid4().hex[:12]}"
    published = () if port is None else ("--publish", f"127.0.0.1::{port}")
    try:
        _docker("run", "--detach", "--name", name, *_bounds(), *published, *options, image.reference, *arguments)
        yield Container(name, None if port is None else _published_port(name, port))
    finally:
        _remove_containers(name)


def run_to_end(image: Image, *arguments: str, options: tuple[str, ...] = (), seconds: float = 30) -> Ended:
    """Return what a container did that ends by itself, or cannot even be started.

    Raises:
        TimeoutError: it did not end.
    """
    try:
        with running(image, *arguments, options=options) as container:
            return Ended(wait(container, seconds), output(container))
    except EngineError as error:
        if error.exit_code not in CANNOT_START:
            raise
        return Ended(error.exit_code, Output("", error.said))


def is_up(container: Container) -> bool:
    """Return whether the container still runs."""
    return _docker("inspect", "--format", "{{.State.Running}}", container.name) == "true"


def wait(container: Container, seconds: float) -> int:
    """Return the exit code of a container that ends by itself in that time.

    Raises:
        TimeoutError: it did not.
    """
    try:
        return int(_docker("wait", container.name, seconds=seconds))
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{container.name} still runs after {seconds} s") from None


def stop(container: Container, grace: int = 10) -> Stopped:
    """Stop a container as the engine does: its stop signal, and KILL after the grace period."""
    started = time.monotonic()
    _docker("stop", "--time", str(grace), container.name, seconds=grace + COMMAND_SECONDS)
    seconds = time.monotonic() - started
    return Stopped(seconds, int(_docker("inspect", "--format", "{{.State.ExitCode}}", container.name)))


def output(container: Container) -> Output:
    """Return what the container has printed."""
    done = subprocess.run(("docker", "logs", container.name), capture_output=True, timeout=COMMAND_SECONDS, check=True)
    return Output(done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def processes(container: Container) -> tuple[Process, ...]:
    """Return the container's processes; none when it has ended."""
    return processes_of(int(_docker("inspect", "--format", "{{.State.Pid}}", container.name)))


def ask(container: Container, path: str, seconds: float = 10) -> Answer:
    """Return the answer to a GET request, asking again until the program answers at all.

    Raises:
        TimeoutError: it does not answer in that time.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return _get(container.port, path)
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path}: no answer in {seconds} s: {error!r}") from error
        time.sleep(0.1)


def paths_in(image: Image) -> frozenset[str]:
    """Return the absolute paths of everything in an image's file system."""
    name = f"{REPOSITORY}-{uuid.uuid4().hex[:12]}"
    try:
        # An image without a command cannot be created without one; it is never run.
        _docker("create", "--name", name, "--label", f"{OWNER}={os.getpid()}", image.reference, "unused")
        with subprocess.Popen(("docker", "export", name), stdout=subprocess.PIPE) as export:
            listed = subprocess.run(("tar", "-t"), stdin=export.stdout, capture_output=True, text=True, check=True)
    finally:
        _remove_containers(name)
    return frozenset("/" + line.removeprefix("./").rstrip("/") for line in listed.stdout.splitlines())


def remove_leftovers() -> None:
    """Remove the containers and images of this process, and of those that are gone."""
    rows = _docker("ps", "--all", "--filter", f"label={OWNER}", "--format", f'{{{{.Names}}}} {{{{.Label "{OWNER}"}}}}')
    _remove_containers(*(name for name, owner in map(str.split, rows.splitlines()) if _may_remove(owner)))
    tags = _docker("image", "ls", "--format", "{{.Tag}}", REPOSITORY).split()
    ours = tuple(f"{REPOSITORY}:{tag}" for tag in tags if _may_remove(tag.partition("-")[0]))
    if ours:
        _docker("image", "rm", "--force", *ours)


def _may_remove(owner: str) -> bool:
    return int(owner) == os.getpid() or not Path("/proc", owner).exists()


def _bounds() -> tuple[str, ...]:
    return (*BOUNDS, "--label", f"{OWNER}={os.getpid()}")


def _published_port(name: str, port: int) -> int | None:
    """Return the loopback port; None when the container has ended already."""
    bindings = json.loads(_docker("inspect", "--format", "{{json .NetworkSettings.Ports}}", name))
    found = bindings.get(f"{port}/tcp")
    return int(found[0]["HostPort"]) if found else None


def _get(port: int | None, path: str) -> Answer:
    if port is None:
        raise ConnectionRefusedError("the container has no published port: it has ended")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read().decode(errors="replace"))
    finally:
        connection.close()


def _remove_containers(*names: str) -> None:
    if names:
        _docker("rm", "--force", "--volumes", *names)


def _docker(*arguments: str, seconds: float = COMMAND_SECONDS) -> str:
    done = subprocess.run(("docker", *arguments), capture_output=True, text=True, timeout=seconds, check=False)
    if done.returncode != 0:
        raise EngineError(f"docker {' '.join(arguments)}", done.returncode, done.stderr.strip())
    return done.stdout.strip()
