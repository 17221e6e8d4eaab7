"""Every row of `conformance/argv.jsonl`: what the pair under an init starts, compared with what ran before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rewriter.images.model import Exec, ImageConfig
from rewriter.recipes.command import Blocked, CommandPlan, NothingToRun, split_command
from rewriter.semantics.shell import NotSimple, simple

Row = dict[str, Any]
Words = tuple[str, ...]

ROWS: list[Row] = [
    json.loads(line) for line in (Path(__file__).parent / "conformance" / "argv.jsonl").read_text("utf-8").splitlines()
]
RUNS = [row for row in ROWS if row["name"].partition("/")[0] != "split"]
SPLITS = [row for row in ROWS if row["name"].partition("/")[0] == "split"]


def config_of(row: Row) -> ImageConfig:
    entrypoint, cmd = (tuple(row["config"][key]) for key in ("Entrypoint", "Cmd"))
    return ImageConfig(entrypoint=Exec(entrypoint) if entrypoint else None, cmd=Exec(cmd) if cmd else None)


def started(entrypoint: Words, cmd: Words, row: Row) -> Words | None:
    """What the engine starts (moby daemon/container.go, daemon/commit.go): `--entrypoint` drops Cmd as well."""
    if "run_entrypoint" in row:
        entrypoint = (row["run_entrypoint"],) if row["run_entrypoint"] else ()
        cmd = ()
    return (*entrypoint, *(row["run_args"] or cmd)) or None


def without_init(words: Words | None) -> Words | None:
    return words[2:] if words and words[:2] == ("/tini", "--") else words


def words(value: list[str] | None) -> Words | None:
    return None if value is None else tuple(value)


@pytest.mark.parametrize("row", RUNS, ids=lambda row: row["name"])
def test_pair(row: Row) -> None:
    plan = split_command(config_of(row))
    if row["after"] is None:
        assert isinstance(plan, NothingToRun)
        return
    assert isinstance(plan, CommandPlan)
    assert plan.entrypoint == tuple(row["after"]["entrypoint"])
    assert plan.cmd == tuple(row["after"]["cmd"])
    after = started(plan.entrypoint, plan.cmd, row)
    assert after == words(row["after_argv"])
    assert without_init(after) == words(row["after_program"])
    assert (without_init(after) == words(row["program"])) == row["same_program"]
    assert row["same_program"] or (plan.arguments == "now-replace" and row["run_args"])


@pytest.mark.parametrize("row", [row for row in RUNS if "after_if_wrapper" in row], ids=lambda row: row["name"])
def test_pair_behind_a_wrapper_that_passes_its_arguments_on(row: Row) -> None:
    plan = split_command(config_of(row), passes_on=True)
    assert isinstance(plan, CommandPlan)
    assert plan.entrypoint == tuple(row["after_if_wrapper"]["entrypoint"])
    assert plan.cmd == tuple(row["after_if_wrapper"]["cmd"])
    assert plan.needs_shell is None


@pytest.mark.parametrize("row", SPLITS, ids=lambda row: row["name"])
def test_one_line(row: Row) -> None:
    config = config_of(row)
    plan = split_command(config)
    if row["simple"]:
        assert isinstance(plan, CommandPlan)
        assert plan.entrypoint == tuple(row["after"]["entrypoint"])
        assert plan.cmd == tuple(row["after"]["cmd"])
        assert plan.needs_shell is None
    elif isinstance(simple(row["config"]["Cmd"][2]), NotSimple):
        assert isinstance(plan, Blocked) or (isinstance(plan, CommandPlan) and plan.needs_shell is not None)
        assert isinstance(plan, Blocked) or plan.cmd == tuple(row["config"]["Cmd"])


def test_every_kind_of_row_is_there() -> None:
    kinds = {row["kind"] for row in RUNS}
    assert kinds == {"matrix", "shell", "inherited", "empty", "override"}
    assert len(SPLITS) == 98
