"""How the closure stage is written: the parts a closure needs and no others, in a form every shell reads."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from rewriter.images.model import Libc, Packages
from rewriter.plan import Closure
from tests.closure.stages import script, stage

PLAIN = Closure("closure", "build", "debian:bookworm", merged_usr=True, run=False)
EVERYTHING = Closure(
    "closure",
    "build",
    "base",
    trees=("/usr/local", "/my app"),
    programs=("sh", "/opt/x"),
    installed=("libpq5",),
    drop=("gcc", "git"),
    without=("/root/.cache", "/it's"),
    users=("app", "1000"),
    base="--platform=linux/amd64 python:${VERSION}",
    as_root=True,
    optional=("curl",),
    scripts=("/start.sh",),
    nonroot=True,
)
PACKAGES: tuple[Packages | None, ...] = (None, "apt", "apk", "rpm")
LIBCS: tuple[Libc | None, ...] = (None, "glibc", "musl")
KINDS = list(itertools.product(PACKAGES, LIBCS))
SHELLS = [
    shell
    for shell in ("sh -n", "dash -n", "bash -n", "busybox sh -n", "mksh -n", "ksh -n", "zsh -n")
    if shutil.which(shell.split(" ")[0])
]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(("packages", "libc"), KINDS)
def test_every_shell_can_read_it(packages: Packages | None, libc: Libc | None, shell: str) -> None:
    for closure in (PLAIN, EVERYTHING):
        drop = closure.drop if packages else ()
        text = script(replace(closure, packages=packages, libc=libc, drop=drop))
        done = subprocess.run(shell.split(" "), input=text, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("closure", "written"),
    [
        (replace(PLAIN, as_root=True), "\nUSER 0\n"),
        (replace(PLAIN, trees=("/usr/local", "/my app")), "\nfind /usr/local '/my app' -xdev"),
        (replace(PLAIN, patterns=("/opt/yarn-v*",)), "\nfor d in /opt/yarn-v*; do"),
        (replace(PLAIN, programs=("sh", "dot")), "for p in sh dot; do"),
        (replace(PLAIN, optional=("curl",)), "for p in curl; do"),
        (replace(PLAIN, scripts=("/start.sh",)), "for p in /start.sh; do"),
        (replace(PLAIN, without=("/root/.cache", "/it's")), "\nrm -rf /root/.cache '/it'\"'\"'s'\n"),
        (replace(PLAIN, users=("app", "1000")), "-v users=' app 1000 '"),
        (replace(PLAIN, run=True), "\nif [ -L /var/run ]; then"),
        (replace(PLAIN, nonroot=True), "\necho nonroot:x:65532:65532:"),
        (replace(PLAIN, packages="apt"), "status.d"),
        (replace(PLAIN, packages="apt", drop=("gcc",)), "apt-get -s autoremove"),
        (replace(PLAIN, packages="apt", installed=("libpq5",)), "printf '%s\\n' libpq5 | contents"),
        (replace(PLAIN, packages="apk"), "/lib/apk/db/installed"),
        (replace(PLAIN, packages="apk", drop=("gcc",)), "apk info -e gcc"),
        (replace(PLAIN, packages="apk", installed=("libpq",)), "printf '%s\\n' libpq | contents"),
        (replace(PLAIN, packages="rpm"), "rpm -qa"),
        (replace(PLAIN, packages="rpm", drop=("gcc",)), "printf '%s\\n' gcc | contents"),
        (replace(PLAIN, packages="rpm", installed=("libpq",)), "printf '%s\\n' libpq | contents"),
        (replace(PLAIN, merged_usr=False), "for d in bin lib"),
        (replace(PLAIN, libc="musl"), "getcap"),
        (replace(PLAIN, libc="musl"), "ld-musl"),
        (replace(PLAIN, base="python:${V}", compare="base"), "FROM python:${V} AS base\n\n"),
    ],
)
def test_a_part_is_written_where_it_is_needed_only(closure: Closure, written: str) -> None:
    assert written in stage(closure)
    assert written not in stage(PLAIN)


@pytest.mark.parametrize("written", ["gcc_s", "nss_dns", "ldconfig -X -r", "each ldd", "/usr/lib/locale"])
def test_what_glibc_needs_is_not_written_for_musl(written: str) -> None:
    assert written in stage(PLAIN)
    assert written not in stage(replace(PLAIN, libc="musl"))


def test_the_common_case_as_it_is_read() -> None:
    closure = Closure(
        "closure",
        "build",
        "python:3.12-slim",
        trees=("/usr/local",),
        without=("/root/.cache",),
        programs=("python",),
        packages="apt",
        merged_usr=True,
        run=False,
    )
    assert stage(closure) == (Path(__file__).parent / "python.Dockerfile").read_text()


def test_no_line_is_too_long_to_read() -> None:
    for packages, libc in KINDS:
        lines = stage(replace(EVERYTHING, packages=packages, libc=libc)).splitlines()
        assert [line for line in lines if len(line) > 130] == []


def test_no_blank_line_is_left_where_a_part_is_not_written() -> None:
    for packages, libc in KINDS:
        for closure in (PLAIN, EVERYTHING):
            text = stage(replace(closure, packages=packages, libc=libc))
            assert "\n\n\n" not in text
            assert "\n\nEOF" not in text
            assert text.endswith("\nEOF\n")


def test_a_file_with_carriage_returns_gets_a_script_without() -> None:
    text = stage(PLAIN, "\r\n")
    assert text.count("\n") == text.count("\r\n")
    first, _, rest = text.replace("\r\n", "\n").partition("<<'EOF' > /tmp/closure && sh /tmp/closure\n")
    assert first.endswith(",target=/mnt/base tr -d '\\r' ")
    assert "#!/bin/sh\n" + rest.removesuffix("EOF\n") == script(PLAIN)


def test_what_no_script_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="line break"):
        stage(replace(PLAIN, trees=("/a\nb",)))
