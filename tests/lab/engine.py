"""A container engine: the machine's own if it is new enough, else Docker from Debian's packages, run for the lab alone.

Debian 12 has no engine that can build what the tests build, so the programs come from a newer release and are unpacked
beside the system; runc, which needs a newer C library there, comes from the machine's own release. The engine has its
own socket, data and bridge, and changes no firewall rule: builds use the host's network.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.lab import daemons, debian, init_download
from tests.lab.machine import LabError, folder, need, output, run, succeeds

OLDEST_MAJOR = 25  # the first whose builder knows `ADD --checksum` without a downloaded frontend
SUITES = ("forky", "trixie")  # the newest first; trixie's is too old for `build --check` but runs on an older C library
PACKAGES = ("docker.io", "docker-cli", "docker-buildx", "containerd")
PROGRAMS = ("dockerd", "docker", "docker-proxy", "containerd", "containerd-shim-runc-v2")
PROGRAM_FOLDERS = ("usr/bin", "usr/sbin", "usr/libexec/docker")
BRIDGE = "dfmod0"
BRIDGE_ADDRESS = "172.31.253.1/24"


def start() -> dict[str, str]:
    """Return the environment that reaches a running engine; empty when the machine's own will do.

    Raises:
        LabError: there is none and none can be started.
    """
    if is_usable(os.environ):
        return {}
    if os.geteuid() != 0:
        raise LabError("no container engine answers; help: start Docker 25 or newer, or be root on Debian")
    _fetch()
    _link(folder("bin") / "docker-init", init_download.tini())
    _add_bridge()
    pidfile = folder("run") / daemons.FOREIGN
    pidfile.unlink(missing_ok=True)  # one left by a machine that went down would name somebody else's process
    daemons.start(
        "dockerd",
        *(folder("bin") / "dockerd", "--host", f"unix://{_socket()}", "--pidfile", pidfile),
        *("--data-root", folder("data"), "--exec-root", folder("exec"), "--bridge", BRIDGE),
        *("--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"),
        ready=lambda: is_usable({**os.environ, **_reached_by()}),
        env={**os.environ, **_reached_by()},
    )
    return environment()


def stop() -> None:
    """Stop the engine this module started, its containers with it; images and build cache stay for the next time."""
    daemons.stop("dockerd")
    while f" {folder('data')} " in Path("/proc/self/mounts").read_text():  # left by an engine that was killed
        run("umount", folder("data"))
    if _has_bridge():
        run("ip", "link", "delete", BRIDGE)


def environment() -> dict[str, str]:
    """Return the environment that reaches the lab's own engine; empty when it does not run."""
    return _reached_by() if daemons.is_running("dockerd") else {}


def _reached_by() -> dict[str, str]:
    path = os.environ.get("PATH", os.defpath)
    own = str(folder("bin"))
    return {
        "DOCKER_HOST": f"unix://{_socket()}",
        "DOCKER_CONFIG": str(folder("config")),
        "PATH": path if path.startswith(own + ":") else f"{own}:{path}",
    }


def is_usable(env: Mapping[str, str]) -> bool:
    """Return whether an engine answers in this environment that is new enough and has a builder."""
    docker = shutil.which("docker", path=env.get("PATH"))
    if docker is None or not succeeds(docker, "version", env=env) or not succeeds(docker, "buildx", "version", env=env):
        return False
    version = output(docker, "version", "--format", "{{.Server.Version}}", env=env)
    return int(version.split(".")[0]) >= OLDEST_MAJOR


def _socket() -> Path:
    return folder("run") / "docker.sock"


def _fetch() -> None:
    """Unpack the engine's programs from the newest release whose build runs here."""
    need("runc", "runc")
    need("ip", "iproute2")
    dockerd = folder("bin") / "dockerd"
    for suite in SUITES:
        if succeeds(str(dockerd), "--version"):
            return
        _unpack(suite)
    if not succeeds(str(dockerd), "--version"):
        raise LabError(f"no Docker of Debian {' or '.join(SUITES)} runs on this machine; help: install Docker")


def _unpack(suite: str) -> None:
    root = folder("engine", suite)
    with tempfile.TemporaryDirectory() as work:
        for package in debian.download(suite, PACKAGES, Path(work)):
            debian.unpack(package, root)
    for program in PROGRAMS:
        found = next((root / place / program for place in PROGRAM_FOLDERS if (root / place / program).exists()), None)
        if found is not None:
            _link(folder("bin") / program, found)
    _link(folder("config", "cli-plugins") / "docker-buildx", root / "usr/libexec/docker/cli-plugins/docker-buildx")


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _add_bridge() -> None:
    if _has_bridge():
        return
    run("ip", "link", "add", "name", BRIDGE, "type", "bridge")
    run("ip", "address", "add", BRIDGE_ADDRESS, "dev", BRIDGE)
    run("ip", "link", "set", BRIDGE, "up")


def _has_bridge() -> bool:
    return Path("/sys/class/net", BRIDGE).exists()
