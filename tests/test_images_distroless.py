from __future__ import annotations

import re

import pytest

from rewriter.images.catalog import lookup, release, runtime, runtimes
from rewriter.images.model import DEFAULT_PATH, KnownImage, Runtime, argv
from rewriter.images.reference import parse_reference

TODAY = "2026-11-24"
DATE = re.compile(r"20\d\d-\d\d-\d\d")


def known(name: str) -> KnownImage:
    ref = parse_reference(f"gcr.io/distroless/{name}")
    assert ref is not None
    found = lookup(ref)
    assert isinstance(found, KnownImage), found
    return found


@pytest.mark.parametrize(
    ("name", "found_on", "entrypoint", "who", "has_shell"),
    [
        ("static-debian13", ("trixie", None), (), ("0", "/"), False),
        ("static-debian13:nonroot", ("trixie", None), (), ("65532", "/home/nonroot"), False),
        ("static-debian13:debug", ("trixie", None), ("/busybox/sh",), ("0", "/"), True),
        ("static-debian13:debug-nonroot", ("trixie", None), ("/busybox/sh",), ("65532", "/home/nonroot"), True),
        ("static-debian13:nonroot-amd64", ("trixie", None), (), ("65532", "/home/nonroot"), False),
        ("static-debian13:latest-riscv64", ("trixie", None), (), ("0", "/"), False),
        ("static-debian13:" + "0a" * 20, ("trixie", None), (), ("0", "/"), False),
        ("static-debian13:nonroot-" + "0a" * 20, ("trixie", None), (), ("65532", "/home/nonroot"), False),
        ("base", ("trixie", "2.41"), (), ("0", "/"), False),
        ("base-nossl-debian12", ("bookworm", "2.36"), (), ("0", "/"), False),
        ("cc:nonroot", ("trixie", "2.41"), (), ("65532", "/home/nonroot"), False),
        ("python3-debian13", ("trixie", "2.41"), ("/usr/bin/python3.13",), ("0", "/"), False),
        ("python3-debian13:debug", ("trixie", "2.41"), ("/usr/bin/python3.13",), ("0", "/"), True),
        ("python3-debian12", ("bookworm", "2.36"), ("/usr/bin/python3.11",), ("0", "/"), False),
        ("java21-debian13", ("trixie", "2.41"), ("/usr/bin/java", "-jar"), ("0", "/"), False),
        ("java17-debian11", ("bullseye", "2.31"), ("/usr/bin/java", "-jar"), ("0", "/"), False),
        ("nodejs22-debian13:nonroot", ("trixie", "2.41"), ("/nodejs/bin/node",), ("65532", "/home/nonroot"), False),
        ("nodejs18-debian12", ("bookworm", "2.36"), ("/nodejs/bin/node",), ("0", "/"), False),
    ],
)
def test_effective_configuration(
    name: str,
    found_on: tuple[str, str | None],
    entrypoint: tuple[str, ...],
    who: tuple[str, str],
    has_shell: object,
) -> None:
    image = known(name)
    assert (image.family, image.os, (image.release, image.libc_version)) == ("distroless", "debian", found_on)
    assert argv(image.config.entrypoint) == entrypoint
    assert (image.config.cmd, (image.config.user, image.config.workdir)) == (None, who)
    assert image.has_shell is has_shell
    assert image.packages is None


def test_debug_images_have_busybox_behind_the_path() -> None:
    assert dict(known("base-debian13:debug").config.env)["PATH"] == f"{DEFAULT_PATH}:/busybox"
    assert dict(known("base-debian13").config.env)["PATH"] == DEFAULT_PATH
    assert ("sh", "/busybox/sh") in known("base-debian13:debug").programs


def test_name_without_a_release_says_which_it_means() -> None:
    assert any("debian13 since 2026-01-30" in note for note in known("java21").notes)
    assert not any("2026-01-30" in note for note in known("java21-debian13").notes)


def test_images_with_a_locale_set_it() -> None:
    assert dict(known("python3").config.env)["LANG"] == "C.UTF-8"
    assert dict(known("java17").config.env)["LANG"] == "C.UTF-8"
    assert "LANG" not in dict(known("nodejs24").config.env)
    assert known("java17").versioned_env == ("JAVA_VERSION",)


@pytest.mark.parametrize("found", runtimes(), ids=lambda row: f"{row.name}-{row.distro}")
def test_row_of_the_catalogue(found: Runtime) -> None:
    assert runtime(found.name, found.distro) == found
    assert found.image == f"gcr.io/distroless/{found.name}-{found.distro}"
    assert release(found.release).version == found.distro.removeprefix("debian")
    assert (found.libc_version is None) == (found.name == "static")
    assert found.libc_version in (None, release(found.release).libc_version)
    assert found.source
    assert DATE.fullmatch(found.checked)
    assert (found.interpreter is None) == (found.language is None) == (not found.entrypoint)
    assert found.end_of_life
    over = bool(DATE.fullmatch(found.end_of_life)) and found.end_of_life < TODAY
    assert (found.status == "current") == (not over)


def test_only_debian_13_is_kept_up_to_date() -> None:
    assert {row.distro for row in runtimes() if row.status == "current"} == {"debian13"}
    assert {row.name for row in runtimes() if row.status == "ended"} == {"static", "base-nossl", "base", "cc"}


@pytest.mark.parametrize(
    ("name", "distro", "holds", "lacks"),
    [
        ("base-nossl", "debian13", {"libc.so.6"}, {"libssl.so.3", "libgcc_s.so.1", "libz.so.1"}),
        ("base", "debian13", {"libssl.so.3", "libz.so.1", "libzstd.so.1"}, {"libgcc_s.so.1", "libstdc++.so.6"}),
        ("base", "debian12", {"libssl.so.3"}, {"libz.so.1", "libzstd.so.1"}),
        ("cc", "debian13", {"libgcc_s.so.1", "libstdc++.so.6", "libgomp.so.1"}, {"libatomic.so.1"}),
        ("java-base", "debian13", {"libz.so.1", "libfreetype.so.6"}, {"libssl.so.3"}),
        ("nodejs26", "debian13", {"libatomic.so.1"}, set()),
        ("python3", "debian13", {"libffi.so.8", "libsqlite3.so.0"}, set()),
        ("static", "debian13", set(), {"libc.so.6"}),
    ],
)
def test_what_an_image_holds(name: str, distro: str, holds: set[str], lacks: set[str]) -> None:
    found = set(runtime(name, distro).libraries)
    assert holds <= found
    assert not lacks & found


def test_interpreters() -> None:
    assert runtime("python3", "debian13").interpreter == "/usr/bin/python3.13"
    assert runtime("nodejs24", "debian13").interpreter == "/nodejs/bin/node"
    assert runtime("java21", "debian13").interpreter_target == "/usr/lib/jvm/temurin-21-jre-{arch}/bin/java"
    assert runtime("cc", "debian13").glibcxx == "3.4.33"
    assert runtime("cc", "debian12").merged_usr is False


@pytest.mark.parametrize(("name", "distro"), [("static", "debian14"), ("nodejs20", "debian99"), ("ruby", "debian13")])
def test_image_that_never_was_raises(name: str, distro: str) -> None:
    with pytest.raises(KeyError, match=f"{name}-{distro}"):
        runtime(name, distro)
