"""npm, poetry and their kind: the program that takes their place, or why they stay and what they bring along."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rewriter.plan import Refusal, Safety
from rewriter.recipes.base import Case
from rewriter.recipes.need import ProgramsNeeded, programs_needed
from tests.cases import case_from

SCRIPTS = {
    "start": "node server.js",
    "prod": "NODE_ENV=production node dist/main.js",
    "web": "next start -p 80",
    "cd": "cd api && node x.js",
    "two": "node migrate.js && curl x",
    "hooked": "node x.js",
    "prehooked": "git log",
    "port": "node x.js $PORT",
    "dev": "next dev",
    "pm2": "pm2-runtime x.js",
}
PACKAGE = json.dumps({"scripts": SCRIPTS, "dependencies": {"next": "14", "pm2": "5"}}, indent=0)
NODE = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"
PYTHON = "FROM python:3.12\nWORKDIR /app\nCOPY . .\n"
POETRY = {"pyproject.toml": '[tool.poetry.scripts]\nmine = "app:main"\n'}


def told(text: str, folder: Path, files: dict[str, str]) -> str:
    case = case_from(text, folder, files)
    if not isinstance(case, Case):
        return f"declined {case.rule.name}" if isinstance(case, Refusal) else case.why
    command = case.command
    found = programs_needed(case)
    if not isinstance(found, ProgramsNeeded):
        return f"declined {found.rule.name}"
    words = command.cmd if command.main == "cmd" else command.entrypoint[len(command.head) :]
    changed = next((change for change in command.changes if change.field == command.main), None)
    pieces = [
        f"{'-g ' if '-g' in command.head else ''}{' '.join(words)}",
        f"in {command.cwd}" if command.cwd else "",
        *(f"{name}={value}" for name, value in command.env if name != "PATH"),
        "shell" if found.shell else "",
        f"kept: {command.why_kept.why}" if command.why_kept else "",
        "review" if changed and changed.safety is Safety.REVIEW else "",
    ]
    return " | ".join(piece for piece in pieces if piece)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ('CMD ["npm", "start"]', "node server.js"),
        ("CMD npm start", "node server.js"),
        ("CMD env A=b npm run prod", "node dist/main.js | A=b | NODE_ENV=production"),
        ('ENTRYPOINT ["npm", "run", "prod"]', "node dist/main.js | NODE_ENV=production"),
        ('CMD ["yarn", "web"]', "node_modules/.bin/next start -p 80"),
        ('CMD ["npx", "next", "start"]', "node_modules/.bin/next start"),
        ('CMD ["pnpm", "run", "cd"]', "node x.js | in /app/api"),
        ("CMD cd api && npm --prefix .. start", "node server.js"),
        # it stays, with the shell it runs scripts in
        ("CMD npm run two", "-g npm run two | shell | kept: the script two is more than one simple command (list)"),
        ("CMD npm run hooked", "-g npm run hooked | shell | kept: prehooked runs, too"),
        ("CMD npm run none", "-g npm run none | shell | kept: package.json has no script none"),
        (
            'ENTRYPOINT ["npm", "start"]\nCMD ["--", "-x"]',
            "-g npm start | shell | kept: it is given CMD as arguments of its own",
        ),
        ("CMD nohup npm start", "-g nohup npm start | shell | kept: it is started through nohup"),
        (
            'ENTRYPOINT ["./e.sh"]\nCMD ["npm", "start"]',
            "-g npm start | shell | kept: an entry script is given the command, and may look at it",
        ),
        # nothing to serve with
        ("CMD npm run dev", "declined development-server"),
        ("CMD npm run pm2", "declined supervisor-as-command"),
    ],
)
def test_node(command: str, answer: str, tmp_path: Path) -> None:
    files = {"package.json": PACKAGE, "api/x.js": "", "e.sh": '#!/bin/sh\na\nexec "$@"'}
    assert told(NODE + command, tmp_path, files) == answer


@pytest.mark.parametrize(
    ("files", "answer"),
    [
        ({"x.js": "process.env.npm_package_version"}, "node server.js | review"),
        ({"node_modules/x.js": "process.env.npm_package_version"}, "node server.js"),
        ({".pnp.cjs": ""}, "-g npm start | shell | kept: yarn's Plug'n'Play has to be loaded before the program"),
        (
            {"yarn.lock": "__metadata:\n"},
            "-g npm start | shell | kept: yarn's Plug'n'Play has to be loaded before the program",
        ),
        ({"yarn.lock": "__metadata:\n", ".yarnrc.yml": "nodeLinker: node-modules\n"}, "node server.js"),
    ],
)
def test_what_the_files_of_a_node_project_add(files: dict[str, str], answer: str, tmp_path: Path) -> None:
    assert told(f"{NODE}CMD npm start", tmp_path, {"package.json": PACKAGE, **files}) == answer


def test_without_the_context_npm_stays(tmp_path: Path) -> None:
    answer = "-g npm start | shell | kept: the package.json it reads is not in the build context"
    assert told("FROM node:22\nCMD npm start", tmp_path, {}) == answer


def test_the_project_is_found_through_other_stages(tmp_path: Path) -> None:
    text = "FROM node:22 AS b\nWORKDIR /b\nCOPY web .\nFROM node:22\nWORKDIR /app\nCOPY --from=b /b .\nCMD npm start"
    assert told(text, tmp_path, {"web/package.json": PACKAGE}) == "node server.js"


def test_a_decision_names_the_script_and_its_line(tmp_path: Path) -> None:
    case = case_from(f"{NODE}CMD npm start", tmp_path, {"package.json": PACKAGE})
    assert isinstance(case, Case)
    change = next(change for change in case.command.changes if change.field == "cmd")
    assert change.what == '["node", "server.js"] in place of `npm start`'
    assert [(place.where, place.quote) for place in change.evidence] == [
        ("package.json:3", '"start": "node server.js",')
    ]


def test_what_npm_scripts_and_packages_call_comes_along(tmp_path: Path) -> None:
    case = case_from(f"{NODE}CMD npm run two", tmp_path, {"package.json": PACKAGE})
    found = programs_needed(case) if isinstance(case, Case) else None
    assert isinstance(found, ProgramsNeeded)
    assert found.names == ("npm", "/bin/sh")
    assert set(found.optional) == {"env", "node", "curl", "ps"}
    assert found.scripts == ("npm",)
    assert [d.what for d in found.decisions if d.safety is Safety.REVIEW] == ["npm stays the command and comes along"]


VENV = "VIRTUAL_ENV=/app/.venv"
MADE_UP = "kept: {} keeps the virtual environment in a folder whose name it makes up"


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        ("ENV POETRY_VIRTUALENVS_CREATE=false\nCMD poetry run gunicorn a:b", "gunicorn a:b"),
        ("RUN poetry config virtualenvs.create false && poetry install\nCMD poetry run gunicorn a:b", "gunicorn a:b"),
        ("ENV POETRY_VIRTUALENVS_IN_PROJECT=1\nCMD poetry run app", f"/app/.venv/bin/app | {VENV}"),
        ("RUN poetry config virtualenvs.in-project true\nCMD poetry run app", f"/app/.venv/bin/app | {VENV}"),
        ("ENV VIRTUAL_ENV=/v\nCMD poetry run app", "/v/bin/app"),
        ("RUN poetry install\nCMD poetry run app", f"poetry run app | {MADE_UP.format('poetry')}"),
        (
            "ENV POETRY_VIRTUALENVS_CREATE=false\nRUN poetry install --no-root\nCMD poetry run mine",
            "poetry run mine | kept: mine is a script of the project, which `--no-root` does not install",
        ),
        ("ENV PIPENV_VENV_IN_PROJECT=1\nCMD pipenv run app -x", f"/app/.venv/bin/app -x | {VENV}"),
        ("RUN PIPENV_VENV_IN_PROJECT=1 pipenv install\nCMD pipenv run web", f"/app/.venv/bin/flask run | {VENV}"),
        (
            "ENV PIPENV_VENV_IN_PROJECT=1\nCMD pipenv run two",
            "pipenv run two | kept: the script two is more than one simple command",
        ),
        ("RUN pipenv install\nCMD pipenv run app", f"pipenv run app | {MADE_UP.format('pipenv')}"),
        ("RUN uv sync\nCMD uv run gunicorn a:b", f"/app/.venv/bin/gunicorn a:b | {VENV} | review"),
        ("RUN uv sync\nCMD uv run --no-sync -m app", f"/app/.venv/bin/python -m app | {VENV} | review"),
        ("RUN uv sync\nCMD uv run main.py", f"/app/.venv/bin/python main.py | {VENV} | review"),
        ("ENV UV_PROJECT_ENVIRONMENT=/v\nRUN uv sync\nCMD uv run app", "/v/bin/app | VIRTUAL_ENV=/v | review"),
        ("CMD uv run app", "-g uv run app | kept: no line of the file makes the environment uv would use"),
        ("RUN uv sync\nCMD uv run --with x app", "-g uv run --with x app | kept: uv is given the option --with"),
        ("RUN pdm install\nCMD pdm run app", f"/app/.venv/bin/app | {VENV}"),
        ("RUN pdm install\nCMD pdm run serve -x", f"/app/.venv/bin/uvicorn a:b -x | {VENV}"),
    ],
)
def test_python(lines: str, answer: str, tmp_path: Path) -> None:
    files = POETRY | {
        "Pipfile": '[scripts]\nweb = "flask run"\ntwo = "a && b"\n',
        "pyproject.toml": f'{POETRY["pyproject.toml"]}[tool.pdm.scripts]\nserve = "uvicorn a:b"\n',
    }
    assert told(PYTHON + lines, tmp_path, files) == answer


def test_the_environment_goes_in_front_of_path(tmp_path: Path) -> None:
    case = case_from(f"{PYTHON}RUN uv sync\nCMD uv run app", tmp_path, POETRY)
    assert isinstance(case, Case)
    assert dict(case.command.env)["PATH"].startswith("/app/.venv/bin:/usr/local/bin:")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("bundle exec puma", "bundle exec puma"),
        ("go run ./cmd", "declined build-tool-as-command"),
        ("mvn spring-boot:run", "declined build-tool-as-command"),
        ("./gradlew run", "declined build-tool-as-command"),
        ("cargo run --release", "declined build-tool-as-command"),
        ("dotnet run", "declined build-tool-as-command"),
    ],
)
def test_others(command: str, answer: str, tmp_path: Path) -> None:
    assert told(f"FROM debian:12\nCMD {command}", tmp_path, {}) == answer
