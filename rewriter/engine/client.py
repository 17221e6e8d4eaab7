"""The user's container engine as a command line: one command at a time, bounded in time. Compares nothing.

Docker and Podman understand the same commands; where they differ, the difference is here or in `images`. What is
started bears the label `dfmod` with this machine's name, and a name with this process's id, so that what an interrupted
run left is told from what another run is using.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

LABEL = "dfmod"
COMMAND_SECONDS = 60
KINDS = ("docker", "podman")
_SOCKETS = frozenset({"", "unix"})


class EngineError(Exception):
    """An engine's command failed; `exit_code` is its own, 125 to 127 where a container could not be started."""

    def __init__(self, command: str, exit_code: int, said: str) -> None:
        super().__init__(f"{command}: {said}")
        self.exit_code = exit_code
        self.said = said


class NoEngineError(Exception):
    """No engine answers; the message says which were asked and what they said."""


@dataclass(frozen=True, slots=True)
class Client:
    """An engine that answers: "docker" or "podman", and the prefix of the names of everything started through it.

    `peek` is an image with a shell, by which processes are looked at that are not this machine's; see `peek`.
    """

    kind: str
    prefix: str = f"dfmod-{os.getpid()}"
    peek: str = ""

    @property
    def label(self) -> str:
        """The label of everything that is started."""
        return f"{LABEL}={socket.gethostname()}"


def find_client(kind: str | None = None) -> Client:
    """Return the engine of that kind, or the first of Docker and Podman that answers.

    Raises:
        NoEngineError: none does.
    """
    said: list[str] = []
    for name in (kind,) if kind else KINDS:
        if shutil.which(name) is None:
            said.append(f"{name}: not installed")
            continue
        try:
            run(Client(name), "version", "--format", "json")
        except (EngineError, subprocess.TimeoutExpired) as error:
            said.append(str(error))
        else:
            return Client(name)
    raise NoEngineError("; ".join(said))


def run(client: Client, *arguments: str, seconds: float = COMMAND_SECONDS) -> str:
    """Return what an engine's command prints, stripped.

    Raises:
        EngineError: it failed.
        TimeoutExpired: it did not end in time.
    """
    done = subprocess.run(  # noqa: S603 (the user's own engine)
        (client.kind, *arguments), stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
    )
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()
        raise EngineError(f"{client.kind} {' '.join(arguments[:2])}", done.returncode, said)
    return done.stdout.decode(errors="replace").strip()


def host_of(client: Client) -> str:
    """Return the host on which published ports are: this one, unless the engine is reached through the network."""
    return urlsplit(_endpoint(client)).hostname or "127.0.0.1"


def shows_processes(client: Client) -> bool:
    """Return whether the engine's processes are this machine's, and may be looked at in its /proc."""
    return os.geteuid() == 0 and Path("/proc/self/ns/pid").exists() and urlsplit(_endpoint(client)).scheme in _SOCKETS


@cache
def _endpoint(client: Client) -> str:
    """Return the address of the engine: of the environment, else of Docker's context; empty for a local Podman."""
    named = os.environ.get("DOCKER_HOST" if client.kind == "docker" else "CONTAINER_HOST", "")
    if named or client.kind != "docker":
        return named
    (context,) = json.loads(run(client, "context", "inspect"))
    return str(context["Endpoints"].get("docker", {}).get("Host", ""))
