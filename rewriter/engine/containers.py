"""Run containers within bounds, and ask and stop them. Judges nothing, and leaves nothing behind.

Every container is limited in memory and processes and removed at the end, whatever happens, with its volumes.
"""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from rewriter.engine.client import COMMAND_SECONDS, Client, EngineError, host_of, run, shows_processes
from rewriter.engine.peek import peeked
from rewriter.engine.processes import Process, listening_ports, processes_of

CANNOT_START = (126, 127)
BOUNDS = ("--memory", "1g", "--pids-limit", "512")
ANSWER_BYTES = 1 << 20
ANSWER_SECONDS = 5.0
OPEN = -1
_FRACTION = re.compile(r"(\.\d{6})\d+")


@dataclass(frozen=True, slots=True)
class Output:
    """What a container has printed so far."""

    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Container:
    """A started container, the host its ports are on, and where each published port leads from there."""

    client: Client
    name: str
    host: str = "127.0.0.1"
    ports: tuple[tuple[int, int], ...] = ()

    @property
    def port(self) -> int | None:
        """The first published port, as the host has it."""
        return self.ports[0][1] if self.ports else None


@dataclass(frozen=True, slots=True)
class State:
    """Whether a container runs, how it ended (the seconds it lived, its exit code), and its health."""

    running: bool
    exit_code: int
    pid: int
    health: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Stopped:
    """A container that was asked to stop: how long it took, the exit code it left, what it printed meanwhile."""

    seconds: float
    exit_code: int
    output: Output = Output("", "")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a request: HTTP's status and body; status `OPEN` where a port is open and speaks something else."""

    status: int
    body: str


@contextmanager
def running(
    client: Client,
    reference: str,
    *arguments: str,
    options: tuple[str, ...] = (),
    ports: tuple[int, ...] = (),
    network: str | None = None,
) -> Iterator[Container]:
    """Start a container and remove it at the end, whatever happens; `ports` are made reachable.

    Raises:
        EngineError: it cannot be started.
    """
    name = f"{client.prefix}-{uuid.uuid4().hex[:12]}"
    host = host_of(client) if ports else "127.0.0.1"
    address = f"{host}::" if host == "127.0.0.1" else ""
    published = tuple(word for port in ports for word in ("--publish", f"{address}{port}"))
    joined = ("--network", network) if network else ()
    words = ("run", "--detach", "--name", name, "--label", client.label, *BOUNDS, *joined, *published, *options)
    try:
        run(client, *words, reference, *arguments)
        yield Container(client, name, host, _published(client, name) if ports else ())
    finally:
        remove(client, name)


def remove(client: Client, *names: str) -> None:
    """Remove containers with their volumes, running or not; those that are gone already are no fault."""
    for name in names:
        try:
            run(client, "rm", "--force", "--volumes", name)
        except EngineError as error:
            if "no such container" not in error.said.lower() and "no container" not in error.said.lower():
                raise


def state(container: Container) -> State:
    """Return the state a container is in."""
    (found,) = json.loads(run(container.client, "inspect", "--type", "container", container.name))
    now = found["State"]
    return State(
        running=now["Running"],
        exit_code=now["ExitCode"],
        pid=now["Pid"],
        health=(now.get("Health") or now.get("Healthcheck") or {}).get("Status", ""),
        seconds=_moment(now["FinishedAt"]) - _moment(now["StartedAt"]),
    )


def wait(container: Container, seconds: float) -> int:
    """Return the exit code of a container that ends by itself in that time.

    Raises:
        TimeoutError: it did not.
    """
    try:
        return int(run(container.client, "wait", container.name, seconds=seconds))
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{container.name} still runs after {seconds} s") from None


def stop(container: Container, grace: int = 10) -> Stopped:
    """Stop a container as the engine does: its stop signal, and KILL after the grace period."""
    said = output(container)
    started = time.monotonic()
    run(container.client, "stop", "--time", str(grace), container.name, seconds=grace + COMMAND_SECONDS)
    seconds = time.monotonic() - started
    after = output(container)
    last = Output(after.stdout[len(said.stdout) :], after.stderr[len(said.stderr) :])
    return Stopped(seconds, state(container).exit_code, last)


def output(container: Container) -> Output:
    """Return what the container has printed."""
    done = subprocess.run(  # noqa: S603 (the user's own engine)
        (container.client.kind, "logs", container.name), capture_output=True, timeout=COMMAND_SECONDS, check=True
    )
    return Output(done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def processes(container: Container) -> tuple[Process, ...]:
    """Return the container's processes; none when it has ended, or where they cannot be looked at."""
    if shows_processes(container.client):
        return processes_of(state(container).pid)
    with peeked(container.client, container.name) as folder:
        return processes_of(1, folder) if folder is not None else ()


def listening(container: Container) -> tuple[int, ...]:
    """Return the TCP ports the container listens to; none when it has ended, or where it cannot be looked at."""
    if shows_processes(container.client):
        return listening_ports(state(container).pid)
    with peeked(container.client, container.name) as folder:
        return listening_ports(1, folder) if folder is not None else ()


def changed_paths(container: Container) -> tuple[str, ...]:
    """Return the paths that the container has added to its image or changed in it."""
    rows = run(container.client, "diff", container.name).splitlines()
    return tuple(path for kind, _, path in (row.partition(" ") for row in rows) if kind in {"A", "C"})


def ask(container: Container, port: int, path: str, method: str = "GET") -> Answer:
    """Return the answer on one of the container's published ports.

    Raises:
        OSError: nothing answers.
    """
    outside = dict(container.ports).get(port)
    if outside is None:
        raise ConnectionRefusedError(f"port {port} is not published: the container has ended")
    connection = http.client.HTTPConnection(container.host, outside, timeout=ANSWER_SECONDS)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(ANSWER_BYTES).decode(errors="replace"))
    except (ConnectionError, http.client.RemoteDisconnected):
        raise
    except (http.client.HTTPException, TimeoutError):
        return Answer(OPEN, "")
    finally:
        connection.close()


def _published(client: Client, name: str) -> tuple[tuple[int, int], ...]:
    """Return the ports inside and outside; none when the container has ended already."""
    (found,) = json.loads(run(client, "inspect", "--type", "container", name))
    bindings = found["NetworkSettings"]["Ports"] or {}
    rows = ((key.partition("/")[0], places) for key, places in bindings.items() if places)
    return tuple((int(port), int(places[0]["HostPort"])) for port, places in rows)


def _moment(written: str) -> float:
    """Return a time the engine wrote, in seconds; its fraction may have nine digits, which Python does not read."""
    moment = datetime.fromisoformat(_FRACTION.sub(r"\1", written))
    return moment.timestamp()
