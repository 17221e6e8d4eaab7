"""The README says what the tool does: its diff is the tool's, its commands are the ones that work."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from rewriter.plan import Tier

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_readme_opens_with_the_diff_the_tool_prints() -> None:
    command = [sys.executable, "-m", "rewriter", "convert", "--context", "fixtures/go-prefork/context"]
    done = subprocess.run(
        [*command, "fixtures/go-prefork/Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    body = [line for line in done.stdout.splitlines() if not line.startswith(("diff ", "index ", "--- ", "+++ ", "@@"))]
    assert _blocks("diff")[0].splitlines() == body


def test_the_first_shell_block_holds_exactly_two_commands() -> None:
    install, tests = _blocks("sh")[0].splitlines()
    assert "dfmod convert" in install
    assert "pytest" in tests
    assert tests in (ROOT / ".ci" / "run").read_text()


def test_every_tier_is_named() -> None:
    assert [tier.value for tier in Tier if f"`{tier.value}`" not in README] == []
