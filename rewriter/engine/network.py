"""The network containers are looked at in: one of their own, without a way out where that works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rewriter.engine.client import Client, EngineError, run

# Published ports stay reachable, but no packet leaves for elsewhere with an address that could be answered.
_CLOSED = {
    "docker": ("--opt", "com.docker.network.bridge.enable_ip_masquerade=false"),
    "podman": ("--opt", "no_default_route=1", "--disable-dns"),
}


@contextmanager
def closed_network(client: Client) -> Iterator[str | None]:
    """Provide a network without a way out, removed at the end; None, the engine's own, where there can be none."""
    name = f"{client.prefix}-net"
    try:
        run(client, "network", "create", "--label", client.label, *_CLOSED[client.kind], name)
    except EngineError:
        yield None
        return
    try:
        yield name
    finally:
        with suppress(EngineError):  # A container that is still being removed holds it; the final clean-up comes later.
            run(client, "network", "rm", name)
