"""The closure's script in real Debian roots: what comes along, as it was, runs; what only the build needed does not."""

from __future__ import annotations

import os
import shlex
import shutil
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rewriter.plan import Closure
from tests.closure.gathering import FORMAT, Gathered, entries, gather, is_elf
from tests.lab import roots
from tests.lab.machine import LabError, folder
from tests.lab.roots import Root

pytestmark = pytest.mark.engine

SOURCES = Path(__file__).parent / "sources"
SUITES = ("bullseye", "bookworm", "trixie")
PACKAGES = ("curl", "file", "make", "libedit-dev")
CAPABILITY = struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0)  # cap_net_bind_service=ep, as the kernel stores it

# What the script writes itself.
MADE = ("etc/passwd", "etc/group", "var/run", "etc/ld.so.cache", "var/lib/dpkg/status.d", "usr/share/doc")

COMES = (
    "etc/alternatives/awk",
    "etc/issue",
    "etc/ssl/certs/ca-certificates.crt",
    "home/app/.profile",
    "opt/app/*",
    "opt/app/-x",
    "opt/app/[id]",
    "opt/app/a -> b",
    "opt/app/back\\slash\\x2d",
    "opt/app/bin/names",
    "opt/app/current",
    "opt/app/dangling",
    'opt/app/it\'s "$5"',
    "opt/app/pipe",
    "opt/app/releases/1/old",
    "opt/app/self",
    "opt/app/two words",
    "opt/app/é",
    "root/kept",
    "run/app",
    "srv/empty",
    "tmp/kept",
    "usr/bin/curl",
    "usr/bin/file",
    "usr/bin/head",
    "usr/bin/mawk",
    "usr/bin/nl",
    "usr/bin/perl",
    "usr/bin/sh",
    "usr/bin/tac",
    "usr/bin/test",
    "usr/lib/os-release",
    "usr/share/debconf/confmodule",
    "usr/share/misc/magic.mgc",
    "usr/share/pam/common-auth",
    "var/log/app.log",
    "var/log/app/out.log",
    "var/run/app",
)
STAYS = (
    "etc/alternatives/remake",
    "etc/apt",
    "etc/hosts",
    "etc/passwd-",
    "etc/shadow",
    "root/.cache",
    "tmp/rest",
    "usr/bin/apt",
    "usr/bin/bash",
    "usr/bin/remake",
    "usr/bin/grep",
    "usr/bin/ls",
    "usr/bin/make",
    "usr/include",
    "usr/share/doc/app",
    "usr/share/man",
    "usr/share/zoneinfo",
    "var/cache/apt",
    "var/lib/apt",
    "var/lib/dpkg/info",
    "var/lib/dpkg/status",
    "var/log/apt",
)


@pytest.fixture(scope="module", params=SUITES)
def built(request: pytest.FixtureRequest) -> Iterator[tuple[str, Root, Path]]:
    """A build: a release, its root with an application in the top layer, and a folder to work in."""
    suite = str(request.param)
    with tempfile.TemporaryDirectory(dir=folder("run")) as work:
        yield suite, with_application(suite, Path(work, "build")), Path(work)


@pytest.fixture(scope="module")
def gathered(built: tuple[str, Root, Path]) -> Gathered:
    suite, root, work = built
    return gather(closure_of(suite), root, roots.debian_root(suite), work / "dash")


def closure_of(suite: str) -> Closure:
    return Closure(
        stage="closure",
        build="build",
        compare="debian",
        trees=("/usr/share/pam", "/tmp/kept"),
        programs=("curl", "awk", "/usr/bin/file"),
        optional=("head", "/bin/test", "/usr/bin/test", "never-installed"),
        scripts=("/opt/app/bin/start",),
        drop=("make", "libedit-dev", "never-installed"),
        without=("/root/.cache",),
        users=("app",),
        packages="apt",
        merged_usr=suite != "bullseye",
        nonroot=True,
    )


def with_application(suite: str, top: Path) -> Root:
    """Return a root in which a build has left what builds leave."""
    root = roots.installed(suite, PACKAGES).grown(top)
    programs = top / "opt/app/bin"
    programs.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as work:
        stub = Path(work, "libedit.so")
        roots.compiled(SOURCES / "edit.c", suite, stub, "-shared", "-DSTUB", "-Wl,-soname,libedit.so.2")
        roots.compiled(SOURCES / "edit.c", suite, programs / "edit", str(stub))
        lost = Path(work, "liblost.so")
        roots.compiled(SOURCES / "edit.c", suite, lost, "-shared", "-DSTUB", "-Wl,-soname,liblost.so.1")
        roots.compiled(SOURCES / "edit.c", suite, programs / "plugin.so", str(lost), "-shared")
    roots.compiled(SOURCES / "cancel.c", suite, programs / "cancel", "-pthread")
    roots.compiled(SOURCES / "names.c", suite, programs / "names")
    roots.succeed_in(root, "/bin/sh /tmp/prepare.sh", {"/tmp/prepare.sh": SOURCES / "prepare.sh"})
    os.setxattr(programs / "cancel", "security.capability", CAPABILITY)
    return root


def test_every_library_is_found_in_the_image(gathered: Gathered) -> None:
    files = [path for path in gathered.paths() if is_elf(gathered.closure / path)]
    loader = next(path for path in gathered.paths() if path.startswith("usr/lib") and "/ld-linux" in path)
    trace = f'for f in {shlex.join(files)}; do echo "$f:"; LD_TRACE_LOADED_OBJECTS=1 /{loader} "/$f"; done'
    found = roots.run_in(gathered.image, f"/bin/sh -c {shlex.quote(trace)}").stdout
    assert len(files) > 60
    assert [line.strip() for line in found.splitlines() if "not found" in line] == ["liblost.so.1 => not found"]
    assert found.count("libc.so.6 => /") > 50


def test_everything_is_as_it_was(gathered: Gathered) -> None:
    before = entries(roots.succeed_in(gathered.build, f"/usr/bin/find / -xdev -printf '{FORMAT}'"))
    compared = {path: told for path, told in gathered.told().items() if not path.startswith(MADE)}
    different = {
        path: (told, before.get(path))
        for path, told in compared.items()
        if told not in (before.get(path), before.get(path.removeprefix("usr/")))
    }
    assert different == {}
    assert len(compared) > 300


def test_hard_links_holes_and_capabilities_are_kept(gathered: Gathered) -> None:
    programs = gathered.closure / "opt/app/bin"
    assert (programs / "names").samefile(programs / "same")
    assert os.getxattr(programs / "cancel", "security.capability") == CAPABILITY
    holes = (gathered.closure / "opt/app/holes").stat()
    assert holes.st_size == 8 << 20
    assert holes.st_blocks < 16


def test_what_comes_along(gathered: Gathered) -> None:
    paths = set(gathered.paths())
    assert [path for path in COMES if path not in paths] == []
    assert [name for name in ("libedit.so.2", "libbsd.so.0") if not any(path.endswith(name) for path in paths)] == []


def test_what_stays(gathered: Gathered) -> None:
    paths = set(gathered.paths())
    assert [path for path in STAYS if path in paths] == []


def test_the_layout_is_that_of_the_final_image(gathered: Gathered) -> None:
    names = {path.name for path in gathered.closure.iterdir()}
    assert names == set("boot etc home media mnt opt root run srv tmp usr var".split())
    assert {path.name for path in (gathered.closure / "run").iterdir() if path.is_dir()} >= {"lock"}
    for name, mode in (("root", 0o40700), ("tmp", 0o41777), ("etc", 0o40755), ("usr", 0o40755)):
        assert (gathered.closure / name).stat().st_mode == mode


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("/opt/app/bin/cancel", "canceled\n"),
        ("/opt/app/bin/names box.example app", "192.0.2.7 1000 /home/app\n"),
        ("/opt/app/bin/same localhost nonroot", "127.0.0.1 65532 /home/nonroot\n"),
        ("/opt/app/bin/edit", "library\n"),
        ("/opt/app/bin/start /etc/issue", "     2\tchanged\n"),
        ("/bin/sh -c 'echo x | awk \"{ print 7 }\"'", "7\n"),
        ("/opt/app/bin/perl -e 'print 5'", "5"),
        ("/usr/bin/file -b --mime-type /opt/app/bin/edit", "application/x-"),
        ("/usr/bin/curl --version", "curl "),
    ],
)
def test_it_runs(gathered: Gathered, command: str, told: str) -> None:
    done = roots.run_in(gathered.image, command)
    assert done.stdout.startswith(told), done.stderr


def test_users_and_groups(gathered: Gathered) -> None:
    users = [row.split(":")[0] for row in (gathered.closure / "etc/passwd").read_text().splitlines()]
    groups = [row.split(":")[0] for row in (gathered.closure / "etc/group").read_text().splitlines()]
    assert {"root", "www-data", "nobody", "app", "nonroot"} <= set(users)
    assert {"root", "www-data", "app", "nogroup", "tty", "staff", "nonroot"} <= set(groups)
    assert (len(users), len(groups)) == (len(set(users)), len(set(groups)))
    assert "www-data:x:33:app\n" in (gathered.closure / "etc/group").read_text()


def test_scanners_find_the_packages(gathered: Gathered) -> None:
    status = gathered.closure / "var/lib/dpkg/status.d"
    names = {path.name for path in status.iterdir()}
    assert {"curl", "libc6", "libedit2", "perl-base", "file"} <= names
    assert not {"make", "libedit-dev", "bash", "apt"} & names
    for name in names:
        row = (status / name).read_text()
        assert row.startswith(f"Package: {name}\n")
        assert "\nVersion: " in row


@pytest.mark.parametrize("built", ["bookworm"], indirect=True)
@pytest.mark.parametrize("shell", ["/bin/bash", "/tmp/mksh-static"])
def test_every_shell_gathers_the_same(built: tuple[str, Root, Path], gathered: Gathered, shell: str) -> None:
    suite, root, work = built
    shutil.copy("/bin/mksh-static", root.top / "tmp")
    again = gather(closure_of(suite), root, roots.debian_root(suite), work / Path(shell).name, shell)
    assert steady(again) == steady(gathered)


@pytest.mark.parametrize("built", ["bookworm"], indirect=True)
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (replace(closure_of("bookworm"), programs=("sh", "nothing")), "closure: no program nothing in this image"),
        (replace(closure_of("bookworm"), trees=("/usr/share", "/nowhere")), "/nowhere"),
    ],
)
def test_what_is_named_and_missing_fails_the_build(built: tuple[str, Root, Path], wrong: Closure, told: str) -> None:
    suite, root, work = built
    with tempfile.TemporaryDirectory(dir=work) as place, pytest.raises(LabError, match=f"exit status 1\n.*{told}"):
        gather(wrong, root, roots.debian_root(suite), Path(place))


def steady(gathered: Gathered) -> dict[str, str]:
    """Return what is told of all but the files the script writes itself."""
    return {path: row for path, row in gathered.told().items() if not path.startswith(MADE) or row.startswith("d")}
