"""The engine as the end-to-end tests use it: the tool's own, with the images and containers of this test run.

What is started is bounded and labelled by `rewriter.engine`; what an interrupted run left is removed by the next one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rewriter.engine import cleanup, containers, files, images
from rewriter.engine.client import Client, EngineError
from rewriter.engine.containers import (
    CANNOT_START,
    Answer,
    Container,
    Output,
    Stopped,
    output,
    processes,
    stop,
    wait,
)
from rewriter.engine.images import BuildFailedError, Image
from rewriter.engine.seen import Seen

__all__ = [
    "CLIENT",
    "Answer",
    "BuildFailedError",
    "Container",
    "Ended",
    "EngineError",
    "Image",
    "Output",
    "Stopped",
    "ask",
    "build",
    "health",
    "is_up",
    "output",
    "paths_in",
    "processes",
    "remove_leftovers",
    "run_to_end",
    "running",
    "stop",
    "wait",
]

CLIENT = Client("docker")
Ended = Seen


def build(dockerfile: str, context: Path, *options: str) -> Image:
    """Return the image built from a Dockerfile's text and a context folder, with the network of the host.

    Raises:
        BuildFailedError: the builder refused.
    """
    return images.build(CLIENT, dockerfile, context, "--network", "host", *options)


@contextmanager
def running(
    image: Image, *arguments: str, options: tuple[str, ...] = (), port: int | None = None
) -> Iterator[Container]:
    """Start a container and remove it at the end, whatever happens; `port` is made reachable on loopback."""
    ports = () if port is None else (port,)
    with containers.running(CLIENT, image.reference, *arguments, options=options, ports=ports) as container:
        yield container


def run_to_end(image: Image, *arguments: str, options: tuple[str, ...] = (), seconds: float = 30) -> Ended:
    """Return what a container did that ends by itself, or cannot even be started.

    Raises:
        TimeoutError: it did not end.
    """
    try:
        with running(image, *arguments, options=options) as container:
            return Ended(wait(container, seconds), output(container))
    except EngineError as error:
        if error.exit_code not in CANNOT_START:
            raise
        return Ended(error.exit_code, Output("", error.said))


def is_up(container: Container) -> bool:
    """Return whether the container still runs."""
    return containers.state(container).running


def health(container: Container, seconds: float = 30) -> str:
    """Return the container's health once its check has been carried out, or what it still is after that time."""
    deadline = time.monotonic() + seconds
    while (found := containers.state(container).health) == "starting" and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def ask(container: Container, path: str, seconds: float = 10) -> Answer:
    """Return the answer to a GET request on the published port, asking again until the program answers at all.

    Raises:
        TimeoutError: it does not answer in that time.
    """
    deadline = time.monotonic() + seconds
    port = container.ports[0][0] if container.ports else 0
    while True:
        try:
            return containers.ask(container, port, path)
        except OSError as error:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path}: no answer in {seconds} s: {error!r}") from error
        time.sleep(0.1)


def paths_in(image: Image) -> frozenset[str]:
    """Return the absolute paths of everything in an image's file system."""
    return frozenset(files.files_of(CLIENT, image.reference).entries)


def remove_leftovers() -> None:
    """Remove the containers and images of this process, and of those that are gone."""
    cleanup.remove_leftovers(CLIENT)
