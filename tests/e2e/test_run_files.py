"""Every fixture with a run.toml: the original and the converted image are built and run, and do the same."""

from __future__ import annotations

import pytest

from rewriter.images.catalog import lookup
from rewriter.images.model import KnownImage
from rewriter.semantics.build import Build
from rewriter.semantics.resolve import resolve
from rewriter.syntax.scanner import parse
from tests.e2e.bases import built
from tests.e2e.comparison import Observation, differences, observe
from tests.e2e.harness import Image
from tests.e2e.processes import SHELLS, ancestors, main_process
from tests.e2e.run_file import Case, cases
from tests.e2e.sizes import Measured, Sizes, median

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_converted_behaves_as_the_original(case: Case, sizes: Sizes) -> None:
    images = [built(case.text(name), case.context) for name in (case.run.original, "expected.Dockerfile")]
    before, after = (observe(image, case.run) for image in images)
    sizes.rows.append(measured(case, images, before, after))
    expect(case, before)
    expect(case, after)
    found = differences(before, after, case.run)
    by_the_image = {f"env.{name}" for name in versioned(case)}
    announced = dict(case.run.differs).keys()
    assert [difference for difference in found if difference.field not in announced | by_the_image] == []
    assert announced - by_the_image - {difference.field for difference in found} == set()
    if case.run.port is not None:
        assert runs_under_tini(after)


def test_half_of_all_images_shrink_to_two_fifths(sizes: Sizes) -> None:
    if len(sizes.rows) == len(cases()):  # a choice of the cases says nothing
        assert median(sizes.rows) <= 0.4


def versioned(case: Case) -> tuple[str, ...]:
    """Return the variables that only say which version the original's base image is."""
    build = resolve(parse(case.text(case.run.original)), lookup)
    assert isinstance(build, Build), build
    return build.target.root.versioned_env if isinstance(build.target.root, KnownImage) else ()


def measured(case: Case, images: list[Image], before: Observation, after: Observation) -> Measured:
    stops = tuple(seen.stopped.seconds if seen.stopped else None for seen in (before, after))
    return Measured(case.name, (images[0].size, images[1].size), (stops[0], stops[1]))


def expect(case: Case, seen: Observation) -> None:
    if case.run.port is None:
        assert seen.exit_code == case.run.exit_code, seen.output
        return
    assert seen.exit_code is None, seen.output
    assert seen.health == ("healthy" if case.run.healthy else "")
    for request, (path, answer) in zip(case.run.requests, seen.answers, strict=True):
        assert (path, answer.status) == (request.path, request.status)
        assert request.contains in answer.body


def runs_under_tini(seen: Observation) -> bool:
    """Return whether tini is the first process, with at most a shell between it and the program."""
    main = main_process(seen.processes)
    above = [process.name for process in ancestors(main, seen.processes)] if main else []
    return above[-1:] == ["tini"] and set(above[:-1]) <= SHELLS
