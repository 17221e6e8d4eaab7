from __future__ import annotations

from pathlib import Path

import pytest

from rewriter.recipes.base import Case
from rewriter.recipes.spare import left_behind
from tests.cases import case_from

DOCKERFILE = 'FROM python:3.12-slim\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["python", "app.py"]\n'
PIP = "/usr/local/bin/pip"
INCLUDE = "/usr/local/include"


@pytest.mark.parametrize(
    ("file", "text", "kept"),
    [
        ("app.py", "import flask  # not pip\n", False),
        ("app.py", 'subprocess.run([sys.executable, "-m", "pip", "install", name])\n', True),
        ("app.py", "import pip\n", True),
        ("app.py", "os.system('/usr/local/bin/pip install x')\n", True),
        ("app.py", 'name = "pipeline"\n', False),
        ("start.sh", "python -m pip install -r more.txt\n", True),
        ("tests/test_app.py", "import pip\n", False),
        ("README.md", "`pip install app`\n", False),
    ],
)
def test_a_part_stays_where_a_source_names_its_program(file: str, text: str, kept: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a row of the table
    case = case_from(DOCKERFILE, tmp_path, {"requirements.txt": "flask\n", file: text})
    assert isinstance(case, Case)
    found = left_behind(case, ("python",))
    assert (PIP not in found.paths) == kept
    assert INCLUDE in found.paths


@pytest.mark.parametrize(("programs", "missing"), [(("pip",), PIP), (("/usr/bin/gcc",), INCLUDE)])
def test_a_part_stays_where_its_program_runs(programs: tuple[str, ...], missing: str, tmp_path: Path) -> None:
    case = case_from(DOCKERFILE, tmp_path, {"app.py": ""})
    assert isinstance(case, Case)
    assert missing not in left_behind(case, programs).paths


def test_the_decision_names_what_stays_behind(tmp_path: Path) -> None:
    case = case_from(DOCKERFILE, tmp_path, {"app.py": ""})
    assert isinstance(case, Case)
    (decision,) = left_behind(case, ("python",)).decisions
    assert decision.what == "pip; headers and IDLE; and what pip and its kin cached stay behind"
    assert decision.evidence[0].where == "facts: python"


def test_nothing_is_said_where_nothing_is_spare(tmp_path: Path) -> None:
    case = case_from('FROM debian:12\nCOPY app.sh /\nCMD ["/app.sh"]\n', tmp_path, {"app.sh": "#!/bin/sh\ndate\n"})
    assert isinstance(case, Case)
    assert left_behind(case, ("/app.sh",)).decisions == ()
