"""Every fixture with a run.toml: the original and the converted image are built and run, and do the same."""

from __future__ import annotations

import pytest

from tests.e2e.bases import built
from tests.e2e.comparison import Observation, differences, observe
from tests.e2e.processes import main_process
from tests.e2e.run_file import Case, cases

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_converted_behaves_as_the_original(case: Case) -> None:
    before = observed(case, case.text(case.run.original))
    after = observed(case, case.text("expected.Dockerfile"))
    expect(case, before)
    expect(case, after)
    found = differences(before, after, case.run)
    unannounced = [difference for difference in found if difference.field not in dict(case.run.differs)]
    assert unannounced == []
    if case.run.port is not None:
        assert runs_under_tini(after)


def observed(case: Case, dockerfile: str) -> Observation:
    return observe(built(dockerfile, case.context), case.run)


def expect(case: Case, seen: Observation) -> None:
    if case.run.port is None:
        assert seen.exit_code == case.run.exit_code, seen.output
        return
    assert seen.exit_code is None, seen.output
    for request, (path, answer) in zip(case.run.requests, seen.answers, strict=True):
        assert (path, answer.status) == (request.path, request.status)
        assert request.contains in answer.body


def runs_under_tini(seen: Observation) -> bool:
    main = main_process(seen.processes)
    return seen.processes[0].name == "tini" and main is not None and main.ppid == 1
