"""Runs the closure's script in a root, and tells what came of it: files with all that can be lost on the way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rewriter.plan import Closure
from tests.closure.stages import script
from tests.lab.machine import output
from tests.lab.roots import Root, succeed_in

# What distroless's static image holds where a closure is laid over it: facts about its layout, users and modes.
TARGET_FOLDERS = {
    "etc": 0o755,
    "home/nonroot": 0o700,
    "root": 0o700,
    "tmp": 0o1777,
    "var/lib/dpkg/status.d": 0o755,
    "var/run": 0o755,
}
TARGET_LINKS = ("bin", "lib", "lib64", "sbin")
FORMAT = r"%y %#m %U:%G %TY%Tm%Td%TH%TM%.2TS %s %l|%P\n"


@dataclass(frozen=True, slots=True)
class Gathered:
    """A closure, where it was gathered from, and a root of the final image with it in."""

    build: Root
    closure: Path
    image: Root

    def paths(self) -> tuple[str, ...]:
        """Return all paths below the closure, relative to it, sorted."""
        return tuple(sorted(str(path.relative_to(self.closure)) for path in self.closure.rglob("*")))

    def told(self) -> dict[str, str]:
        """Return path -> all that can be said of it, for each path below the closure."""
        return entries(output("find", self.closure, "-printf", FORMAT))


def gather(closure: Closure, build: Root, base: Root, work: Path, shell: str = "/bin/sh") -> Gathered:
    """Run the script of the closure stage in the build's root, compared with the base's.

    Raises:
        LabError: the script failed.
    """
    root = build.grown(work / "stage")
    written = work / "closure.sh"
    written.write_text(script(closure))
    succeed_in(root, f"{shell} /tmp/closure.sh", {"/mnt/base": base, "/tmp/closure.sh": written})
    image = Root((root.top / "closure", _target(work / "target"))).grown(work / "image")
    return Gathered(build, root.top / "closure", image)


def entries(printed: str) -> dict[str, str]:
    """Return path -> what `find -printf` says of it, without the times and sizes of folders."""
    rows = (line.partition("|") for line in printed.splitlines())
    return {path: _steady(told) for told, _, path in rows if path}


def is_elf(path: Path) -> bool:
    """Return whether a path is an ELF file itself, not a link to one."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _steady(told: str) -> str:
    kind, mode, owner, time, size, *link = told.split(" ")
    return " ".join((kind, mode, owner) if kind == "d" else (kind, mode, owner, time, size, *link))


def _target(place: Path) -> Path:
    for name, mode in TARGET_FOLDERS.items():
        (place / name).mkdir(parents=True, exist_ok=True)
        (place / name).chmod(mode)
    for name in TARGET_LINKS:
        (place / "usr" / name).mkdir(parents=True)
        (place / name).symlink_to(f"usr/{name}")
    (place / "etc/nsswitch.conf").write_text("hosts: files dns\n")
    (place / "etc/hosts").write_text("127.0.0.1 localhost\n192.0.2.7 box.example\n")
    return place
