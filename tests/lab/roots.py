"""Root file systems to run scripts in without a container engine: folders in layers, entered with chroot.

Nothing is mounted outside of the run itself, which has a mount namespace of its own, so nothing is left behind. Needs
root. Layers are folders: what a run wrote can be read and changed from outside.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab import debian
from tests.lab.busybox import busybox
from tests.lab.machine import LabError, folder, locked, output, run

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Root:
    """A root in layers, the topmost first; a run writes to the topmost."""

    layers: tuple[Path, ...]

    @property
    def top(self) -> Path:
        """The folder a run writes to."""
        return self.layers[0]

    def grown(self, top: Path) -> Root:
        """Return a root with an empty layer on top of this one's."""
        top.mkdir(parents=True)
        return Root((top, *self.layers))


NO_MOUNTS: Mapping[str, Path | Root] = {}


def run_in(root: Root, command: str, mounts: Mapping[str, Path | Root] = NO_MOUNTS) -> subprocess.CompletedProcess[str]:
    """Run a shell command line in a root, and return what it printed; the mounts are read-only.

    The command line is run by the root's own /bin/sh, or, where it starts with a path, directly.
    """
    with tempfile.TemporaryDirectory(dir=root.top.parent) as work:
        point = Path(work, "root")
        steps = [
            *(f"mkdir {shlex.quote(str(Path(work, name)))}" for name in ("root", "work")),
            _overlay(root, point, Path(work, "work")),
            *(line for target, source in {**_SYSTEM, **mounts}.items() for line in _over(source, f"{point}{target}")),
            f"mkdir -p {point}/proc && mount -t proc proc {point}/proc",
            f"exec env -i PATH={PATH} chroot {point} {command}",
        ]
        script = "set -e\n" + "\n".join(steps)
        unshared = ("unshare", "--mount", "--propagation", "private", "sh", "-c", script)
        return subprocess.run(unshared, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def succeed_in(root: Root, command: str, mounts: Mapping[str, Path | Root] = NO_MOUNTS) -> str:
    """Return what the command prints.

    Raises:
        LabError: it failed.
    """
    done = run_in(root, command, mounts)
    if done.returncode != 0:
        raise LabError(f"{command}: exit status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def debian_root(suite: str) -> Root:
    """Return a minimal Debian root; made once. Not to be written to."""
    return Root((_unpacked(debian.root_tar(suite), folder("roots") / suite),))


def installed(suite: str, packages: tuple[str, ...]) -> Root:
    """Return the minimal Debian root with a layer in which apt-get installed these packages; made once."""
    base = debian_root(suite)
    top = folder("roots") / f"{suite}+{'+'.join(packages)}"
    with locked():
        if not top.exists():
            partial = top.with_name(f"partial-{top.name}")
            shutil.rmtree(partial, ignore_errors=True)
            words = shlex.join(packages)
            install = f"apt-get update -qq && apt-get install -qq -y --no-install-recommends {words}"
            succeed_in(base.grown(partial), _shell(install), {"/etc/resolv.conf": Path("/etc/resolv.conf")})
            partial.rename(top)
    return Root((top, *base.layers))


def musl_root() -> Root:
    """Return a root with busybox under all its names and musl as its C library, laid out as Alpine is; made once."""
    place = folder("roots") / "musl"
    program = busybox()
    with locked():
        if not place.exists():
            partial = place.with_name("partial-musl")
            shutil.rmtree(partial, ignore_errors=True)
            _make_musl(partial, program)
            partial.rename(place)
    return Root((place,))


def compiled(source: Path, suite: str, target: Path, *options: str) -> None:
    """Compile a C program or library with the host's compiler against the C library of a Debian release."""
    sysroot = folder("roots") / f"{suite}-sysroot"
    with locked():
        if not sysroot.exists():
            partial = sysroot.with_name(f"partial-{sysroot.name}")
            shutil.rmtree(partial, ignore_errors=True)
            _make_sysroot(suite, partial)
            partial.rename(sysroot)
    folders = (sysroot / kind / output("gcc", "-print-multiarch") for kind in ("usr/lib", "lib"))
    # A compiler in /usr looks for libraries beside itself before it looks in the given root, but for these.
    run("gcc", f"--sysroot={sysroot}", *(f"-B{place}/" for place in folders), "-o", target, source, *options)


def _shell(line: str) -> str:
    return f"/bin/sh -ec {shlex.quote(line)}"


_SYSTEM: Mapping[str, Path | Root] = {"/dev": Path("/dev")}


def _overlay(root: Root, point: Path, work: Path) -> str:
    lower = ":".join(map(str, root.layers[1:]))
    options = f"lowerdir={lower},upperdir={root.top},workdir={work}"
    return f"mount -t overlay overlay -o {shlex.quote(options)} {shlex.quote(str(point))}"


def _over(source: Path | Root, place: str) -> Iterator[str]:
    """Yield the lines that lay a file, a folder or a root over a place, which is made if need be, as builders do."""
    quoted = shlex.quote(place)
    if isinstance(source, Path) and source.is_file():
        yield f"mkdir -p $(dirname {quoted}) && touch {quoted}"
    else:
        yield f"mkdir -p {quoted}"
    if isinstance(source, Path):
        yield f"mount --rbind {shlex.quote(str(source))} {quoted}"
    elif len(source.layers) == 1:
        yield f"mount --bind {shlex.quote(str(source.top))} {quoted}"
    else:
        yield f"mount -t overlay overlay -o {shlex.quote('lowerdir=' + ':'.join(map(str, source.layers)))} {quoted}"


def _unpacked(tar: Path, place: Path) -> Path:
    with locked():
        if not place.exists():
            partial = place.with_name(f"partial-{place.name}")
            shutil.rmtree(partial, ignore_errors=True)
            run("tar", "-x", "-p", "--xattrs", "--xattrs-include=*", "-f", tar, "-C", _made(partial))
            partial.rename(place)
    return place


def _make_sysroot(suite: str, place: Path) -> None:
    for name in ("lib", "lib64"):
        _made(place / "usr" / name)
        (place / name).symlink_to(f"usr/{name}")
    with tempfile.TemporaryDirectory() as work:
        for package in debian.download(suite, ("libc6", "libc6-dev", "linux-libc-dev"), Path(work)):
            debian.unpack(package, place)
    for link in [path for path in place.rglob("*") if path.is_symlink() and path.readlink().is_absolute()]:
        inside = os.path.relpath(place / str(link.readlink()).lstrip("/"), link.parent)
        link.unlink()
        link.symlink_to(inside)


def _make_musl(place: Path, program: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        files = Path(work, "files")
        for package in debian.download("bookworm", ("musl",), Path(work)):
            debian.unpack(package, _made(files))
        for name in (
            "bin",
            "sbin",
            "lib",
            "usr/bin",
            "usr/sbin",
            "usr/lib",
            "usr/local/lib",
            "etc",
            "mnt",
            "var",
            "root",
        ):
            _made(place / name)
        _made(place / "tmp").chmod(0o1777)
        _made(place / "root").chmod(0o700)
        shutil.copy2(program, place / "bin/busybox")
        (loader,) = (files / "lib").glob("*-linux-musl/libc.so")
        (link,) = (files / "lib").glob("ld-musl-*.so.1")
        name = link.name
        shutil.copy2(loader, place / "lib" / name)
        (place / "lib" / f"libc.{name.removeprefix('ld-').removesuffix('.so.1')}.so.1").symlink_to(name)
    for applet in _applets(place / "bin/busybox"):
        target = place / applet
        if target.parent.exists() and not target.exists():
            target.symlink_to("/bin/busybox")
    (place / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n")
    (place / "etc/group").write_text("root:x:0:root\nwheel:x:10:root\nnobody:x:65534:\n")


def _applets(busybox: Path) -> list[str]:
    listed = subprocess.run((busybox, "--list-full"), check=True, capture_output=True, text=True)
    return listed.stdout.split()


def _made(place: Path) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    return place
