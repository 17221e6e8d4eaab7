"""The files of an image as the engine exports them, and what can be told from them without running anything."""

from __future__ import annotations

import subprocess
import tarfile
import uuid
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO

from rewriter.engine import elf
from rewriter.engine.client import Client, run
from rewriter.engine.containers import remove

LARGEST_READ = 64 << 20
_READ = ("etc/passwd", "etc/group", "var/lib/dpkg/status", "lib/apk/db/installed", "usr/lib/apk/db/installed")
_READ_BELOW = ("var/lib/dpkg/status.d/",)
SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "busybox"})
PACKAGE_MANAGERS = frozenset({"apt", "apt-get", "dpkg", "apk", "yum", "dnf", "microdnf", "rpm", "zypper"})
PROGRAM_FOLDERS = frozenset({"bin", "sbin", "busybox"})
_MOST_LINKS = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, folder or link: tar's type, mode, owner, size, and where a link leads."""

    kind: bytes
    mode: int
    uid: int
    gid: int
    size: int
    target: str = ""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.kind == tarfile.DIRTYPE

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file, under whichever of its names."""
        return self.kind in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.LNKTYPE)


@dataclass(frozen=True, slots=True)
class Files:
    """All files by absolute path, the text of a few, and the libraries each program or library asks for."""

    entries: dict[str, Entry] = field(repr=False)
    texts: dict[str, str] = field(default_factory=dict, repr=False)
    needed: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def resolve(self, path: str) -> str | None:
        """Return the path with all links followed, None where it leads nowhere."""
        rest, done = [part for part in path.split("/") if part][::-1], "/"
        for _ in range(_MOST_LINKS * 20):
            if not rest:
                return done
            part = rest.pop()
            here = done if part == "." else str(PurePosixPath(done).parent) if part == ".." else f"{done}/{part}"
            here = "/" + here.strip("/")
            entry = self.entries.get(here)
            if here != "/" and entry is None:
                return None
            if entry is not None and entry.kind == tarfile.SYMTYPE:
                done = "/" if entry.target.startswith("/") else done
                rest += [part for part in entry.target.split("/") if part][::-1]
            else:
                done = here
        return None

    def has(self, path: str) -> bool:
        """Return whether there is something under that path, links followed."""
        return self.resolve(path) is not None

    def may_write(self, path: str, uid: int, groups: frozenset[int]) -> bool:
        """Return whether a user may make files in a folder, root being allowed everything."""
        place = self.resolve(path)
        entry = self.entries.get(place or "")
        if entry is None:
            return place == "/" and uid == 0
        if uid == 0:
            return True
        shift = 6 if entry.uid == uid else 3 if entry.gid in groups else 0
        return entry.mode >> shift & 0o3 == 0o3


def files_of(client: Client, reference: str, *, libraries: bool = False) -> Files:
    """Return the files of an image; with `libraries`, also what its programs ask of the loader."""
    name = f"{client.prefix}-{uuid.uuid4().hex[:12]}"
    try:
        # An image without a command cannot be created without one; it is never run.
        run(client, "create", "--name", name, "--label", client.label, reference, "unused")
        with subprocess.Popen((client.kind, "export", name), stdout=subprocess.PIPE) as export:  # noqa: S603
            assert export.stdout is not None  # noqa: S101 (it is asked for)
            return _read(export.stdout, libraries=libraries)
    finally:
        remove(client, name)


def packages(files: Files) -> frozenset[str]:
    """Return the names of the packages that the image's own records name: dpkg's, distroless's, apk's."""
    found: set[str] = set()
    for path, text in files.texts.items():
        if path.startswith(("/var/lib/dpkg/", "/lib/apk/", "/usr/lib/apk/")):
            found |= {line[9:] for line in text.splitlines() if line.startswith("Package: ")}
            if "/apk/" in path:
                found |= {line[2:] for line in text.splitlines() if line.startswith("P:")}
    return frozenset(found)


def programs(files: Files, names: frozenset[str]) -> tuple[str, ...]:
    """Return which of these programs are in a folder for programs."""
    paths = (PurePosixPath(path) for path in files.entries)
    return tuple(sorted({p.name for p in paths if p.name in names and p.parent.name in PROGRAM_FOLDERS}))


def account(files: Files, uid: int) -> tuple[str, str]:
    """Return the name and home folder of a user in the image's passwd file; empty where it has none."""
    for row in files.texts.get("/etc/passwd", "").splitlines():
        fields = row.split(":")
        if len(fields) > 5 and fields[2] == str(uid):
            return fields[0], fields[5]
    return "", ""


def _read(stream: IO[bytes], *, libraries: bool) -> Files:
    found = Files({})
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            name = member.name.removeprefix("./").rstrip("/")
            path = f"/{name}"
            found.entries[path] = Entry(member.type, member.mode, member.uid, member.gid, member.size, member.linkname)
            if not member.isreg():
                continue
            if name in _READ or name.startswith(_READ_BELOW):
                found.texts[path] = _content(tar, member).decode(errors="replace")
            elif libraries and (member.mode & 0o111 or ".so" in name) and member.size < LARGEST_READ:
                found.needed[path] = elf.needed(_content(tar, member))
    return found


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    return file.read() if file is not None else b""
