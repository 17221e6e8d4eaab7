"""How both images are run: what the user asked for, and what a first look at the original told. Values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Probe:
    """A request: method, path, and the port it is for; None for every port that is asked."""

    method: str = "GET"
    path: str = "/"
    port: int | None = None

    @property
    def name(self) -> str:
        """The request as it is written in reports: "GET /health"."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Setup:
    """How an image is run. Without ports and with `ends` it is a program that is waited for.

    `timeout` is how long it may take to answer or to end, `settle` how long it must stay up before it is looked at,
    `brief` the same for the many short runs, `grace` how long it may take to stop. `arguments` come after the image's
    name, `options` before it.
    """

    ports: tuple[int, ...] = ()
    ends: bool = False
    probes: tuple[Probe, ...] = (Probe(),)
    timeout: float = 30.0
    settle: float = 3.0
    brief: float = 2.0
    grace: int = 10
    options: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    network: str | None = None
