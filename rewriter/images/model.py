"""The shape of an image: its reference, its configuration, and a published image we know."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from rewriter.record import record

Pairs = tuple[tuple[str, str], ...]
DEFAULT_SHELL = ("/bin/sh", "-c")
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@record
class ImageRef:
    """An image reference, split as the distribution specification does; `written` is its spelling in the file."""

    registry: str | None
    repository: str
    tag: str | None
    digest: str | None
    written: str


@record
class Shell:
    """A shell-form command: `script`, run by `shell` (the SHELL in force when it was written)."""

    script: str
    shell: tuple[str, ...] = DEFAULT_SHELL


@record
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


@record
class Healthcheck:
    """A health check; kind NONE (`command` None) switches an inherited one off. Nanoseconds; 0 is the default."""

    kind: Literal["NONE", "CMD", "CMD-SHELL"]
    command: Command | None
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    start_interval: int = 0
    retries: int = 0


@record
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


@record
class KnownImage:
    """A published image we have facts about.

    `os` is the distribution ("debian", "ubuntu", "alpine", "amazonlinux" ...), `release` its code name
    ("bookworm", "alpine3.20") where the tag settles it, `libc_version` likewise. `programs` maps well-known
    program names to their paths ("python": "/usr/local/bin/python3"). `trees` are the folders and files that make up
    the language runtime ("/usr/local"; a `*` stands for any characters, `{arch}` for Debian's name of the
    architecture). `wrapper` names the row of the wrapper table when the entrypoint is a script of the image that ends
    in `exec "$@"`. `versioned_env` are variables the image sets, or may set, to a value that depends on the exact
    version and which is therefore not in `config.env`. `users` are the named users that the image adds to those of
    its distribution, as name:uid:gid. `end_of_life` is the day after which it gets no updates any more.
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


@record
class Unknown:
    """Something the Dockerfile and our tables do not settle: the text in question, and why."""

    text: str
    why: str


@record
class Release:
    """A release of an operating system: its C library and the libraries that name their version.

    `end_of_life` is the end of regular support, `lts_end` the end of the extended support that follows it.
    `merged_usr`: its images have `/bin`, `/lib` and `/sbin` as links into `/usr`.
    """

    id: str
    os: str
    version: str
    libc: Libc
    libc_version: str | None
    gcc: str | None = None
    glibcxx: str | None = None
    openssl: str | None = None
    python: str | None = None
    end_of_life: str | None = None
    lts_end: str | None = None
    merged_usr: bool = False
    source: str = ""
    checked: str = ""


Status = Literal["current", "ended", "retired"]


@record
class Runtime:
    """A distroless image: what a program finds in it.

    `name` is "static", "java21" ..., `distro` "debian13", `image` the reference without tag. `libraries` are the
    sonames the image holds, `packages` the Debian packages it is made of. `status` is "current", "ended" (its
    support is over) or "retired" (no longer built at all). `end_of_life` is a date, or a text where it hangs on an
    event that has no date yet. `{arch}` in a path stands for the architecture in Debian's spelling.
    """

    name: str
    distro: str
    image: str
    release: str
    status: Status
    libc_version: str | None
    entrypoint: tuple[str, ...]
    env: Pairs
    arches: tuple[str, ...]
    packages: tuple[str, ...]
    libraries: tuple[str, ...]
    users: tuple[str, ...]
    merged_usr: bool
    language: str | None = None
    interpreter: str | None = None
    interpreter_target: str | None = None
    version: str | None = None
    glibcxx: str | None = None
    locale: str | None = None
    trees: tuple[str, ...] = ()
    versioned_env: tuple[str, ...] = ()
    end_of_life: str | None = None
    source: str = ""
    checked: str = ""
    notes: tuple[str, ...] = ()


@record
class InitAsset:
    """A published binary of the init; `sha256` None where no checksum could be confirmed."""

    name: str
    arch: str
    static: bool
    sha256: str | None


@record
class InitRelease:
    """The release of tini that conversions install: where it is, and how its binaries are checked."""

    version: str
    url: str
    assets: tuple[InitAsset, ...]
    source: str
    checked: str

    def asset(self, arch: str) -> InitAsset | None:
        """Return the static binary for a TARGETARCH whose checksum is known, None where there is none."""
        found = (a for a in self.assets if a.static and a.arch == arch and a.sha256)
        return next(found, None)

    def url_of(self, asset: InitAsset) -> str:
        """Return where `asset` is downloaded from."""
        return self.url.replace("{asset}", asset.name)


@record
class Init:
    """A program known to stand in front of the real command.

    `role` is "wrapper" (it starts one command and can be taken off: tini, dumb-init) or "supervisor" (it must be
    PID 1 itself, or looks after several programs: s6, systemd, supervisord). `names` are file names, `paths` full
    paths where the bare name would be too common. `flags` are its options without a value, `valued` those that take
    one, `alone` those after which no command follows. `ends_options` says that "--" ends its own options.
    """

    name: str
    role: Literal["wrapper", "supervisor"]
    names: tuple[str, ...]
    paths: tuple[str, ...]
    flags: tuple[str, ...]
    valued: tuple[str, ...]
    alone: tuple[str, ...]
    ends_options: bool
    source: str
    checked: str
    notes: tuple[str, ...] = ()


@record
class Wrapper:
    """The entrypoint script of a base image, as far as a converter must know it.

    `names` is how it is written in commands, `path` where the file is. With `passes_through` it ends in `exec "$@"`.
    It puts `prepends` in front of the command when one of `prepends_when` holds: "option" (the first word starts with
    -), "unknown-command" (the first word is no command on PATH), "not-executable" (the first word is a file that is
    not executable), "always", "suffix:.conf" (the first word ends so), "word:run" (it is that word).
    It does more than that for `acts_on_commands`, where one of `acts_on_env` is set, or whenever it runs
    (`always_acts`): `effects` tells what, `programs` which programs that takes.
    """

    name: str
    names: tuple[str, ...]
    path: str
    interpreter: str
    passes_through: bool
    prepends: tuple[str, ...]
    prepends_when: tuple[str, ...]
    acts_on_env: tuple[str, ...]
    acts_on_commands: tuple[str, ...]
    always_acts: bool
    effects: tuple[str, ...]
    programs: tuple[str, ...]
    source: str
    checked: str
    acts_on_paths: tuple[str, ...] = ()
    shipped_effect: str = ""
    unless_paths: tuple[str, ...] = ()


@record
class PackageRole:
    """What a distribution package is for: needed to build, needed at run time, or in the target image already."""

    name: str
    role: Literal["build", "runtime", "covered"]
    why: str
    known: bool
