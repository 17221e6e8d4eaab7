"""The short script, for what the plan names in full: the same program runs, with all that it loads, in real roots."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rewriter.plan import Closure
from tests.closure.gathering import Gathered, gather, is_elf
from tests.closure.test_debian import SUITES, with_application
from tests.lab import roots
from tests.lab.machine import folder
from tests.lab.roots import Root

pytestmark = pytest.mark.engine

NAMED = Closure(
    "closure", "build", "", trees=("/opt/app", "/home/app", "/srv/empty"), without=("/root/.cache",), packages="apt"
)


@pytest.fixture(scope="module", params=SUITES)
def gathered(request: pytest.FixtureRequest) -> Iterator[Gathered]:
    suite = str(request.param)
    with tempfile.TemporaryDirectory(dir=folder("run")) as work:
        build = with_application(suite, Path(work, "build"))
        empty = Root((Path(work, "empty"),))
        empty.top.mkdir()
        yield gather(NAMED, build, empty, Path(work, "gathered"))


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("/opt/app/bin/cancel", "canceled\n"),
        ("/opt/app/bin/names box.example app", "192.0.2.7 1000 /home/app\n"),
        ("/opt/app/bin/edit", "library\n"),
    ],
)
def test_it_runs(gathered: Gathered, command: str, told: str) -> None:
    done = roots.run_in(gathered.image, command)
    assert done.stdout.startswith(told), done.stderr


def test_every_library_is_found_in_the_image(gathered: Gathered) -> None:
    files = [path for path in gathered.paths() if is_elf(gathered.closure / path)]
    loader = next(path for path in gathered.paths() if path.startswith("usr/lib") and "/ld-linux" in path)
    told = [roots.run_in(gathered.image, f"/{loader} --list /{path}").stderr for path in files]
    assert len(files) > 10
    assert [line.split(": ")[2] for line in told if "cannot open" in line] == ["liblost.so.1"]


def test_what_comes_along_and_what_stays(gathered: Gathered) -> None:
    paths = set(gathered.paths())
    comes = {"opt/app/data", "opt/app/holes", "home/app/.profile", "srv/empty", "etc/ssl/certs/ca-certificates.crt"}
    stays = {"usr/bin/bash", "usr/bin/ls", "usr/bin/make", "etc/shadow", "root/.cache", "var/lib/dpkg/status", "lib"}
    assert comes - paths == set()
    assert stays & paths == set()


def test_owners_and_modes_are_kept(gathered: Gathered) -> None:
    for path in ("opt/app", "opt/app/data", "opt/app/bin/names", "home/app", "srv/empty", "tmp", "root", "etc"):
        was, now = gathered.build.find(path), (gathered.closure / path).lstat()
        assert (was.st_mode, was.st_uid, was.st_gid) == (now.st_mode, now.st_uid, now.st_gid), path
    assert (gathered.closure / "opt/app/bin/names").samefile(gathered.closure / "opt/app/bin/same")


def test_scanners_find_the_packages(gathered: Gathered) -> None:
    names = {path.name for path in (gathered.closure / "var/lib/dpkg/status.d").iterdir()}
    assert {"libc6", "libedit2"} <= names
    assert not {"bash", "make", "dpkg", "libedit-dev"} & names
