"""The tini download where it cannot be reached: the builder fetches Debian's build of the same release instead.

A source policy replaces the address and its checksum for the builds of this environment only; the Dockerfile under test
stays as it is, checksum included. Where the address can be reached nothing is replaced and the checksum is put to work.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import sys
import tempfile
import urllib.request
from pathlib import Path

from tests.lab import daemons, debian
from tests.lab.machine import folder, reaches

PUBLISHED = "https://github.com/krallin/tini/releases/download/*/tini-static-{arch}"
POLICY_VARIABLE = "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY"


def start(also: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the environment that builds need to get tini; empty where the published address answers.

    `also` are more addresses to replace, of hosts that do not exist; `{arch}` stands for the architecture.

    Raises:
        LabError: Debian's package cannot be had either.
    """
    addresses = also if reaches("github.com") else (PUBLISHED, *also)
    if not addresses:
        return {}
    asset = tini()
    if not daemons.is_running("init-download") or not _serves(_port(), asset.name):
        _port_file().write_text(str(_free_port()))
    serve = (sys.executable, "-m", "http.server", str(_port()), "--bind", "127.0.0.1", "--directory", asset.parent)
    daemons.start("init-download", *serve, ready=lambda: _serves(_port(), asset.name))
    _policy_file().write_text(json.dumps({"rules": [_rule(address, asset) for address in addresses]}))
    return environment()


def stop() -> None:
    """Stop serving."""
    daemons.stop("init-download")


def environment() -> dict[str, str]:
    """Return the environment that makes builds follow the policy; empty when nothing is served."""
    return {POLICY_VARIABLE: str(_policy_file())} if daemons.is_running("init-download") else {}


def _rule(address: str, asset: Path) -> dict[str, object]:
    """Return the rule that replaces an address by the file served on loopback, with the checksum of that file."""
    checksum = hashlib.sha256(asset.read_bytes()).hexdigest()
    updates = {
        "identifier": f"http://127.0.0.1:{_port()}/{asset.name}",
        "attrs": {"http.checksum": f"sha256:{checksum}"},
    }
    selector = {"identifier": address.format(arch=debian.architecture())}
    return {"action": "CONVERT", "selector": selector, "updates": updates}


def tini() -> Path:
    """Return Debian's static tini under the published file's name; releases after Debian 13 have none.

    Raises:
        LabError: the package cannot be had.
    """
    asset = folder("init-download") / f"tini-static-{debian.architecture()}"
    if not asset.exists():
        with tempfile.TemporaryDirectory() as work:
            (package,) = debian.download("trixie", ("tini",), Path(work))
            debian.unpack(package, Path(work))
            shutil.copy(Path(work, "usr/bin/tini-static"), asset)
    return asset


def _policy_file() -> Path:
    return folder("run") / "source-policy.json"


def _port_file() -> Path:
    return folder("run") / "init-download.port"


def _port() -> int:
    return int(_port_file().read_text())


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _serves(port: int, name: str) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/{name}", timeout=5).close()
    except OSError:
        return False
    return True
