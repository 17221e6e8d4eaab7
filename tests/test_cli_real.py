"""The command line over the real pipeline and the fixtures: the reports hold, the patches apply."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import ROOT, Ran, spawn
from tests.test_report_json import REPORT

PROGRAM = (sys.executable, "-m", "rewriter")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a git work tree with every fixture in a folder of its own, its context around its Dockerfile."""
    folder = tmp_path_factory.mktemp("tree")
    for file in sorted((ROOT / "fixtures").glob("*/Dockerfile")):
        context = file.parent / "context"
        if context.is_dir():
            shutil.copytree(context, folder / file.parent.name, symlinks=True)
        (folder / file.parent.name).mkdir(exist_ok=True)
        shutil.copy(file, folder / file.parent.name / "Dockerfile")
    subprocess.run(("git", "init", "-q"), cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def ran(tree: Path) -> Ran:
    """Return what a conversion of all fixtures as JSON left."""
    return spawn("convert", "--format", "json", str(tree), program=PROGRAM)


def test_every_result_is_valid(ran: Ran) -> None:
    value = json.loads(ran.out)
    REPORT.validate(value)
    assert value["totals"]["rewritten"] > 0
    # Fixtures of files that nobody builds are among them: they fail, and the others are done all the same.
    assert ran.code == (2 if value["totals"]["failed"] else 0), ran.err


def test_every_patch_gives_the_text_it_stands_beside(ran: Ran, tree: Path) -> None:
    for result in json.loads(ran.out)["results"]:
        if result["outcome"] == "rewritten" and result["diff"] is not None:
            file = Path(result["path"])
            before = file.read_bytes()
            subprocess.run(("git", "apply"), cwd=tree, input=result["diff"].encode(), check=True)
            assert file.read_bytes() == result["text"].encode()
            file.write_bytes(before)


def test_only_a_text_that_is_not_utf8_has_no_diff_in_json(ran: Ran) -> None:
    rewritten = [r for r in json.loads(ran.out)["results"] if r["outcome"] == "rewritten"]
    assert [r["path"] for r in rewritten if (r["diff"] is None) != ("text_b64" in r)] == []


def test_the_number_of_processes_and_the_seed_change_nothing(ran: Ran, tree: Path) -> None:
    arguments = ("convert", "--format", "json", "-j", "2", str(tree))
    assert spawn(*arguments, program=PROGRAM, environment={"PYTHONHASHSEED": "1"}) == ran
