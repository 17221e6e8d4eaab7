"""What the end-to-end tests need of a machine: a container engine, the images builds start from, the init download.

Everything that is already there is used as it is; only what is absent and cannot be fetched is put together from
Debian's and the languages' own packages. `python -m tests.lab up` starts it, `down` leaves nothing running.
"""

from __future__ import annotations

from tests.lab import engine, init_download
from tests.lab.machine import locked


def up() -> dict[str, str]:
    """Start what this machine lacks; return the environment that reaches it.

    Raises:
        LabError: an engine cannot be had here.
    """
    with locked():
        return engine.start() | init_download.start()


def down() -> None:
    """Stop what `up` started, whoever called it; what the machine had of its own is left alone."""
    with locked():
        init_download.stop()
        engine.stop()


def environment() -> dict[str, str]:
    """Return the environment that reaches what `up` started."""
    return engine.environment() | init_download.environment()
