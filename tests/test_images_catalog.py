from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rewriter.images.catalog import lookup, release
from rewriter.images.family import SHARED, family
from rewriter.images.model import DEFAULT_PATH, ImageRef, KnownImage, Unknown, argv
from rewriter.images.reference import parse_reference
from rewriter.images.tables import FOLDER

TABLES = Path(__file__).parent / "tables"
HEX = "0123456789abcdef" * 4
FAMILIES = sorted(path.stem for path in FOLDER.glob("*.toml") if path.stem not in SHARED)


def reference(text: str) -> ImageRef:
    ref = parse_reference(text)
    assert ref is not None, text
    return ref


def known(text: str) -> KnownImage:
    found = lookup(reference(text))
    assert isinstance(found, KnownImage), found
    return found


def unknown(text: str) -> Unknown:
    found = lookup(reference(text))
    assert isinstance(found, Unknown), found
    return found


def variants() -> list[dict[str, object]]:
    lines = (TABLES / "image_variants.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line.replace("{path}", DEFAULT_PATH)) for line in lines]
    assert len(rows) > 80
    return rows


@pytest.mark.parametrize("row", variants(), ids=lambda row: str(row["reference"]))
def test_configuration_is_that_of_the_published_image(row: dict[str, object]) -> None:
    image = known(str(row["reference"]))
    config = image.config
    found = {
        "entrypoint": list(argv(config.entrypoint)),
        "cmd": list(argv(config.cmd)),
        "workdir": config.workdir,
        "user": config.user,
        "env": dict(config.env),
        "stopsignal": config.stopsignal,
        "ports": list(config.ports),
        "volumes": list(config.volumes),
        "os": image.os,
        "libc": image.libc,
    }
    stated = {key: value for key, value in found.items() if value or row.get(key)}
    expected = {key: value for key, value in row.items() if key not in ("reference", "versioned_env")}
    assert stated == expected
    versioned = row.get("versioned_env", [])
    assert isinstance(versioned, list)
    assert set(versioned) <= set(image.versioned_env)
    assert not set(image.versioned_env) & set(dict(config.env))


def releases() -> list[tuple[str, str, str]]:
    lines = (TABLES / "image_releases.txt").read_text("utf-8").splitlines()
    heads = [line.partition(":")[::2] for line in lines if not line.startswith("#")]
    rows = [(*head.split(), tag) for head, tags in heads for tag in tags.split()]
    assert len(rows) > 3000
    return [(name, found, tag) for name, found, tag in rows]


@pytest.mark.parametrize("name", sorted({name for name, _, _ in releases()}))
def test_tags_mean_the_release_they_were_published_with(name: str) -> None:
    rows = [(tag, found) for family_name, found, tag in releases() if family_name == name]
    told = [(tag, known(f"{name}:{tag}").release) for tag, _ in rows]
    assert told == rows


@pytest.mark.parametrize(
    ("text", "expected", "libc_version"),
    [
        # The tag names it.
        ("golang:1.27rc1-bookworm", "bookworm", "2.36"),
        ("debian:bookworm-20240110-slim", "bookworm", "2.36"),
        ("amazoncorretto:17.0.8-al2023-headless", "amazonlinux2023", "2.34"),
        ("eclipse-temurin:21-jre-alpine-3.20", "alpine3.20", None),
        ("alpine:3.20.1", "alpine3.20", None),
        # It lies between two switches.
        ("golang:1.20.4", "bullseye", "2.31"),
        ("golang:1.20.5", "bookworm", "2.36"),
        ("node:18.15-slim", "bullseye", "2.31"),
        ("node:18.16-slim", "bookworm", "2.36"),
        ("python:3.11.3", "bullseye", "2.31"),
        ("python:3.11.4", "bookworm", "2.36"),
        ("openjdk:8u242-jdk", "buster", "2.28"),
        ("eclipse-temurin:8u402-b06-jre", "jammy", "2.35"),
        ("eclipse-temurin:17_35-jdk", "focal", "2.31"),
        # Its series never switched.
        ("golang:1.22.99", "bookworm", "2.36"),
        ("rust:1.80.1-slim", "bookworm", "2.36"),
        ("debian:12.5-slim", "bookworm", "2.36"),
        ("ubuntu:22.04", "jammy", "2.35"),
        ("mcr.microsoft.com/dotnet/aspnet:8.0.14", "bookworm", "2.36"),
        # It cannot be told: too old, too new, a candidate, or nobody wrote it down.
        ("python:2.7.14", "jessie", "2.19"),
        ("golang:1.27rc1", None, None),
        ("golang:1.99", None, None),
        ("python:3.15.0b3-slim", None, None),
        ("alpine:edge", None, None),
        ("oven/bun:1.3", None, None),
        ("tomcat:10.1.40-jdk21", None, None),
        ("mcr.microsoft.com/dotnet/aspnet:latest", None, None),
    ],
)
def test_release_and_its_libc(text: str, expected: str | None, libc_version: str | None) -> None:
    image = known(text)
    assert (image.release, image.libc_version) == (expected, libc_version)


@pytest.mark.parametrize(
    "text",
    [
        "golang:1.22-windowsservercore",
        "golang:1.22-nanoserver-1809",
        "node:8-onbuild",
        "node:22-custom",
        "redis:5-32bit",
        "python:3.12-slim-lunar",
        "mcr.microsoft.com/dotnet/aspnet:8.0-cbl-mariner2.0",
        "mcr.microsoft.com/dotnet/sdk:10.0-azurelinux3.0",
        "mcr.microsoft.com/dotnet/runtime:10.0-preview",
        "tomcat:9.0.45-jdk11",
        "tomcat:10-jdk17-openjdk",
        "maven:3.9-sapmachine-21",
        "gcr.io/distroless/static-debian13:v1",
        "gcr.io/distroless/nodejs:16",
        "gcr.io/distroless/nodejs30-debian13",
        "foo/golang",
        "gcr.io/library/golang",
        "example.com/golang:1.20",
        "releases",
        "index",
        "nginx-unprivileged",
        "dotnet-sdk",
    ],
)
def test_no_answer_is_better_than_a_neighbours(text: str) -> None:
    assert unknown(text).text == text
    assert unknown(text).why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("bitnami/redis:7", "moved to bitnamilegacy in 2025"),
        ("public.ecr.aws/lambda/python:3.12", "Lambda"),
        ("amazon/aws-lambda-nodejs:20", "Lambda"),
        ("docker:27-dind", "container engine"),
        ("mcr.microsoft.com/playwright:v1.50.0-noble", "tests with browsers"),
        ("mcr.microsoft.com/playwright/python:v1.50.0", "tests with browsers"),
        ("tiangolo/uwsgi-nginx-flask:python3.12", "supervisord"),
        ("dockercore/golang-cross", "no facts about this image"),
        ("mirror.gcr.io/selenium/hub", "supervisor"),
    ],
)
def test_some_images_are_declined_for_a_reason_of_their_own(text: str, why: str) -> None:
    assert why in unknown(text).why


@pytest.mark.parametrize("text", [f"golang@sha256:{HEX}", f"gcr.io/distroless/static@sha256:{HEX}"])
def test_digest_alone_says_nothing(text: str) -> None:
    assert "digest" in unknown(text).why


def test_digest_with_a_tag_is_read_by_its_tag_and_says_so() -> None:
    image = known(f"golang:1.20.4@sha256:{HEX}")
    assert image.release == "bullseye"
    assert any("digest" in note for note in image.notes)


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        "library/",
        "docker.io/",
        "docker.io/library/",
        "index.docker.io/library/",
        "public.ecr.aws/docker/library/",
        "mirror.gcr.io/library/",
        "registry.hub.docker.com/library/",
        "registry-1.docker.io/library/",
    ],
)
def test_official_images_are_known_under_other_names(prefix: str) -> None:
    image = known(f"{prefix}golang:1.20.4-alpine")
    assert image.ref.written == f"{prefix}golang:1.20.4-alpine"
    assert (image.family, image.release) == ("golang", "alpine3.18")


def test_reference_made_by_hand_is_found_without_its_registry() -> None:
    assert isinstance(lookup(ImageRef(None, "golang", "1.20", None, "golang:1.20")), KnownImage)


def test_scratch_is_the_word_alone() -> None:
    image = known("scratch")
    assert (image.os, image.libc, image.has_shell) == (None, None, False)
    assert image.config.env == (("PATH", DEFAULT_PATH),)
    assert unknown("docker.io/library/scratch").why


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("golang:1.20", "2024-02-06"),
        ("golang:1.20.4", "2024-02-06"),
        ("golang:1.19-alpine3.17", "2023-09-08"),
        ("python:3.9.2-slim", "2025-10-31"),
        ("debian:bookworm", "2028-06-30"),
        ("ubuntu:20.04", "2025-04-02"),
        ("mcr.microsoft.com/dotnet/aspnet:6.0", "2024-11-12"),
        ("gcr.io/distroless/cc-debian12", "2026-09-30"),
        ("gcr.io/distroless/java17-debian12", "2026-02-27"),
        ("gcr.io/distroless/static-debian13", "one year after the release of Debian 14"),
        ("alpine:3.20", None),
    ],
)
def test_end_of_updates(text: str, expected: str | None) -> None:
    assert known(text).end_of_life == expected


@pytest.mark.parametrize(
    ("text", "programs", "trees"),
    [
        ("python:3.12-slim", {"python3": "/usr/local/bin/python3.12"}, {"/usr/local"}),
        ("python:slim", {"python3": "/usr/local/bin/python3"}, {"/usr/local"}),
        ("python:2.7", {"python": "/usr/local/bin/python2"}, {"/usr/local"}),
        ("node:22", {"node": "/usr/local/bin/node", "yarn": "/usr/local/bin/yarn"}, {"/usr/local", "/opt/yarn-v*"}),
        ("node:jod-slim", {"yarn": "/usr/local/bin/yarn"}, {"/opt/yarn-v*"}),
        ("node:26", {"npm": "/usr/local/bin/npm"}, {"/usr/local"}),
        ("openjdk:17", {"java": "/usr/java/openjdk-17/bin/java"}, {"/usr/java/openjdk-17"}),
        ("openjdk:17-slim", {"java": "/usr/local/openjdk-17/bin/java"}, {"/usr/local/openjdk-17"}),
        ("openjdk:jre-slim", {"java": "/usr/local/openjdk-11/bin/java"}, {"/usr/local/openjdk-11"}),
        ("mcr.microsoft.com/dotnet/aspnet:8.0", {"dotnet": "/usr/share/dotnet/dotnet"}, {"/usr/share/dotnet"}),
        ("mcr.microsoft.com/dotnet/runtime-deps:8.0", {}, set()),
        ("gcr.io/distroless/python3", {"python": "/usr/bin/python3.13"}, {"/usr/lib/python3.13"}),
        ("haskell:9.10.3", {"ghc": "/opt/ghc/9.10.3/bin/ghc"}, {"/opt/ghc"}),
    ],
)
def test_programs_and_trees(text: str, programs: dict[str, str], trees: set[str]) -> None:
    image = known(text)
    assert programs.items() <= dict(image.programs).items()
    assert trees <= set(image.trees)


def test_yarn_is_not_in_the_newest_node_images() -> None:
    assert "yarn" not in dict(known("node:26-alpine").programs)
    assert "YARN_VERSION" not in known("node:26-alpine").versioned_env


def test_moving_tags_say_that_they_move() -> None:
    assert any("names no version" in note for note in known("node:lts").notes)
    assert not any("names no version" in note for note in known("node:22").notes)
    assert not any("names no version" in note for note in known("debian:bookworm").notes)


def test_lookup_reads_no_more_tables_than_it_needs() -> None:
    code = """
import sys
read = []
sys.addaudithook(lambda event, args: read.append(str(args[0])) if event == "open" else None)
from rewriter.images.catalog import lookup
from rewriter.images.reference import parse_reference
assert not [path for path in read if path.endswith(".toml")], "importing reads no table"
lookup(parse_reference("golang:1.20"))
print(*sorted({path.rsplit("/", 1)[1] for path in read if path.endswith(".toml")}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["golang.toml", "releases.toml"]


@pytest.mark.parametrize("name", FAMILIES)
def test_every_known_tag_of_a_family_has_an_answer(name: str) -> None:
    found = family(name)
    tags = [*found.suites.floating, "latest"]
    place = found.repositories[0]
    answers = [lookup(reference(f"{place}:{tag}")) for tag in tags]
    assert any(isinstance(answer, KnownImage) for answer in answers)
    for answer in answers:
        if isinstance(answer, KnownImage):
            assert answer.source
            assert answer.checked
            assert answer.release is None or release(answer.release).os == answer.os
