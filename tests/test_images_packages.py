from __future__ import annotations

import pytest

from rewriter.images.catalog import package_role, program_packages
from rewriter.images.model import Packages

ROLES = """
apt build-essential build
apt gcc build
apt gcc-12 build
apt g++-12-aarch64-linux-gnu build
apt clang-15 build
apt make build
apt cmake build
apt git build
apt curl build
apt gnupg build
apt libpq-dev build
apt python3-dev build
apt python3.11-dev build
apt linux-headers-amd64 build
apt openjdk-17-jdk-headless build
apt openjdk-17-jre-headless runtime
apt libpq5 runtime
apt libc6 runtime
apt libssl3 runtime
apt zlib1g runtime
apt ffmpeg runtime
apt graphviz runtime
apt bash runtime
apt procps runtime
apt gosu runtime
apt dumb-init runtime
apt locales runtime
apt fonts-dejavu runtime
apt ca-certificates covered
apt tzdata covered
apt netbase covered
apt tini covered
apt vim build
apt mysterious-thing runtime
apt devices runtime
apk build-base build
apk gcc build
apk musl-dev build
apk .build-deps build
apk linux-headers build
apk libc6-compat runtime
apk gcompat runtime
apk libstdc++ runtime
apk ca-certificates-bundle covered
apk tzdata covered
apk tini covered
apk su-exec runtime
apk postgresql-dev build
rpm gcc-c++ build
rpm openssl-devel build
rpm glibc-devel build
rpm openssl-libs runtime
rpm tzdata covered
"""
UNKNOWN = {"mysterious-thing", "devices"}


@pytest.mark.parametrize("line", ROLES.split("\n")[1:-1])
def test_role(line: str) -> None:
    manager, name, role = line.split()
    managers: dict[str, Packages] = {"apt": "apt", "apk": "apk", "rpm": "rpm"}
    found = package_role(managers[manager], name)
    assert (found.name, found.role, found.known) == (name, role, name not in UNKNOWN)
    assert found.why


@pytest.mark.parametrize(
    ("manager", "text", "name"),
    [
        ("apt", "curl=7.88.1-10", "curl"),
        ("apt", "libpq-dev:arm64", "libpq-dev"),
        ("apt", "git/bookworm-backports", "git"),
        ("apk", "nodejs~=20", "nodejs"),
        ("apk", "gcc>12", "gcc"),
        ("apk", "tini@edge", "tini"),
    ],
)
def test_version_and_architecture_are_not_part_of_the_name(manager: Packages, text: str, name: str) -> None:
    found = package_role(manager, text)
    assert found.name == name
    assert found == package_role(manager, name)
    assert found.known


@pytest.mark.parametrize(
    ("manager", "program", "packages"),
    [
        ("apt", "nc", ("netcat-openbsd", "netcat-traditional", "ncat")),
        ("apt", "dot", ("graphviz",)),
        ("apt", "pg_isready", ("postgresql-client",)),
        ("apt", "envsubst", ("gettext-base",)),
        ("apk", "dig", ("bind-tools",)),
        ("apk", "envsubst", ("gettext", "gettext-envsubst")),
        ("rpm", "ps", ("procps-ng",)),
        ("apt", "curl", ("curl",)),
        ("apt", "no-such-program", ("no-such-program",)),
    ],
)
def test_packages_of_a_program(manager: Packages, program: str, packages: tuple[str, ...]) -> None:
    assert program_packages(manager, program) == packages
