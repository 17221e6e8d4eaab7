"""Build an image with the user's engine, within bounds, and say what went wrong where it does not build."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rewriter.engine.client import Client, run

BUILD_SECONDS = 1800
_numbers = itertools.count(1)
# What builders put before a line: BuildKit's "#7 1.234 ", and the same within its summary of an error.
_PROGRESS = re.compile(r"^#\d+ (?:\d+\.\d+ )?|^\s*\d+\.\d+ ")
_STEP = re.compile(r"^#\d+ (\[.*)|^(?:\[\d+/\d+\] )?(STEP \d+/\d+: .*)")
_CERTAIN = re.compile(r"error|fatal|failed|cannot|not found|no such|denied|unable|should not|exception", re.IGNORECASE)
_QUOTED_LINES = 12


class BuildFailedError(Exception):
    """The image does not build; the text is the end of the builder's log, `lines` what of it matters."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the log that tell why, for a person."""
        return telling_lines(str(self))


@dataclass(frozen=True, slots=True)
class Image:
    """A built image: name, size in bytes, configuration as the engine shows it, layers, platform, build time."""

    reference: str
    size: int
    config: dict[str, Any]
    layers: int = 0
    platform: str = ""
    seconds: float = 0.0


def build(
    client: Client,
    dockerfile: str | bytes,
    context: Path,
    *options: str,
    ignore_file: Path | None = None,
    progress: Callable[[str], None] | None = None,
    seconds: float = BUILD_SECONDS,
) -> Image:
    """Return the image built from a Dockerfile's text and a context folder.

    `ignore_file` is the Dockerfile's own ignore file, if it has one; `progress` is told each step.

    Raises:
        BuildFailedError: the builder refused, or took too long.
    """
    reference = f"dfmod:{client.prefix.removeprefix('dfmod-')}-{next(_numbers)}"
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dfmod-") as folder:
        file = Path(folder, "Dockerfile")
        file.write_bytes(dockerfile if isinstance(dockerfile, bytes) else dockerfile.encode("utf-8", "surrogateescape"))
        if ignore_file is not None:
            shutil.copyfile(ignore_file, Path(folder, "Dockerfile.dockerignore"))
        command = (*_builder(client), "--tag", reference, "--label", client.label, *options, "--file", str(file))
        _carry_out((*command, str(context.resolve())), progress or (lambda _: None), seconds)
    return inspected(client, reference, time.monotonic() - started)


def inspected(client: Client, reference: str, seconds: float = 0.0) -> Image:
    """Return an image that is there."""
    (found,) = json.loads(run(client, "image", "inspect", reference))
    config = dict(found["Config"])
    # Podman shows the health check beside the configuration, Docker within it.
    check = config.get("Healthcheck") or found.get("HealthCheck") or found.get("Healthcheck")
    layers = len(found.get("RootFS", {}).get("Layers") or ())
    platform = f"{found.get('Os', '')}/{found.get('Architecture', '')}"
    return Image(reference, found["Size"], config | {"Healthcheck": check}, layers, platform, seconds)


def declared_ports(image: Image) -> tuple[int, ...]:
    """Return the TCP ports that the image declares."""
    ports = (port.partition("/") for port in image.config.get("ExposedPorts") or ())
    return tuple(int(number) for number, _, kind in ports if kind in ("", "tcp"))


def has_health_check(image: Image) -> bool:
    """Return whether the image has a health check that is not switched off."""
    test = (image.config.get("Healthcheck") or {}).get("Test") or ["NONE"]
    return bool(test[0] != "NONE")


def telling_lines(log: str) -> tuple[str, ...]:
    """Return the lines of a builder's log that tell why it failed: what the failed step said last, and its errors."""
    lines = [_PROGRESS.sub("", line).rstrip() for line in log.splitlines()]
    kept = [line for line in lines if line.strip(" -") and not line.startswith(("DONE ", "CACHED", "sha256:"))]
    unique = list(dict.fromkeys(kept))
    certain = [line for line in unique if _CERTAIN.search(line)]
    return tuple((certain or unique)[-_QUOTED_LINES:])


def _builder(client: Client) -> tuple[str, ...]:
    """Return the words of a build. `--load` brings the image from a builder elsewhere to the engine.

    Podman's own image format has no health check and no SHELL, so Docker's is asked for.
    """
    if client.kind == "podman":
        return ("podman", "build", "--format", "docker")
    return ("docker", "buildx", "build", "--load", "--progress", "plain", "--provenance=false")


def _carry_out(command: tuple[str, ...], progress: Callable[[str], None], seconds: float) -> None:
    log: list[str] = []
    with subprocess.Popen(  # noqa: S603 (the user's own engine)
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            for line in _lines(process, seconds):
                log.append(line)
                if step := _STEP.match(line):
                    progress(next(text for text in step.groups() if text))
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        raise BuildFailedError("\n".join(log)[-8000:])


def _lines(process: subprocess.Popen[bytes], seconds: float) -> Iterator[str]:
    """Yield the lines a process prints.

    Raises:
        BuildFailedError: it took too long, and was ended.
    """
    assert process.stdout is not None  # noqa: S101 (it is asked for)
    late = threading.Event()

    def end() -> None:
        late.set()
        process.terminate()

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        for line in process.stdout:
            yield line.decode(errors="replace").rstrip("\n")
    finally:
        timer.cancel()
    if late.is_set():
        raise BuildFailedError(f"the build did not end in {seconds:.0f} s")
