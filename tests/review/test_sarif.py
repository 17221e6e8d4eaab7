"""The SARIF report before its published schema and before the validator of its owner, whose report is read."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rewriter.report import sarif
from rewriter.report.result import Result
from tests.bot.test_body import HOSTILE, hostile_results
from tests.test_report_json import RESULTS

pytestmark = pytest.mark.browser
TOOL = Path(__file__).parent / "node_modules" / "@microsoft" / "sarif-multitool-linux"
# What it would like besides: the address of a home page, which the project does not have yet.
WISHES = {"SARIF2005"}
RUNS = {
    "every kind of result": list(RESULTS.values()),
    "nothing": [],
    "hostile words": [result for text in HOSTILE for result in hostile_results(text or "empty")],
}


@pytest.mark.parametrize("name", RUNS)
def test_the_published_schema_holds(name: str) -> None:
    schema = json.loads((TOOL / "sarif-2.1.0.json").read_text())
    Draft202012Validator(schema).validate(json.loads(sarif.document(RUNS[name])))


@pytest.mark.parametrize("name", RUNS)
def test_the_validator_finds_nothing(name: str, tmp_path: Path) -> None:
    assert complaints(RUNS[name], tmp_path) == []


def test_the_validator_would_find_something(tmp_path: Path) -> None:
    broken = sarif.document(RUNS["every kind of result"]).replace(b'"startLine": 1', b'"startLine": 0', 1)
    assert judged(broken, tmp_path) != []


def complaints(results: Sequence[Result], folder: Path) -> list[Any]:
    return judged(sarif.document(results), folder)


def judged(data: bytes, folder: Path) -> list[Any]:
    """Return the errors and warnings of the validator; its exit code says nothing."""
    given, said = folder / "given.sarif", folder / "said.sarif"
    given.write_bytes(data)
    command = (str(TOOL / "Sarif.Multitool"), "validate", given.name, "-o", said.name, "--log", "ForceOverwrite")
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    subprocess.run(
        (*command, "--level", "Error;Warning", "--rule-kind", "Sarif"),
        cwd=folder, env=environment, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    (run,) = json.loads(said.read_text("utf-8-sig"))["runs"]
    found = [(one["ruleId"], one.get("level", "warning"), one["message"]) for one in run.get("results", [])]
    return [one for one in found if one[0] not in WISHES]
