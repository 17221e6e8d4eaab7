"""`dfmod verify` as one straight line: build both, look at both, judge, and leave nothing behind.

The original is run once more than the conversion: that first run tells how to look, and what varies by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rewriter.engine.cleanup import remove_containers, remove_leftovers, undisturbed
from rewriter.engine.client import Client
from rewriter.engine.images import BuildFailedError, Image, build
from rewriter.engine.inventory import Inventory, inventory_of
from rewriter.engine.judge import Result, judge
from rewriter.engine.network import closed_network
from rewriter.engine.observe import observe, scout
from rewriter.engine.seen import Observation, Promise
from rewriter.engine.setup import Setup

RUNS_AT_ONCE = 6
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Source:
    """What is built: the two texts, the context, an ignore file of the Dockerfile's own, options of the builder."""

    original: bytes
    converted: bytes
    context: Path
    ignore_file: Path | None = None
    build_options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotBuilt:
    """One of the two does not build: nothing is said of what they do."""

    original: bool
    error: BuildFailedError


@dataclass(frozen=True, slots=True)
class Verified:
    """Both were built and compared."""

    results: tuple[Result, ...]
    before: Observation
    after: Observation
    inventories: tuple[Inventory, Inventory]
    setup: Setup


def verify(
    client: Client,
    source: Source,
    setup: Setup,
    promise: Promise,
    progress: Progress,
) -> Verified | NotBuilt:
    """Return what comes of building and running the original and the conversion.

    Raises:
        EngineError: the engine failed where a container had nothing to do with it.
    """
    with cleaned_up(client):
        original = _built(client, source, source.original, "original", progress)
        if isinstance(original, NotBuilt):
            return original
        converted = _built(client, source, source.converted, "conversion", progress)
        if isinstance(converted, NotBuilt):
            return converted
        progress("running both")
        client = replace(client, peek=original.reference)
        with closed_network(client) as network:
            return compared(client, original, converted, replace(setup, network=network), promise)


def compared(
    client: Client,
    original: Image,
    converted: Image,
    setup: Setup,
    promise: Promise,
) -> Verified:
    """Return what comes of running two images in every way that is compared."""
    setup, first = scout(client, original, setup)
    with _at_once(client) as executor:
        waits = [
            observe(client, image, setup, first, executor, libraries=image is converted)
            for image in (original, converted)
        ]
        before, after = (wait() for wait in waits)
    inventories = (inventory_of(original, before.files), inventory_of(converted, after.files))
    before = replace(before, first=first)
    return Verified(judge(before, after, promise), before, after, inventories, setup)


@contextmanager
def cleaned_up(client: Client) -> Iterator[None]:
    """Remove what earlier runs left, and at the end, however it comes, everything of this one."""
    remove_leftovers(client)
    try:
        yield
    finally:
        with undisturbed():
            remove_leftovers(client)


@contextmanager
def _at_once(client: Client) -> Iterator[ThreadPoolExecutor]:
    """Provide threads for runs; where one fails or the user interrupts, the others lose their containers and end."""
    executor = ThreadPoolExecutor(RUNS_AT_ONCE, thread_name_prefix="dfmod-run")
    try:
        yield executor
    except BaseException:
        with undisturbed():
            executor.shutdown(wait=False, cancel_futures=True)
            remove_containers(client)
            executor.shutdown(wait=True)
        raise
    executor.shutdown(wait=True)


def _built(client: Client, source: Source, text: bytes, name: str, progress: Progress) -> Image | NotBuilt:
    progress(f"building the {name}")
    try:
        return build(
            client,
            text,
            source.context,
            *source.build_options,
            ignore_file=source.ignore_file,
            progress=lambda step: progress(f"building the {name}: {step}"),
        )
    except BuildFailedError as error:
        return NotBuilt(name == "original", error)
