"""The closure's script where the package manager is rpm: a Debian root with a real rpm database beside its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rewriter.plan import Closure
from tests.closure.gathering import Gathered, gather
from tests.lab import roots
from tests.lab.machine import folder, run
from tests.lab.roots import Root

pytestmark = pytest.mark.engine

SOURCES = Path(__file__).parent / "sources"

# Name -> its files, "library" and "tool" being programs of a kind that the closure tells apart.
PACKAGES = {
    "vendor": (
        "/usr/lib/vendor/libvendor.so.1",
        "/usr/lib/vendor/plugin.dat",
        "/usr/bin/vendor-config",
        "/etc/vendor.conf",
    ),
    "client": ("/usr/bin/client", "/usr/share/man/man1/client.1"),
    "compiler": ("/usr/bin/compiler", "/usr/lib/compiler/back-end"),
    "vendor-devel": ("/usr/include/vendor.h",),
}
SPEC = """
Name: {name}
Version: 1
Release: 1
Summary: a package
License: none
AutoReqProv: no
{requires}
%description
%install
{install}
%files
{files}
"""


@pytest.fixture(scope="module")
def gathered() -> Iterator[Gathered]:
    with tempfile.TemporaryDirectory(dir=folder("run")) as work:
        tools = roots.installed("bookworm", ("rpm",))
        library = Path(work, "libvendor.so.1")
        options = ("-shared", "-fPIC", "-DSTUB", f"-Wl,-soname,{library.name}")
        roots.compiled(SOURCES / "edit.c", "bookworm", library, *options)
        base = with_packages(tools.grown(Path(work, "base")), library, "vendor")
        build = with_packages(base.grown(Path(work, "build")), library, "client", "compiler", "vendor-devel")
        (build.top / "opt").mkdir()
        roots.compiled(
            SOURCES / "edit.c", "bookworm", build.top / "opt/app", str(library), "-Wl,-rpath,/usr/lib/vendor"
        )
        drop = ("compiler", "vendor-devel", "never-installed")
        closure = Closure("closure", "build", "base", installed=("client",), drop=drop, packages="rpm", merged_usr=True)
        yield gather(closure, build, base, Path(work, "gathered"))


def with_packages(root: Root, library: Path, *names: str) -> Root:
    """Make packages in the root and install them there."""
    place = root.top / "tmp"
    place.mkdir(mode=0o1777)
    run("cp", library, place / "library")
    for name in names:
        install = [f"install -D /tmp/library %{{buildroot}}{path}" for path in PACKAGES[name]]
        requires = "Requires: vendor\n" if name == "vendor-devel" else ""
        (place / f"{name}.spec").write_text(
            SPEC.format(name=name, requires=requires, install="\n".join(install), files="\n".join(PACKAGES[name]))
        )
    settings = ("_topdir /tmp/rpm", "__os_install_post %nil", "_build_id_links none")
    build = " ".join(("rpmbuild", "--quiet", *(f"--define '{setting}'" for setting in settings), "-bb /tmp/*.spec"))
    roots.succeed_in(root, f'/bin/sh -ec "{build}; rpm --nodeps -i /tmp/rpm/RPMS/*/*.rpm; rm -r /tmp/*"')
    return root


def test_it_runs(gathered: Gathered) -> None:
    assert roots.run_in(gathered.image, "/opt/app").stdout == "stub\n"


def test_what_comes_along(gathered: Gathered) -> None:
    comes = {"usr/lib/vendor/plugin.dat", "etc/vendor.conf", "usr/bin/client", "usr/lib/os-release"}
    assert comes - set(gathered.paths()) == set()


def test_what_stays(gathered: Gathered) -> None:
    stays = {
        "usr/bin/compiler",
        "usr/lib/compiler/back-end",
        "usr/include",
        "usr/bin/vendor-config",
        "usr/share/man",
        "var/lib/rpm",
    }
    assert stays & set(gathered.paths()) == set()
