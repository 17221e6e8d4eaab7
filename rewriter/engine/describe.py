"""What an engine knows of an image, as a table of base images: `dfmod describe` prints it, `--images` reads it.

Nothing of the image is run: a container is made of it without a network, and its files are read as the engine packs
them, which also works for images without a shell. What a table cannot say of an image makes it `unknown` there.
"""

from __future__ import annotations

import re
import subprocess
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from rewriter.engine.client import Client, EngineError, run
from rewriter.engine.images import Image, has_health_check, inspected
from rewriter.images.model import DEFAULT_PATH
from rewriter.images.reference import DOCKER_HUB, parse_reference
from rewriter.images.releases import release_named
from rewriter.record import record

_PULL_SECONDS = 900
_READ = ("etc/os-release", "usr/lib/os-release", "etc/passwd")
# Files that tell which packages and which C library an image has.
_PACKAGES = {
    "apt": ("var/lib/dpkg/status",),
    "apk": ("lib/apk/db/installed", "usr/lib/apk/db/installed"),
    "rpm": ("var/lib/rpm/rpmdb.sqlite", "var/lib/rpm/Packages", "usr/lib/sysimage/rpm/rpmdb.sqlite"),
}
_LIBC = {
    "musl": r"(usr/)?lib/ld-musl-\w+\.so\.1",
    "glibc": r"(usr/)?lib\d*/(\w+-linux-\w+/)?ld-linux[\w-]*\.so\.\d|(usr/)?lib64/ld64\.so\.\d",
}
# What programs read besides their own package: carried whole where it is there. Folders of the standard hold none.
_RUNTIMES = re.compile(
    r"(opt|usr/local|usr/lib\d*/(python3[\w.]*|jvm|node_modules|ruby|php|dotnet|R|erlang|lua)|usr/share/(dotnet|java|php|ruby)"
    r"|usr/share/nodejs|usr/share/node_modules|var/lib/gems)/"
)
_STANDARD = frozenset(
    "bin boot dev etc home lib lib32 lib64 libx32 media mnt opt proc root run sbin srv sys tmp usr var".split()
)
_LOWEST_PERSON, _NOBODY = 1000, 65534
_DOT = r"\."
_FIELDS = 5  # of a row of /etc/passwd, less the last, which may be left out


@record
class Files:
    """The files of an image: the names of all, without the slash in front, and the texts of a few."""

    names: frozenset[str]
    texts: Mapping[str, str]

    def has(self, pattern: str) -> bool:
        """Return whether there is a file whose whole name fits."""
        return any(re.fullmatch(pattern, name) for name in self.names)


def describe(client: Client, reference: str) -> str:
    """Return the table of an image, which is fetched where the engine does not have it yet.

    Raises:
        EngineError: the engine cannot have the image, or cannot read it.
        TimeoutExpired: it did not end in time.
    """
    try:
        image = inspected(client, reference)
    except EngineError:
        run(client, "pull", reference, seconds=_PULL_SECONDS)
        image = inspected(client, reference)
    return table(reference, image, _files(client, reference), datetime.now(tz=UTC).date().isoformat())


def _files(client: Client, reference: str) -> Files:
    # The command is never started; an image may have none of its own.
    box = run(client, "create", "--network", "none", "--label", client.label, reference, "/none").splitlines()[-1]
    try:
        return _unpacked(client, box)
    finally:
        run(client, "rm", "--force", box)


def _unpacked(client: Client, box: str) -> Files:
    """Read the container's files as they come, keeping none but a few texts."""
    names: set[str] = set()
    texts: dict[str, str] = {}
    command = (client.kind, "export", box)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as engine:  # noqa: S603
        try:
            with tarfile.open(fileobj=engine.stdout, mode="r|") as packed:
                for member in packed:
                    name = member.name.removeprefix("./")
                    if not member.isdir():
                        names.add(name)
                    if name in _READ and (found := packed.extractfile(member) if member.isfile() else None):
                        texts[name] = found.read().decode("utf-8", "replace")
        except tarfile.TarError as error:
            engine.kill()
            raise EngineError(f"{client.kind} export", 1, f"the image's files cannot be read: {error}") from error
    return Files(frozenset(names), texts)


def table(reference: str, image: Image, files: Files, today: str) -> str:
    """Return what is known of an image as TOML, in the form of the shipped tables."""
    ref = parse_reference(reference)
    if ref is None:
        raise EngineError("describe", 1, f"{reference} is no image name")
    name = ref.repository.rpartition("/")[2]
    place = ref.repository if ref.registry in (None, DOCKER_HUB) else f"{ref.registry}/{ref.repository}"
    tag = ref.tag or "latest"
    lines = [
        f"# {reference}, as the engine described it. Saved to a file, it is for `dfmod convert --images FILE`.",
        f"family = {_text(name)}",
        f"names = {_list([place.removeprefix('library/')])}",
        f"words = {_text(tag.replace('-', ' '))}",
        *_system(files),
        *_settings(image.config),
        *_users(image.config, files),
        f"trees = {_list(_trees(files.names))}",
        f"checked = {_text(today)}",
        f"source = {_text(f'image inspect {reference}')}",
        "",
        "[[variants]]",
        f"match = {_text('^' + tag.replace('.', _DOT) + '$')}",
        *(f"unknown = {_text(why)}" for why in _unsayable(image)[:1]),
    ]
    return "\n".join(lines) + "\n"


def _system(files: Files) -> Iterator[str]:
    """Yield the distribution, its release where we know it, the C library, the packages and the shell."""
    said = dict(_pairs(files.texts.get("usr/lib/os-release") or files.texts.get("etc/os-release") or ""))
    system = _SYSTEMS.get(said.get("ID", ""), said.get("ID", ""))
    if system:
        yield f"os = {_text(system)}"
    parts = said.get("VERSION_ID", "").split(".")
    names = (said.get("VERSION_CODENAME", ""), *(f"{system}{'.'.join(parts[:count])}" for count in (3, 2, 1)))
    if found := next((name for name in names if name and release_named(name)), None):
        yield f"release = {_text(found)}"
    if libc := next((name for name, pattern in _LIBC.items() if files.has(pattern)), None):
        yield f"libc = {_text(libc)}"
    if packages := next((name for name, places in _PACKAGES.items() if files.names & set(places)), None):
        yield f"packages = {_text(packages)}"
    if not files.has("(usr/)?bin/sh"):
        yield "has_shell = false"


_SYSTEMS = {"amzn": "amazonlinux", "ol": "oraclelinux", "rhel": "ubi", "rocky": "rockylinux"}


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals:
            yield name.strip(), value.strip().strip("\"'")


def _settings(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the image sets, but for what nothing is set to."""
    env = [str(pair) for pair in config.get("Env") or ()]
    if not any(pair.startswith("PATH=") for pair in env):
        env.insert(0, f"PATH={DEFAULT_PATH}")
    yield f"env = {_list([pair.replace(DEFAULT_PATH, '{path}') if pair.startswith('PATH=') else pair for pair in env])}"
    for key, name in (("entrypoint", "Entrypoint"), ("cmd", "Cmd"), ("shell", "Shell")):
        if words := config.get(name):
            yield f"{key} = {_list(map(str, words))}"
    for key, name in (("ports", "ExposedPorts"), ("volumes", "Volumes")):
        if found := config.get(name):
            yield f"{key} = {_list(sorted(map(str, found)))}"
    for key, name in (("user", "User"), ("workdir", "WorkingDir"), ("stopsignal", "StopSignal")):
        if found := config.get(name):
            yield f"{key} = {_text(str(found))}"


def _users(config: Mapping[str, Any], files: Files) -> Iterator[str]:
    """Yield the users that are people or run the program; those of the distribution are known."""
    lines = files.texts.get("etc/passwd", "").splitlines()
    rows = [row for row in (line.split(":") for line in lines) if len(row) > _FIELDS and row[2].isdigit()]
    own = str(config.get("User") or "").partition(":")[0]
    named = [row[:1] + row[2:4] for row in rows if row[0] == own or _LOWEST_PERSON <= int(row[2]) < _NOBODY]
    if named and own != "root":
        yield f"users = {_list(':'.join(row) for row in named)}"


def _trees(names: Iterable[str]) -> list[str]:
    """Return the folders that no package of the system brings, and those of language runtimes."""
    found: set[str] = set()
    for name in names:
        first, slash, _ = name.partition("/")
        if runtime := _RUNTIMES.match(name):
            found.add(f"/{runtime[0].rstrip('/')}")
        elif slash and first not in _STANDARD:
            found.add(f"/{first}")
    return sorted(found)


def _unsayable(image: Image) -> list[str]:
    """Return what the image has that no table says: nothing is converted that would lose it."""
    why = []
    if image.config.get("OnBuild"):
        why.append("it has ONBUILD triggers, which a table cannot say")
    if has_health_check(image):
        why.append(
            "it has a HEALTHCHECK, which a table cannot say: write it in the Dockerfile, then leave this line out"
        )
    return why


def _text(value: str) -> str:
    """Return a text of TOML: literal where that can hold it."""
    if "'" not in value and value.isprintable():
        return f"'{value}'"
    escaped = "".join(_ESCAPES.get(c, c if c.isprintable() else f"\\U{ord(c):08X}") for c in value)
    return f'"{escaped}"'


_ESCAPES = {"\\": "\\\\", '"': '\\"'}


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"
