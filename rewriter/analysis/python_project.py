"""What a Python project's manifests say: dependencies, commands it installs, and the Python it asks for.

Reads requirements files, pyproject.toml (PEP 621, PEP 735, Poetry, PDM), setup.cfg, Pipfile and the lock files; runs
nothing. `setup.py` is a program and is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath

from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import at_line
from rewriter.analysis.python_known import OUTSIDE, Outside
from rewriter.record import record

_DEEPEST_INCLUDE = 5
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_LOCKS = ("poetry.lock", "uv.lock", "pdm.lock", "pylock.toml")
_LOCK_LIMIT = 4 << 20


@record
class PythonDependency:
    """A distribution by its normalised name; `wanted` is what follows the name ("==2.1", "[async]>=3")."""

    name: str
    wanted: str
    evidence: Evidence


@record
class PythonCommand:
    """A command the project itself installs: `target` is `module:function`."""

    name: str
    target: str
    evidence: Evidence


@record
class PythonProject:
    """`manager` is "poetry", "pipenv", "uv", "pdm" or "pip", as the files tell; `locked` is what lock files name."""

    dependencies: tuple[PythonDependency, ...] = ()
    locked: tuple[PythonDependency, ...] = ()
    commands: tuple[PythonCommand, ...] = ()
    requires_python: str | None = None
    manager: str | None = None
    problems: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Return whether a distribution is asked for or locked."""
        return any(d.name == normalized(name) for d in (*self.dependencies, *self.locked))


def read_project(context: Context, directory: str = "") -> PythonProject:
    """Return what the manifests in a folder of the context say; what cannot be read is named in `problems`."""
    problems: list[str] = []
    dependencies = list(_requirements(context, directory))
    locked: list[PythonDependency] = []
    commands: list[PythonCommand] = []
    requires: str | None = None
    pyproject = Manifest.read(context, join(directory, "pyproject.toml"), problems)
    if pyproject:
        dependencies += _pyproject_dependencies(pyproject)
        commands += _pyproject_commands(pyproject)
        requires = _requires_python(pyproject)
    pipfile = Manifest.read(context, join(directory, "Pipfile"), problems)
    if pipfile:
        dependencies += _table_dependencies(pipfile, pipfile.table("packages"))
        requires = requires or pipfile.text("requires", "python_version")
    setup = context.text(join(directory, "setup.cfg"))
    if setup is not None:
        dependencies += _setup_dependencies(join(directory, "setup.cfg"), setup)
        commands += _setup_commands(join(directory, "setup.cfg"), setup)
    for name in _LOCKS:
        lock = Manifest.read(context, join(directory, name), problems, _LOCK_LIMIT)
        locked += _locked(lock) if lock else ()
    manager = _manager(context, directory, pyproject)
    return PythonProject(tuple(dependencies), tuple(locked), tuple(commands), requires, manager, tuple(problems))


def outside_needs(project: PythonProject) -> tuple[tuple[Outside, PythonDependency], ...]:
    """Return the dependencies that are known to need a library or program which pip does not bring."""
    known = {row.distribution: row for row in OUTSIDE}
    found = {d.name: (known[d.name], d) for d in (*project.locked, *project.dependencies) if d.name in known}
    return tuple(found.values())


def normalized(name: str) -> str:
    """Return a distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parse_requirement(text: str) -> tuple[str, str] | None:
    """Return normalised name and the rest of a requirement (PEP 508); None where there is no name."""
    match = _NAME.match(text.strip())
    if match is None:
        return None
    return normalized(match[0]), text.strip()[match.end() :].strip()


@record
class Manifest:
    """A TOML file and its lines, for evidence."""

    path: str
    data: dict[str, object]
    lines: list[str]

    @staticmethod
    def read(context: Context, path: str, problems: list[str], limit: int = 1 << 20) -> Manifest | None:
        """Return the file; None where there is none, or none that can be read, which `problems` then say."""
        import tomllib  # noqa: PLC0415 - only Python projects need it

        text = context.text(path, limit)
        if text is None:
            return None
        try:
            return Manifest(path, tomllib.loads(text.replace("\r\n", "\n")), text.split("\n"))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            problems.append(f"{path}: {error}")
            return None

    def table(self, *keys: str) -> dict[str, object]:
        """Return the table below these keys, empty where there is none."""
        value: object = self.data
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}

    def items(self, *keys: str) -> list[object]:
        """Return the array below these keys, empty where there is none."""
        value = self.table(*keys[:-1]).get(keys[-1])
        return value if isinstance(value, list) else []

    def text(self, *keys: str) -> str | None:
        """Return the string below these keys."""
        value = self.table(*keys[:-1]).get(keys[-1])
        return value if isinstance(value, str) else None

    def evidence(self, quote: str) -> Evidence:
        """Return the first line that holds the quote, the file alone where none does."""
        number = next((n for n, line in enumerate(self.lines, 1) if quote in line), None)
        return Evidence(self.path, quote) if number is None else at_line(self.path, self.lines, number)


def _requirements(context: Context, directory: str) -> Iterator[PythonDependency]:
    names = [name for name in context.names(directory) if name.startswith("requirements") and name.endswith(".txt")]
    seen: set[str] = set()
    # Requirements for development are not installed by what is looked at here, unless the main file includes them.
    for name in names if len(names) == 1 else [n for n in names if n == "requirements.txt"]:
        yield from requirements_of(context, join(directory, name), seen)
    if context.is_dir(join(directory, "requirements")):
        for name in ("base.txt", "prod.txt", "production.txt", "requirements.txt", "main.txt"):
            yield from requirements_of(context, join(directory, "requirements", name), seen)


def requirements_of(
    context: Context, path: str, seen: set[str] | None = None, depth: int = 0
) -> Iterator[PythonDependency]:
    """Yield the dependencies a requirements file names, those of files it includes with `-r` too."""
    seen = set() if seen is None else seen
    text = context.text(path)
    if text is None or path in seen or depth > _DEEPEST_INCLUDE:
        return
    seen.add(path)
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        words = line.split("#")[0].replace("=", " ", 1).split() if line.startswith(("-r", "--requirement")) else []
        included = words[1] if len(words) > 1 else words[0][2:] if words and words[0] != "-r" else ""
        if included:
            yield from requirements_of(context, normpath(join(dirname(path), included)), seen, depth + 1)
        elif line[:1].isalnum():
            requirement = parse_requirement(line.partition(" #")[0].rstrip("\\ "))
            if requirement:
                yield PythonDependency(*requirement, at_line(path, lines, number))


def _pyproject_dependencies(manifest: Manifest) -> Iterator[PythonDependency]:
    """Extras and groups are left out: nobody says here whether they are installed."""
    for item in manifest.items("project", "dependencies"):
        requirement = parse_requirement(item) if isinstance(item, str) else None
        if requirement and isinstance(item, str):
            yield PythonDependency(*requirement, manifest.evidence(item))
    yield from _table_dependencies(manifest, manifest.table("tool", "poetry", "dependencies"))
    yield from _table_dependencies(manifest, manifest.table("tool", "poetry", "group", "main", "dependencies"))


def _table_dependencies(manifest: Manifest, table: dict[str, object]) -> Iterator[PythonDependency]:
    for name, wanted in table.items():
        if name.lower() != "python":
            version = wanted.get("version", "") if isinstance(wanted, dict) else wanted
            yield PythonDependency(
                normalized(name), version if isinstance(version, str) else "", manifest.evidence(name)
            )


def _pyproject_commands(manifest: Manifest) -> Iterator[PythonCommand]:
    for keys in (("project", "scripts"), ("project", "gui-scripts"), ("tool", "poetry", "scripts")):
        for name, target in manifest.table(*keys).items():
            place = target.get("callable") or target.get("reference") if isinstance(target, dict) else target
            if isinstance(place, str):
                yield PythonCommand(name, place, manifest.evidence(place))


def _requires_python(manifest: Manifest) -> str | None:
    return manifest.text("project", "requires-python") or manifest.text("tool", "poetry", "dependencies", "python")


def _locked(manifest: Manifest) -> Iterator[PythonDependency]:
    packages = manifest.items("package") or manifest.items("packages")
    numbers = (n for n, line in enumerate(manifest.lines, 1) if line.startswith(("[[package]]", "[[packages]]")))
    for package, number in zip(packages, numbers, strict=False):
        name, version = (package.get("name"), package.get("version")) if isinstance(package, dict) else (None, None)
        if isinstance(name, str):
            evidence = at_line(manifest.path, manifest.lines, number + 1)
            yield PythonDependency(normalized(name), f"=={version}" if isinstance(version, str) else "", evidence)


def _setup_dependencies(path: str, text: str) -> Iterator[PythonDependency]:
    lines = text.splitlines()
    for number, value in _setup_values(lines, "options", "install_requires"):
        requirement = parse_requirement(value)
        if requirement:
            yield PythonDependency(*requirement, at_line(path, lines, number))


def _setup_commands(path: str, text: str) -> Iterator[PythonCommand]:
    lines = text.splitlines()
    for number, value in _setup_values(lines, "options.entry_points", "console_scripts"):
        name, equals, target = value.partition("=")
        if equals:
            yield PythonCommand(name.strip(), target.strip(), at_line(path, lines, number))


def _setup_values(lines: list[str], section: str, key: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of one value of a setup.cfg, each with its number."""
    inside = within = False
    for number, line in enumerate(lines, 1):
        if line.startswith("["):
            inside, within = line.strip() == f"[{section}]", False
        elif line[:1].strip() and not line.startswith(("#", ";")):
            name, _, rest = line.partition("=")
            within = inside and name.strip() == key
            if within and rest.strip():
                yield number, rest.strip()
        elif within and line.strip() and not line.strip().startswith(("#", ";")):
            yield number, line.strip()


def _manager(context: Context, directory: str, pyproject: Manifest | None) -> str | None:
    for name, manager in (("poetry.lock", "poetry"), ("Pipfile", "pipenv"), ("uv.lock", "uv"), ("pdm.lock", "pdm")):
        if context.exists(join(directory, name)):
            return manager
    if pyproject and pyproject.table("tool", "poetry"):
        return "poetry"
    has_pip = pyproject or any(
        context.exists(join(directory, n)) for n in ("requirements.txt", "setup.py", "setup.cfg")
    )
    return "pip" if has_pip else None
