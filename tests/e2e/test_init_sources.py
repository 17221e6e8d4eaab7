"""Every place tini can come from really builds, and what comes from there is PID 1 over the program."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rewriter.plan import Options
from tests.e2e import harness
from tests.e2e.bases import built
from tests.e2e.convert import converted
from tests.lab import init_download

pytestmark = pytest.mark.engine
MIRROR = "https://mirror.invalid/tini/v0.19.0"
DOCKERFILE = """FROM golang:1.20
WORKDIR /src
COPY . .
RUN go build -o /app
CMD ["/app"]
"""
PROGRAM = """package main

import (
	"fmt"
	"os"
)

func main() {
	first, _ := os.ReadFile("/proc/1/comm")
	fmt.Printf("%s%t", first, os.Getppid() == 1)
}
"""


@pytest.fixture(scope="module")
def context(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001 - builds need the engine
    folder = tmp_path_factory.mktemp("first-process")
    (folder / "go.mod").write_text("module example.com/first\n\ngo 1.20\n")
    (folder / "main.go").write_text(PROGRAM)
    return folder


@pytest.fixture
def mirror(context: Path) -> Iterator[str]:  # noqa: ARG001 - as above
    """An address of a site's own, which the builder finds for as long as the test lasts."""
    before = os.environ.get(init_download.POLICY_VARIABLE)
    os.environ.update(init_download.start((MIRROR + "/tini-static-{arch}",)))
    yield MIRROR
    init_download.start()
    if before is None:
        del os.environ[init_download.POLICY_VARIABLE]


@pytest.fixture(scope="module")
def image(context: Path) -> str:
    """An image of a site's own that has tini, but not as /tini."""
    dockerfile = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y tini\n"
    return built(dockerfile, context).reference


def output_of(context: Path, source: str) -> str:
    made = built(converted(DOCKERFILE, context, Options(init=source)), context)
    ended = harness.run_to_end(made)
    assert ended.exit_code == 0, ended.output
    return ended.output.stdout


@pytest.mark.parametrize("source", ["download", "package"])
def test_tini_is_first(context: Path, source: str) -> None:
    assert output_of(context, source) == "tini\ntrue"


def test_tini_from_a_mirror_is_first(context: Path, mirror: str) -> None:
    assert output_of(context, mirror) == "tini\ntrue"


def test_tini_from_an_image_is_first(context: Path, image: str) -> None:
    assert output_of(context, f"{image}:/usr/bin/tini-static") == "tini\ntrue"


def test_without_an_init_the_program_is_first(context: Path) -> None:
    assert output_of(context, "none") == "app\nfalse"
