"""Every planted fault is found, by the checks meant for it; where nothing is wrong, nothing is found, ten times."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from rewriter.engine.judge import Status
from rewriter.engine.seen import Promise
from rewriter.engine.setup import Setup
from rewriter.engine.table import table
from rewriter.engine.verify import Source, Verified, verify
from tests.e2e.bases import images_of
from tests.e2e.harness import CLIENT
from tests.lab.images import ensure

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]
FAULTS = Path(__file__).parent / "faults"
SETUP = Setup(timeout=5)


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    original: str
    faulty: str
    finds: tuple[str, ...]
    says: str


def fault(name: str) -> Fault:
    folder = FAULTS / name
    row = tomllib.loads((folder / "fault.toml").read_text())
    original, faulty = ((folder / file).read_text() for file in ("Dockerfile", "faulty.Dockerfile"))
    return Fault(name, original, faulty, tuple(row["finds"]), row["says"])


ALL = tuple(fault(path.parent.name) for path in sorted(FAULTS.glob("*/fault.toml")))


def verified(case: Fault) -> Verified:
    for text in (case.original, case.faulty):
        for name in images_of(text):
            ensure(name)
    source = Source(
        case.original.encode(), case.faulty.encode(), FAULTS / "program", build_options=("--network", "host")
    )
    found = verify(CLIENT, source, SETUP, Promise(), lambda _: None)
    assert isinstance(found, Verified), found
    return found


def found_by(found: Verified) -> tuple[str, ...]:
    return tuple(result.check.id for result in found.results if result.status is Status.DIFFERS)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_planted_fault_is_found(case: Fault) -> None:
    found = verified(case)
    assert found_by(found) == case.finds, table(found)
    assert case.says in table(found)


def test_where_nothing_is_wrong_nothing_is_found_ten_times() -> None:
    case = fault("sound")
    assert [found_by(verified(case)) for _ in range(10)] == [()] * 10
