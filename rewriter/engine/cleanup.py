"""Remove what we have started: at the end of a run, and what runs that were cut short have left.

Images, containers and networks are found by their label; whose they are is in their names. What another process of
ours is using is left alone, and so is everything of other machines that share the engine.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rewriter.engine.client import Client, EngineError, run
from rewriter.engine.containers import remove

_OWNER = re.compile(r"dfmod[-:](\d+)")


def containers_of_ours(client: Client) -> tuple[str, ...]:
    """Return the names of the labelled containers of this machine."""
    return _names(client, "ps", "--all", "--format", "{{.Names}}")


def images_of_ours(client: Client) -> tuple[str, ...]:
    """Return the names of the labelled images of this machine."""
    return _names(client, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}")


def networks_of_ours(client: Client) -> tuple[str, ...]:
    """Return the names of the labelled networks of this machine."""
    return _names(client, "network", "ls", "--format", "{{.Name}}")


def remove_leftovers(client: Client) -> None:
    """Remove the containers, images and networks of this process, and of those that are gone."""
    remove(client, *filter(_may_remove, containers_of_ours(client)))
    images = tuple(filter(_may_remove, images_of_ours(client)))
    if images:
        run(client, "image", "rm", "--force", *images)
    for network in filter(_may_remove, networks_of_ours(client)):
        with suppress(EngineError):  # Another process removes the same leftovers at this moment.
            run(client, "network", "rm", network)


def remove_containers(client: Client) -> None:
    """Remove the containers of this process, so that whoever waits for one stops waiting."""
    remove(client, *(name for name in containers_of_ours(client) if _owner(name) == os.getpid()))


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let nobody's Ctrl-C cut a clean-up short; one that comes meanwhile is lost, as the program is ending anyway."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _names(client: Client, *words: str) -> tuple[str, ...]:
    listed = run(client, *words[:-2], "--filter", f"label={client.label}", *words[-2:])
    return tuple(name.removeprefix("localhost/") for name in listed.splitlines())


def _may_remove(name: str) -> bool:
    owner = _owner(name)
    return owner is not None and (owner == os.getpid() or not Path("/proc", str(owner)).exists())


def _owner(name: str) -> int | None:
    found = _OWNER.search(name)
    return int(found[1]) if found else None
