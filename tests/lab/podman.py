"""Podman from a Debian 13 root, in a mount namespace of its own: what it mounts is gone when it is stopped.

The machine's own Podman may be too old to build what the tests build, or none. Images come from the other engine.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from tests.lab import daemons, debian
from tests.lab.machine import LabError, folder, locked, run, succeeds

PACKAGES = ("podman", "crun", "netavark", "nftables", "catatonit")
SETTINGS = """[containers]
default_ulimits = ["nofile=1024:4096", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
firewall_driver = "nftables"
"""
# What a program in the root finds as it is outside: builds and tests name files by the same paths.
SHARED = ("/proc", "/sys", "/dev", "/tmp")


def start(*images: str, also: tuple[Path, ...] = ()) -> dict[str, str]:
    """Return the environment in which `podman` is this one, with images taken over from the other engine.

    `also` are folders the builds read, beside the one for temporary files.

    Raises:
        LabError: it cannot be had here.
    """
    with locked():
        root = _root()
    daemons.start(
        "podman-root",
        *("/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-ec", _script(root, also)),
        ready=lambda: (root / "run/held").exists() and daemons.is_running("podman-root"),
    )
    commands = folder("run", "podman")
    program = commands / "podman"
    holder = f"$(cut -d' ' -f1 {shlex.quote(str(folder('run') / 'podman-root.pid'))})"
    program.write_text(
        f"#!/bin/sh\nexec nsenter --target {holder} --mount chroot {shlex.quote(str(root))} "
        'env PODMAN_IGNORE_CGROUPSV1_WARNING=1 podman "$@"\n'
    )
    program.chmod(0o755)
    for image in images:
        _take_over(str(program), image)
    return {"PATH": f"{commands}:{os.environ['PATH']}"}


def stop() -> None:
    """Stop what `start` started; the images stay for the next time."""
    daemons.stop("podman-root")
    (folder("roots") / "podman/run/held").unlink(missing_ok=True)


def _root() -> Path:
    root = folder("roots") / "podman"
    if not root.exists():
        partial = root.with_name("partial-podman")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        run("tar", "-x", "-p", "-f", debian.root_tar("trixie", PACKAGES), "-C", partial)
        (partial / "etc/containers/containers.conf").write_text(SETTINGS)
        partial.rename(root)
    return root


def _script(root: Path, also: tuple[Path, ...]) -> str:
    """Return what makes the mounts and then holds them. crun refuses version 2 of control groups beside version 1."""
    (root / "run/held").unlink(missing_ok=True)
    shared = (*SHARED, *map(str, also))
    lines = [
        f"mount --bind {shlex.quote(str(root))} {shlex.quote(str(root))}",  # Podman unpacks where `/` is a mount.
        *(f"mkdir -p {shlex.quote(f'{root}{place}')}" for place in shared),
        *(f"mount --rbind {shlex.quote(place)} {shlex.quote(f'{root}{place}')}" for place in shared),
        f"! mountpoint -q {root}/sys/fs/cgroup/unified || umount {root}/sys/fs/cgroup/unified",
        f"touch {root}/run/held",
        "exec sleep infinity",
    ]
    return "\n".join(lines)


def _take_over(podman: str, image: str) -> None:
    if succeeds(podman, "image", "exists", image):
        return
    with subprocess.Popen(("docker", "save", image), stdout=subprocess.PIPE) as save:
        loaded = subprocess.run((podman, "load", "--quiet"), stdin=save.stdout, capture_output=True, check=False)
    if loaded.returncode != 0:
        raise LabError(f"podman load {image}: {loaded.stderr.decode(errors='replace')}")
