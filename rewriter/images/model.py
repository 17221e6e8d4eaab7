"""The shape of an image: its reference, its configuration, and a published image we know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Pairs = tuple[tuple[str, str], ...]
DEFAULT_SHELL = ("/bin/sh", "-c")
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class ImageRef:
    """An image reference, split as the distribution specification does; `written` is its spelling in the file."""

    registry: str | None
    repository: str
    tag: str | None
    digest: str | None
    written: str


@dataclass(frozen=True, slots=True)
class Shell:
    """A shell-form command: `script`, run by `shell` (the SHELL in force when it was written)."""

    script: str
    shell: tuple[str, ...] = DEFAULT_SHELL


@dataclass(frozen=True, slots=True)
class Exec:
    """An exec-form command."""

    argv: tuple[str, ...]


Command = Shell | Exec


def argv(command: Command | None) -> tuple[str, ...]:
    """Return what the image configuration holds for this command; `()` for none."""
    match command:
        case None:
            return ()
        case Exec(words):
            return words
        case Shell(script, shell):
            return (*shell, script)


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """A health check; `command` None with kind NONE switches an inherited one off. Durations in nanoseconds, 0 = default."""

    kind: Literal["NONE", "CMD", "CMD-SHELL"]
    command: Command | None
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    start_interval: int = 0
    retries: int = 0


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """The runtime configuration of an image, as BuildKit's converter gives it. None and () mean: not set."""

    user: str | None = None
    workdir: str | None = None
    env: Pairs = ()
    entrypoint: Command | None = None
    cmd: Command | None = None
    shell: tuple[str, ...] | None = None
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: Pairs = ()
    stopsignal: str | None = None
    healthcheck: Healthcheck | None = None
    onbuild: tuple[str, ...] = ()
    author: str | None = None


Libc = Literal["glibc", "musl", "uclibc"]
Packages = Literal["apt", "apk", "rpm"]


@dataclass(frozen=True, slots=True)
class KnownImage:
    """A published image we have facts about.

    `os` is the distribution ("debian", "ubuntu", "alpine", "amazonlinux" ...), `release` its code name
    ("bookworm", "alpine3.20") where the tag settles it, `libc_version` likewise. `programs` maps well-known
    program names to their paths ("python": "/usr/local/bin/python3"). `trees` are the folders that make up the
    language runtime ("/usr/local"). `wrapper` names the row of the wrapper table when the entrypoint is a script
    of the image that ends in `exec "$@"`. `versioned_env` are variables the image sets to a value that depends on
    the exact version and which is therefore not in `config.env`.
    """

    ref: ImageRef
    config: ImageConfig
    family: str
    os: str | None
    release: str | None
    libc: Libc | None
    libc_version: str | None
    has_shell: bool
    packages: Packages | None = None
    language: str | None = None
    programs: Pairs = ()
    trees: tuple[str, ...] = ()
    wrapper: str | None = None
    versioned_env: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    end_of_life: str | None = None
    source: str = ""
    checked: str = ""
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something the Dockerfile and our tables do not settle: the text in question, and why."""

    text: str
    why: str
