"""The closure's script on a musl root, busybox for all tools: without a package manager, and with Alpine's database."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rewriter.plan import Closure
from tests.closure.gathering import Gathered, gather, is_elf
from tests.lab import roots
from tests.lab.machine import folder, run
from tests.lab.roots import Root

pytestmark = pytest.mark.engine

SOURCES = Path(__file__).parent / "sources"

# Packages as the database of Alpine has them: name, what it needs, folder -> files.
Packages = dict[str, tuple[str, dict[str, list[str]]]]
NO_PACKAGES: Packages = {}
BUILT = ("busybox", "musl")
BASE: Packages = {
    "busybox": ("", {"bin": ["busybox"]}),
    "musl": ("", {"lib": ["ld-musl-x86_64.so.1", "libc.musl-x86_64.so.1"]}),
    "libedit": (
        "",
        {"usr/lib": ["libedit.so.2"], "usr/lib/edit": ["vi.so"], "etc": ["edit.conf"], "usr/bin": ["edln"]},
    ),
}
ADDED: Packages = {
    "tool": ("libbsd libtool", {"usr/bin": ["tool"], "usr/share/doc/tool": ["README"]}),
    "libbsd": ("", {"usr/lib": ["libbsd.so.0"]}),
    "libtool": ("", {"usr/lib": ["libtool.so.1"]}),
    "client": ("", {"usr/bin": ["client"], "etc/client": ["client.conf"]}),
}


@pytest.fixture(scope="module")
def built() -> Iterator[tuple[Root, Root, Path]]:
    """A base, a build on it, and a folder to work in."""
    with tempfile.TemporaryDirectory(dir=folder("run")) as work:
        base = roots.musl_root().grown(Path(work, "base"))
        write_packages(base.top, BASE)
        (base.top / "home/crew").mkdir(parents=True)
        (base.top / "home/crew/.settings").write_text("kept\n")
        with (base.top / "etc/passwd").open("w") as users:
            users.write((base.layers[1] / "etc/passwd").read_text())
            users.write("crew:x:70:70:crew:/home/crew:/sbin/nologin\ndaemon:x:2:2:daemon:/sbin:/sbin/nologin\n")
        (base.top / "opt/vendor").mkdir(parents=True)
        library(base.top / "opt/vendor/libvendor.so.4", "edit.c", "-DSTUB")
        (base.top / "etc/ld-musl-x86_64.path").write_text("/lib:/usr/local/lib:/usr/lib:/opt/vendor\n")
        library(base.top / "usr/lib/libedit.so.2", "edit.c", "-DSTUB")
        shutil.copy(SOURCES / "apk.sh", base.top / "usr/bin/apk")
        (base.top / "usr/bin/apk").chmod(0o755)
        build = base.grown(Path(work, "build"))
        write_packages(build.top, ADDED, BASE)
        library(build.top / "usr/lib/libbsd.so.0", "edit.c", "-DSTUB")
        with_application(build)
        yield base, build, Path(work)


@pytest.fixture(scope="module")
def plain(built: tuple[Root, Root, Path]) -> Gathered:
    base, build, work = built
    closure = Closure("closure", "build", "base", programs=("sh", "wc"), users=("app", "70", "daemon"), libc="musl")
    return gather(closure, build, base, work / "plain")


@pytest.fixture(scope="module")
def alpine(built: tuple[Root, Root, Path]) -> Gathered:
    base, build, work = built
    drop = ("tool", "never-installed")
    closure = Closure("closure", "build", "base", installed=("libedit",), drop=drop, libc="musl", packages="apk")
    return gather(closure, build, base, work / "alpine")


def write_packages(top: Path, packages: Packages, below: Packages = NO_PACKAGES) -> None:
    """Write the files of packages, and the database of these and those below."""
    for name, (_, folders) in packages.items():
        for place, files in folders.items() if name not in BUILT else ():
            (top / place).mkdir(parents=True, exist_ok=True)
            for file in files:
                (top / place / file).write_text(f"{name}\n")
    (top / "lib/apk/db").mkdir(parents=True)
    (top / "lib/apk/db/installed").write_text("".join(row(*package) for package in {**below, **packages}.items()))
    (top / "etc/apk").mkdir(parents=True)
    (top / "etc/apk/world").write_text("busybox\n")


def row(name: str, package: tuple[str, dict[str, list[str]]]) -> str:
    needs, folders = package
    files = [line for place, names in folders.items() for line in (f"F:{place}", *(f"R:{file}" for file in names))]
    return "\n".join((f"P:{name}", "V:1.0-r0", f"D:{needs}", *files, "", ""))


def library(target: Path, source: str, *options: str) -> None:
    target.unlink(missing_ok=True)
    run("musl-gcc", "-shared", "-fPIC", f"-Wl,-soname,{target.name}", "-o", target, SOURCES / source, *options)


def with_application(build: Root) -> None:
    programs = build.top / "opt/app"
    (build.top / "usr/local/lib").mkdir(parents=True)
    programs.mkdir(parents=True)
    base_library = build.layers[1] / "usr/lib/libedit.so.2"
    run("musl-gcc", "-o", programs / "edit", SOURCES / "edit.c", base_library)
    run("musl-gcc", "-o", programs / "bsd", SOURCES / "edit.c", build.top / "usr/lib/libbsd.so.0")
    library(build.top / "usr/local/lib/liblocal.so.3", "edit.c", "-DSTUB")
    run("musl-gcc", "-o", programs / "local", SOURCES / "edit.c", build.top / "usr/local/lib/liblocal.so.3")
    run("musl-gcc", "-o", programs / "vendor", SOURCES / "edit.c", build.layers[1] / "opt/vendor/libvendor.so.4")
    for name in ("cancel", "names"):
        run("musl-gcc", "-o", programs / name, SOURCES / f"{name}.c")
    (programs / "names").chmod(0o4711)
    (programs / "same").hardlink_to(programs / "names")
    (programs / "busybox").symlink_to("../../../bin/busybox")
    prepare = (
        "addgroup -g 1000 app",
        "adduser -D -H -u 1000 -G app app",
        "addgroup app wheel",
        "mkdir /home/app",
        "chown app /home/app",
        "ln -s ../usr/bin/client /bin/client",
    )
    roots.succeed_in(build, f"/bin/sh -ec '{'; '.join(prepare)}'")


@pytest.mark.parametrize("program", ["edit", "bsd", "local", "vendor"])
def test_libraries_of_base_package_and_build(plain: Gathered, alpine: Gathered, program: str) -> None:
    for gathered in (plain, alpine):
        assert roots.run_in(gathered.image, f"/opt/app/{program}").stdout == "stub\n"


def test_every_library_is_found_in_the_image(alpine: Gathered) -> None:
    files = [path for path in alpine.paths() if is_elf(alpine.closure / path)]
    told = [roots.run_in(alpine.image, f"/lib/ld-musl-x86_64.so.1 --list /{path}").stderr for path in files]
    assert len(files) > 8
    assert [line for line in told if "Error" in line] == []


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("/opt/app/cancel", "canceled\n"),
        ("/opt/app/names box.example app", "192.0.2.7 1000 /home/app\n"),
        ("/bin/sh -c 'echo a b | wc -w'", "2\n"),
    ],
)
def test_it_runs(plain: Gathered, command: str, told: str) -> None:
    done = roots.run_in(plain.image, command)
    assert done.stdout == told, done.stderr


def test_layout_and_attributes(plain: Gathered) -> None:
    assert {path.name for path in plain.closure.iterdir()} == set("etc home mnt opt root usr var".split())
    programs = plain.closure / "opt/app"
    assert (programs / "names").stat().st_mode == 0o104711
    assert (programs / "same").samefile(programs / "names")
    assert (plain.closure / "usr/lib/ld-musl-x86_64.so.1").is_file()
    assert (plain.closure / "usr/bin/client").read_text() == "client\n"
    assert (plain.closure / "home/app").stat().st_uid == 1000


def test_links_still_lead_where_they_led(plain: Gathered) -> None:
    closure = plain.closure
    assert str((closure / "opt/app/busybox").readlink()) == "../../../bin/busybox"
    assert str((closure / "usr/bin/wc").readlink()) == "/bin/busybox"
    assert roots.run_in(plain.image, "/opt/app/busybox echo there").stdout == "there\n"


def test_users_and_groups(plain: Gathered) -> None:
    users = [row.split(":")[0] for row in (plain.closure / "etc/passwd").read_text().splitlines()]
    groups = (plain.closure / "etc/group").read_text().splitlines()
    assert users == ["root", "nobody", "crew", "daemon", "app"]
    assert (plain.closure / "home/crew/.settings").read_text() == "kept\n"
    assert "wheel:x:10:root,app" in groups
    assert "app:x:1000:app" in groups


def test_what_comes_along_of_packages(alpine: Gathered) -> None:
    paths = set(alpine.paths())
    comes = {"usr/lib/edit/vi.so", "etc/edit.conf", "usr/bin/edln", "usr/bin/client", "etc/client/client.conf"}
    assert comes - paths == set()
    stays = {"usr/bin/tool", "usr/lib/libtool.so.1", "etc/apk", "usr/share/doc/tool", "usr/bin/wc", "usr/bin/apk"}
    assert stays & paths == set()


def test_scanners_find_the_packages(alpine: Gathered) -> None:
    rows = (alpine.closure / "usr/lib/apk/db/installed").read_text().split("\n\n")
    assert [row.splitlines()[0] for row in rows if row.strip()] == [
        "P:busybox",
        "P:musl",
        "P:libedit",
        "P:libbsd",
        "P:client",
    ]


def test_file_capabilities_are_set_again(built: tuple[Root, Root, Path]) -> None:
    base, build, work = built
    tools = build.grown(work / "tools")
    (tools.top / "usr/bin").mkdir(parents=True)
    for name, body in (("getcap", "echo '/opt/app/two words cap_net_raw=ep'"), ("setcap", 'echo "$@" >> /tmp/told')):
        (tools.top / "usr/bin" / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools.top / "usr/bin" / name).chmod(0o755)
    closure = Closure("closure", "build", "base", libc="musl")
    gathered = gather(closure, tools, base, work / "capable")
    assert (gathered.closure.parent / "tmp/told").read_text() == "cap_net_raw=ep ./opt/app/two words\n"


def test_the_tools_are_those_of_busybox() -> None:
    root = roots.musl_root().top
    assert (root / "bin/tar").readlink() == Path("/bin/busybox")
    assert subprocess.run((root / "bin/busybox",), capture_output=True, text=True, check=True).stdout.startswith(
        "BusyBox"
    )
