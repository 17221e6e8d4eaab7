"""Python manifests: what is asked for, and where it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from rewriter.analysis.context import Context
from rewriter.analysis.python_known import OUTSIDE
from rewriter.analysis.python_project import (
    PythonProject,
    normalized,
    outside_needs,
    parse_requirement,
    read_project,
    requirements_of,
)
from tests.contexts import context_of


def asked(project: PythonProject) -> list[str]:
    return [f"{d.name}{d.wanted} {d.evidence.where}" for d in project.dependencies]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Flask==2.1", ("flask", "==2.1")),
        (
            "uvicorn[standard] >= 0.20 ; python_version > '3.8'",
            ("uvicorn", "[standard] >= 0.20 ; python_version > '3.8'"),
        ),
        ("zope.interface", ("zope-interface", "")),
        ("a @ file:///x", ("a", "@ file:///x")),
        ("-e .", None),
        ("", None),
    ],
)
def test_requirement(text: str, expected: tuple[str, str] | None) -> None:
    assert parse_requirement(text) == expected


def test_requirements_files(tmp_path: Path) -> None:
    files = {
        "requirements.txt": (
            "# why\n-r base/more.txt\n--index-url x\nFlask>=2 # web\ngunicorn==20 \\\n    --hash=sha256:abc\n-e .\n"
            "-r requirements.txt\n-r\n-rother.txt\n--requirement=last.txt\n"
        ),
        "base/more.txt": "numpy\n-r ../none.txt\n",
        "other.txt": "x\n",
        "last.txt": "y\n",
        "requirements-dev.txt": "pytest\n",
    }
    assert asked(read_project(context_of(tmp_path, files))) == [
        "numpy base/more.txt:1",
        "flask>=2 requirements.txt:4",
        "gunicorn==20 requirements.txt:5",
        "x other.txt:1",
        "y last.txt:1",
    ]


def test_pyproject_of_the_standard(tmp_path: Path) -> None:
    text = (
        '[project]\nrequires-python = ">=3.11"\ndependencies = [\n  "httpx[http2]>=0.27",\n]\n'
        '[project.optional-dependencies]\ndev = ["pytest"]\n[project.scripts]\nserve = "app.cli:main"\n'
    )
    project = read_project(context_of(tmp_path, {"api/pyproject.toml": text}), "api")
    assert asked(project) == ["httpx[http2]>=0.27 api/pyproject.toml:4"]
    assert [(c.name, c.target, c.evidence.where) for c in project.commands] == [
        ("serve", "app.cli:main", "api/pyproject.toml:9")
    ]
    assert project.requires_python == ">=3.11"
    assert project.manager == "pip"


def test_poetry(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": (
            '[tool.poetry.dependencies]\npython = "^3.12"\nPsycopg2 = {version = "^2.9", optional = true}\n'
            '[tool.poetry.group.dev.dependencies]\npytest = "*"\n[tool.poetry.scripts]\nx = {callable = "a:b"}\n'
        ),
        "poetry.lock": """[[package]]
name = "psycopg2"
version = "2.9.9"

[[package]]
name = "pydub"
version = "1"
""",
    }
    project = read_project(context_of(tmp_path, files))
    assert asked(project) == ["psycopg2^2.9 pyproject.toml:3"]
    assert [(d.name, d.wanted, d.evidence.where) for d in project.locked] == [
        ("psycopg2", "==2.9.9", "poetry.lock:2"),
        ("pydub", "==1", "poetry.lock:6"),
    ]
    assert (project.requires_python, project.manager) == ("^3.12", "poetry")
    assert [c.target for c in project.commands] == ["a:b"]
    assert [(row.libraries, row.programs) for row, _ in outside_needs(project)] == [
        (("libpq.so.5",), ()),
        ((), ("ffmpeg", "ffprobe")),
    ]
    assert project.has("PSYCOPG2")
    assert not project.has("pytest")


def test_pipfile_and_setup_cfg(tmp_path: Path) -> None:
    files = {
        "Pipfile": '[packages]\nflask = "*"\n[dev-packages]\npytest = "*"\n[requires]\npython_version = "3.9"\n',
        "setup.cfg": (
            "[metadata]\nname = x\n[options]\ninstall_requires =\n    requests>=2\n    # no\n    attrs\n"
            "[options.entry_points]\nconsole_scripts =\n    tool = x.y:z\n"
        ),
    }
    project = read_project(context_of(tmp_path, files))
    assert asked(project) == ["flask* Pipfile:2", "requests>=2 setup.cfg:5", "attrs setup.cfg:7"]
    assert [(c.name, c.target, c.evidence.where) for c in project.commands] == [("tool", "x.y:z", "setup.cfg:10")]
    assert (project.requires_python, project.manager) == ("3.9", "pipenv")


def test_broken_manifests_are_named(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "pyproject.toml": "[project\n",
        "Pipfile": b"\xff",
        "uv.lock": "package = 1\n",
        "poetry.lock": "x = " + "[" * 5000,
    }
    project = read_project(context_of(tmp_path, files))
    assert [problem.partition(":")[0] for problem in project.problems] == ["pyproject.toml", "Pipfile", "poetry.lock"]


def test_nothing_there() -> None:
    assert read_project(Context.empty()) == PythonProject()
    assert list(requirements_of(Context.empty(), "requirements.txt")) == []


def test_the_table_is_sound() -> None:
    names = [row.distribution for row in OUTSIDE]
    assert names == [normalized(name) for name in names]
    assert len(set(names)) == len(names)
    assert all(row.libraries or row.programs for row in OUTSIDE)
