"""`poetry run`, `pipenv run`, `uv run`, `pdm run`: the program of the virtual environment (hazard H14).

They find the environment and start the program with it in front of PATH. Where the environment lies is told by
settings and by the lines that make it; a place the tool makes up is not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, dirname, join, normpath

from rewriter.analysis.artefacts import source_of
from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.go_stage import context_folder
from rewriter.analysis.node_project import Unresolved
from rewriter.analysis.python_project import Manifest, read_project
from rewriter.analysis.runs import Run, runs_of
from rewriter.images.model import DEFAULT_PATH
from rewriter.plan import Safety
from rewriter.recipes.launched import Launched
from rewriter.record import record
from rewriter.semantics.build import CopyStep, Stage
from rewriter.semantics.shell import Simple, simple
from rewriter.semantics.shell.prefixes import SHELLS

PYTHON_LAUNCHERS = frozenset(("poetry", "pipenv", "uv", "pdm"))
_TRUE, _FALSE = frozenset(("1", "true", "yes", "on", "t")), frozenset(("0", "false", "no", "off", "f"))
_PLAIN = {
    "uv": frozenset(("--no-sync", "--frozen", "--locked", "--no-dev", "--no-cache", "-q", "--quiet", "--offline")),
    "poetry": frozenset(("-q", "--quiet", "-n", "--no-interaction")),
    "pdm": frozenset(("-s", "--site-packages")),
    "pipenv": frozenset[str](),
}


@record
class Environment:
    """A virtual environment by its path, "" for the system's Python, and what shows that it is used."""

    path: str
    evidence: Evidence


@record
class _Project:
    """What is known where a launcher is started: the stage, its work directory, the project's folder in the context."""

    stage: Stage
    context: Context
    workdir: str
    folder: str | None

    @property
    def env(self) -> dict[str, str]:
        """The variables of the image."""
        return dict(self.stage.config.env)

    def toml(self, name: str) -> Manifest | None:
        """Return a file of the project; None where it cannot be read."""
        return None if self.folder is None else Manifest.read(self.context, join(self.folder, name), [])


def python_program(words: tuple[str, ...], stage: Stage, context: Context, workdir: str) -> Launched | Unresolved:
    """Return the program a launcher starts in `workdir`, or why that cannot be told."""
    manager, given = basename(words[0]), list(words[words.index("run") + 1 :])
    while given and given[0] in _PLAIN[manager]:
        given.pop(0)
    if not given or (given[0].startswith("-") and not (manager == "uv" and given[0] in {"-m", "--module"})):
        return Unresolved(
            f"{manager} is given the option {given[0]}" if given else f"{manager} is not told what to run"
        )
    project = _Project(stage, context, workdir, _folder(stage, context, workdir))
    environment = _environment(manager, project)
    if isinstance(environment, Unresolved):
        return environment
    asked = _asked(manager, project, tuple(given))
    if isinstance(asked, Unresolved):
        return asked
    place = environment.path or "the system's Python"
    why = f"{manager} only starts it from {place}"
    if manager == "uv":
        why += "; it also brings that up to date first, which the image need not do"
    return Launched(
        words=(_program(environment.path, asked[0]), *asked[1:]),
        workdir=workdir,
        env=tuple(_variables(environment.path, project)),
        why=why,
        safety=Safety.REVIEW if manager == "uv" else Safety.SAFE,
        evidence=(environment.evidence,),
    )


def _folder(stage: Stage, context: Context, workdir: str) -> str | None:
    for name in ("pyproject.toml", "Pipfile"):
        file = source_of(stage, context, join(workdir, name))
        if file:
            return dirname(file)
    return context_folder(stage, workdir, context)


def _program(path: str, name: str) -> str:
    """Return the program's path in the environment; a path, or a shell, is not looked up there."""
    return join(path, "bin", name) if path and "/" not in name and name not in SHELLS else name


def _variables(path: str, project: _Project) -> Iterator[tuple[str, str]]:
    """Yield what the launcher sets, as activating the environment does."""
    if path:
        yield "VIRTUAL_ENV", path
        old = project.env.get("PATH", DEFAULT_PATH)
        yield "PATH", old if join(path, "bin") in old.split(":") else f"{path}/bin:{old}"


def _environment(manager: str, project: _Project) -> Environment | Unresolved:
    active = project.env.get("VIRTUAL_ENV")
    if active and manager != "uv":
        return Environment(active, Evidence("Dockerfile", f"VIRTUAL_ENV={active}"))
    match manager:
        case "poetry":
            return _of_poetry(project)
        case "pipenv":
            found = _set(project, "PIPENV_VENV_IN_PROJECT", _TRUE)
            return Environment(join(project.workdir, ".venv"), found) if found else _made_up(manager)
        case "uv":
            return _of_uv(project)
        case _:
            made = _ran(project, "pdm", ("install", "sync"))
            return Environment(join(project.workdir, ".venv"), made) if made else _made_up(manager)


def _made_up(manager: str) -> Unresolved:
    return Unresolved(f"{manager} keeps the virtual environment in a folder whose name it makes up")


def _of_poetry(project: _Project) -> Environment | Unresolved:
    """Follow poetry's own order: an environment in the project counts, then whether any is made at all."""
    inside = _set(project, "POETRY_VIRTUALENVS_IN_PROJECT", _TRUE) or _configured(project, "in-project", _TRUE)
    if inside:
        return Environment(join(project.workdir, ".venv"), inside)
    none = _set(project, "POETRY_VIRTUALENVS_CREATE", _FALSE) or _configured(project, "create", _FALSE)
    return Environment("", none) if none else _made_up("poetry")


def _of_uv(project: _Project) -> Environment | Unresolved:
    named = project.env.get("UV_PROJECT_ENVIRONMENT")
    path = normpath(join(project.workdir, named or ".venv"))
    made = _ran(project, "uv", ("sync", "venv", "run")) or _copied(project.stage, path)
    return Environment(path, made) if made else Unresolved("no line of the file makes the environment uv would use")


def _set(project: _Project, name: str, wanted: frozenset[str]) -> Evidence | None:
    """Return where a variable is set so, in the image or for a RUN."""
    if project.env.get(name, "").lower() in wanted:
        for step in reversed(project.stage.all_steps):
            if step.instruction.name in {"ENV", "ARG"} and name in step.instruction.text:
                return Evidence(f"Dockerfile:{step.instruction.span.line}", step.instruction.text)
        return Evidence("Dockerfile", f"{name}={project.env[name]}")
    runs = (run for run in runs_of(project.stage) if isinstance(run, Run))
    return next((run.evidence for run in runs if run.env.get(name, "").lower() in wanted), None)


def _configured(project: _Project, key: str, wanted: frozenset[str]) -> Evidence | None:
    """Return where `poetry config virtualenvs.KEY` or poetry.toml says so."""
    for run in runs_of(project.stage):
        words = run.words if isinstance(run, Run) else ()
        if "config" in words and f"virtualenvs.{key}" in words and words[-1] in wanted:
            return run.evidence
        if "config" in words and f"virtualenvs.{key}" in words and words[-1] == "--local" and words[-2] in wanted:
            return run.evidence
    settings = project.toml("poetry.toml")
    value = settings.table("virtualenvs").get(key) if settings else None
    return settings.evidence(key) if settings and value is not None and str(value).lower() in wanted else None


def _ran(project: _Project, program: str, verbs: tuple[str, ...]) -> Evidence | None:
    """Return the RUN that made the environment where the launcher is started."""
    for run in runs_of(project.stage):
        words = tuple(word or "" for word in run.words) if isinstance(run, Run) else ()
        names = [basename(word) for word in words]
        if program in names and isinstance(run, Run) and run.cwd == project.workdir:
            rest = words[names.index(program) + 1 :]
            if any(word in verbs for word in rest) and "--system" not in rest:
                return run.evidence
    return None


def _copied(stage: Stage, path: str) -> Evidence | None:
    for step in stage.all_steps:
        if isinstance(step, CopyStep) and normpath(step.target) == path:
            return Evidence(f"Dockerfile:{step.instruction.span.line}", step.instruction.text)
    return None


def _asked(manager: str, project: _Project, words: tuple[str, ...]) -> tuple[str, ...] | Unresolved:
    """Return the words that are really run: a script of the project's files is looked up, a module given to Python."""
    if manager == "uv" and words[0] in {"-m", "--module"}:
        return ("python", "-m", *words[1:])
    if manager == "uv" and words[0].endswith(".py"):
        return ("python", *words)
    if manager == "poetry" and _is_not_installed(project, words[0]):
        return Unresolved(f"{words[0]} is a script of the project, which `--no-root` does not install")
    named = {"pipenv": ("Pipfile", ("scripts",)), "pdm": ("pyproject.toml", ("tool", "pdm", "scripts"))}.get(manager)
    manifest = project.toml(named[0]) if named else None
    if named is None or manifest is None or words[0] not in manifest.table(*named[1]):
        return words
    text = manifest.text(*named[1], words[0])
    one = simple(text) if text else None
    if not isinstance(one, Simple) or one.env or one.cwd is not None:
        return Unresolved(f"the script {words[0]} is more than one simple command", (manifest.evidence(words[0]),))
    return (*one.words, *words[1:])


def _is_not_installed(project: _Project, name: str) -> bool:
    if project.folder is None:
        return False
    commands = {command.name for command in read_project(project.context, project.folder).commands}
    runs = [run for run in runs_of(project.stage) if isinstance(run, Run) and "install" in run.words]
    return name in commands and any("--no-root" in run.words or "--only-main" in run.words for run in runs)
