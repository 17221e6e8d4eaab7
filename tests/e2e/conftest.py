from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import lab
from tests.e2e import harness
from tests.e2e.sizes import Sizes, table

MEASURED = pytest.StashKey[Sizes]()


@pytest.fixture(scope="session", name="lab")
def lab_() -> Iterator[None]:
    """An engine to build and run with; what is started here is stopped here."""
    stood = bool(lab.environment())
    os.environ.update(lab.up())
    harness.remove_leftovers()
    yield
    harness.remove_leftovers()
    if not stood:
        lab.down()


@pytest.fixture(scope="session", name="sizes")
def sizes_(pytestconfig: pytest.Config) -> Sizes:
    """What the cases measure; printed at the end of the run."""
    return pytestconfig.stash.setdefault(MEASURED, Sizes())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table of sizes, and write it to the file that DFMOD_SIZES names."""
    rows = config.stash.get(MEASURED, Sizes()).rows
    if not rows:
        return
    lines = list(table(rows))
    terminalreporter.section("sizes")
    for line in lines:
        terminalreporter.line(line)
    if name := os.environ.get("DFMOD_SIZES"):
        Path(name).write_text("".join(f"{line}\n" for line in lines))
