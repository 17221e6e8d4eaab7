from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests import lab
from tests.e2e import harness


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
