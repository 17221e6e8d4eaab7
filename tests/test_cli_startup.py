"""A short run stays short: so many bare starts of the interpreter, whatever the machine."""

from __future__ import annotations

import pytest

from tests.bench.startup import BARE, COMMANDS, medians

# `--help` is little more than typer itself, which takes five and a half. They should come to 6 and 10, and do not yet.
LIMITS = {"dfmod --help": 7.0, "dfmod convert FILE": 22.0}


@pytest.mark.parametrize("name", LIMITS)
def test_a_short_run_costs_few_bare_starts(name: str) -> None:
    commands = {BARE: COMMANDS[BARE], name: COMMANDS[name]}
    ratios = []
    # A busy machine can spoil one measurement; a slow program spoils them all.
    for _ in range(3):
        found = medians(commands, runs=7)
        ratios.append(found[name] / found[BARE])
        if ratios[-1] <= LIMITS[name]:
            return
    pytest.fail(f"{name} takes {min(ratios):.1f} bare starts, where {LIMITS[name]} are allowed")
