"""package.json: what scripts really run, and what the dependencies are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rewriter.analysis.context import Context
from rewriter.analysis.node_known import PACKAGES
from rewriter.analysis.node_project import (
    NodeCommand,
    Unresolved,
    is_dev_server,
    native_packages,
    read_package,
    resolve_command,
    resolve_script,
)
from tests.contexts import context_of

SCRIPTS = {
    "start": "node server.js",
    "prod": "NODE_ENV=production node dist/main.js --port 80",
    "cross": "cross-env A=b C=d node x.js",
    "variable": "node x.js $PORT",
    "two": "npm run build && node x.js",
    "cd": "cd server && node x.js",
    "nested": "npm run prod -- --more",
    "yarned": "B=c yarn prod --more",
    "loop": "npm run pool",
    "pool": "npm run loop",
    "hooked": "node x.js",
    "prehooked": "echo",
    "web": "next start",
    "dev": "next dev",
    "watch": "nodemon server.js",
    "lint": "eslint .",
    "ts": "npx tsc",
    "fetched": "npx cowsay",
    "nest": "nest start",
    "many": "concurrently a b",
    "sub": "npm --prefix sub start",
    "java": "java -jar x.jar",
    "empty": "",
    "quiet": "npm run -s start",
    "option": "npm run start --port 80",
}
PACKAGE = {
    "name": "app",
    "main": "index.js",
    "scripts": SCRIPTS,
    "engines": {"node": ">=18"},
    "dependencies": {"next": "14", "@nestjs/cli": "10", "nodemon": "3", "bcrypt": "5", "concurrently": "8"},
    "devDependencies": {"typescript": "5", "sharp": "1"},
}
LOCK = {
    "packages": {
        "": {"bin": {"next": "no"}},
        "node_modules/x/node_modules/next": {"bin": {"next": "nested"}},
        "node_modules/next": {"bin": {"next": "./dist/bin/next"}},
    }
}
FILES = {
    "package.json": json.dumps(PACKAGE, indent=2),
    "package-lock.json": json.dumps(LOCK),
    "sub/package.json": '{"name": "sub"}',
    "sub/server.js": "",
    "plain/package.json": "{}",
    "broken/package.json": "{",
}


def shown(found: NodeCommand | Unresolved) -> str:
    if isinstance(found, Unresolved):
        return f"no: {found.why}"
    env = "".join(f"{name}={value} " for name, value in found.env)
    flags = (" [dev]" if found.developing else "") + (" [several]" if found.several else "")
    return f"{env}{' '.join(found.words)}{f' in {found.directory}' if found.directory else ''}{flags}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("start", "node server.js"),
        ("prod", "NODE_ENV=production node dist/main.js --port 80"),
        ("cross", "A=b C=d node x.js"),
        ("variable", "no: the script variable is more than one simple command (variable)"),
        ("two", "no: the script two is more than one simple command (list)"),
        ("cd", "node x.js in server"),
        ("nested", "NODE_ENV=production node dist/main.js --port 80 --more"),
        ("yarned", "B=c NODE_ENV=production node dist/main.js --port 80 --more"),
        ("loop", "no: the scripts run each other: loop -> pool -> loop"),
        ("hooked", "no: prehooked runs, too"),
        ("web", "node node_modules/next/dist/bin/next start"),
        ("dev", "node node_modules/next/dist/bin/next dev [dev]"),
        ("watch", "node_modules/.bin/nodemon server.js [dev]"),
        ("lint", "eslint ."),
        ("ts", "node_modules/.bin/tsc"),
        ("fetched", "no: npx fetches cowsay, which is no dependency"),
        ("nest", "node_modules/.bin/nest start"),
        ("many", "node_modules/.bin/concurrently a b [several]"),
        ("sub", "node server.js in sub"),
        ("java", "java -jar x.jar"),
        ("empty", "no: the script empty is more than one simple command (nothing)"),
        ("quiet", "node server.js"),
        ("option", "no: npm is given the option --port"),
        ("none", "no: package.json has no script none"),
    ],
)
def test_scripts(tmp_path: Path, name: str, expected: str) -> None:
    assert shown(resolve_script(context_of(tmp_path, FILES), "", name)) == expected


@pytest.mark.parametrize(
    ("words", "directory", "expected"),
    [
        ("npm start", "", "node server.js"),
        ("npm start", "sub", "node server.js in sub"),
        ("npm start", "plain", "no: package.json has no script start"),
        ("npm start", "broken", "no: there is no readable package.json in broken"),
        ("npm start", "none", "no: there is no readable package.json in none"),
        ("yarn start", "sub", "no: package.json has no script start"),
        ("npm run start -- -x", "", "node server.js -x"),
        ("npm prod", "", "no: `npm prod` runs no script"),
        ("pnpm prod", "", "NODE_ENV=production node dist/main.js --port 80"),
        ("pnpm exec next", "", "no: `pnpm exec` runs no script"),
        ("npm", "", "no: npm is not told what to run"),
        ("npm run", "", "no: npm is not told what to run"),
        ("npm --workspaces run start", "", "no: npm is given the option --workspaces"),
        ("npm --prefix=sub start", "", "node server.js in sub"),
        ("npm --prefix", "", "no: npm is not told what to run"),
        ("next start", "", "node node_modules/next/dist/bin/next start"),
        ("npx -y next", "", "no: npx is given options"),
        ("node server.js", "", "node server.js"),
        ("./bin/www", "", "./bin/www"),
    ],
)
def test_commands(tmp_path: Path, words: str, directory: str, expected: str) -> None:
    assert shown(resolve_command(context_of(tmp_path, FILES), directory, tuple(words.split()))) == expected


def test_a_resolved_script_shows_its_lines(tmp_path: Path) -> None:
    found = resolve_script(context_of(tmp_path, FILES), "", "nested")
    assert isinstance(found, NodeCommand)
    assert found.scripts == ("nested", "prod")
    assert [place.quote.partition('"')[2].partition('"')[0] for place in found.evidence] == ["nested", "prod"]
    assert [place.where for place in found.evidence] == ["package.json:11", "package.json:6"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("vite", True),
        ("npx vite --host", True),
        ("vite build", False),
        ("vite preview", False),
        ("node_modules/.bin/next dev", True),
        ("next", True),
        ("next start", False),
        ("react-scripts start", True),
        ("node --watch x.js", True),
        ("node x.js --watched", False),
        ("nest start --watch", True),
        ("nest start", False),
        ("ng serve --host 0.0.0.0", True),
        ("webpack serve", True),
        ("nodemon", True),
        ("node server.js", False),
        ("", False),
    ],
)
def test_dev_servers(words: str, *, expected: bool) -> None:
    assert is_dev_server(tuple(words.split())) == expected


def test_package_facts(tmp_path: Path) -> None:
    package = read_package(context_of(tmp_path, FILES))
    assert package is not None
    assert (package.name, package.main, package.type, package.engine) == ("app", "index.js", "commonjs", ">=18")
    assert [(row.name, place.quote) for row, place in native_packages(package)] == [("bcrypt", '"bcrypt": "5",')]
    assert package.depends_on("sharp")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["yarn.lock"], "yarn"),
        (["pnpm-lock.yaml"], "pnpm"),
        (["bun.lockb"], "bun"),
        (["package-lock.json"], "npm"),
        ([], "npm"),
    ],
)
def test_managers(tmp_path: Path, files: list[str], expected: str) -> None:
    package = read_package(context_of(tmp_path, {"package.json": '{"a": 1}', **dict.fromkeys(files, "")}))
    assert package is not None
    assert package.manager == expected


def test_a_declared_manager_counts_where_there_is_no_lock(tmp_path: Path) -> None:
    package = read_package(context_of(tmp_path, {"package.json": '{"packageManager": "pnpm@9.1.0", "bin": "./x.js"}'}))
    assert package is not None
    assert package.manager == "pnpm"
    assert package.bin == (("", "./x.js"),)


def test_odd_values_are_passed_over(tmp_path: Path) -> None:
    text = '{"name": 1, "scripts": [], "dependencies": {"a": {}}, "bin": 3, "engines": "x"}'
    context = context_of(
        tmp_path, {"package.json": text, "deep/package.json": '{"a":' * 100_000, "l/package.json": "[]"}
    )
    package = read_package(context)
    assert package is not None
    assert (package.name, package.scripts, package.dependencies, package.bin, package.engine) == ("", (), (), (), None)
    assert read_package(context, "deep") is None
    assert read_package(context, "l") is None
    assert read_package(Context.empty()) is None


def test_the_table_is_sound() -> None:
    assert all(row.native or row.programs for row in PACKAGES.values())
    assert all(name == row.name for name, row in PACKAGES.items())
