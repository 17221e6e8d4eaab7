"""The same comparison with Podman and Buildah: it builds, runs, compares and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator

import pytest

from rewriter.engine import cleanup
from rewriter.engine.client import Client
from tests.command_line import spawn
from tests.e2e.run_file import FIXTURES, case
from tests.lab import init_download, podman
from tests.lab.images import ensure

pytestmark = pytest.mark.engine
PREFORK = case("go-prefork")
INIT = "localhost/tini:1"
IMAGES = ("golang:1.20", "gcr.io/distroless/base-debian13")


@pytest.fixture(scope="module")
def environment(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:  # noqa: ARG001
    for image in IMAGES:
        ensure(image)
    tar = tmp_path_factory.mktemp("tini") / "tini.tar"
    with tarfile.open(tar, "w") as file:
        file.add(init_download.tini(), "tini", filter=lambda info: info.replace(mode=0o755, deep=False))
    try:
        found = podman.start(*IMAGES, also=(FIXTURES,))
        subprocess.run(("podman", "import", "--quiet", tar, INIT), check=True, env={**os.environ, **found})
        yield found
    finally:
        podman.stop()


def test_podman_compares_as_docker_does(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    ran = spawn(
        *("verify", str(PREFORK.folder / "original.Dockerfile"), "--context", str(PREFORK.context)),
        *("--engine", "podman", "--build-args", "--network host", "--init-source", f"{INIT}:/tini"),
        *("--format", "json", "--probe", "GET /health"),
        program=(sys.executable, "-m", "rewriter"),
        environment=environment,
    )
    found = json.loads(ran.out)
    assert (ran.code, found["outcome"], found["engine"]) == (0, "same", "podman"), ran.out
    statuses = {check["id"]: check["status"] for check in found["checks"]}
    assert {statuses[number] for number in ("B02", "B04", "B07", "B09", "B12", "B20", "B26")} == {"same"}
    assert found["ports"] == [8080]
    assert found["images"]["after"]["size"] < found["images"]["before"]["size"] / 10
    monkeypatch.setenv("PATH", environment["PATH"])
    client = Client("podman")
    left = (cleanup.containers_of_ours(client), cleanup.images_of_ours(client), cleanup.networks_of_ours(client))
    assert left == ((), (), ())
