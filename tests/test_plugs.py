"""The files by which other tools use dfmod agree with it; what those tools say of them is tests/plugs/run's."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from rewriter.analysis.context import Context
from rewriter.cli.keys import KEYS, value_of
from rewriter.cli.search import EXCLUDE, PATTERN
from rewriter.pipeline import rewrite
from rewriter.plan import Options, Unchanged

ROOT = Path(__file__).parent.parent


def test_a_commit_and_a_search_take_the_same_files() -> None:
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
    assert re.findall(r"^  files: '(.*)'$", hooks, re.MULTILINE) == [PATTERN, PATTERN]
    assert re.findall(r"^  exclude: '(.*)'$", hooks, re.MULTILINE) == [EXCLUDE, EXCLUDE]


def test_our_own_image_is_one_we_have_nothing_to_say_about() -> None:
    outcome = rewrite((ROOT / "Dockerfile").read_text(), Context.open(ROOT), Options())
    assert isinstance(outcome, Unchanged)
    assert outcome.notes == ()


@pytest.mark.parametrize("name", ["action.yml", "templates/dfmod.yml"])
def test_what_comes_from_outside_is_a_variable_in_a_script(name: str) -> None:
    script = (ROOT / name).read_text()
    lines = [line for line in script.splitlines() if re.search(r"\$\{\{ *(inputs|github|env)\b|\$\[\[", line)]
    assert lines
    assert [line for line in lines if not re.match(r"\s+(stage|[A-Z_]+): ", line)] == []


def test_the_readme_shows_a_configuration_that_is_accepted() -> None:
    readme = (ROOT / "README.md").read_text()
    shown = tomllib.loads(re.findall(r"^```toml\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)[0])
    assert shown
    for name, value in shown.items():
        value_of(KEYS[name], value)
