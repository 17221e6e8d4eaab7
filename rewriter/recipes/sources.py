"""What the application's own sources start: programs to bring along, and a shell where they cannot do without.

Only the sources that are copied into the image, or into a stage its files are copied from, are read, and only those of
the language the command is of. What the sources of Go say is read by the recipe for Go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from posixpath import basename, isabs, normpath

from rewriter.analysis import java_source, node_source, python_source
from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import Spawn, Survey, Topic
from rewriter.analysis.node_project import native_packages, read_package
from rewriter.analysis.python_project import outside_needs, read_project
from rewriter.images.model import KnownImage, Unknown
from rewriter.notes import Note, Rule, Severity
from rewriter.recipes.base import Case
from rewriter.recipes.launcher_node import package_folder
from rewriter.record import record
from rewriter.semantics.build import CopyStep, Stage
from rewriter.semantics.shell import Programs, programs

SHELL_ASIDE = Rule("shell-started-by-sources", "sources that may not be part of the program start a shell", "H35")
UNNAMED = Rule("sources-start-unnamed-program", "sources start a program that is named only at run time", "H34")
PARENT = Rule("parent-compared-with-init", "the sources ask whether the parent process is PID 1", "H22")
PREFORK = Rule("program-makes-workers", "the program makes workers of itself, which watch their parent", "H21")

_Survey = Callable[[Context, tuple[str, ...]], Survey]
_SURVEYS: Mapping[str, _Survey] = {
    "python": python_source.survey,
    "node": node_source.survey,
    "java": java_source.survey,
}
_SERVERS = frozenset(
    "gunicorn uvicorn hypercorn daphne flask celery django-admin streamlit uwsgi waitress-serve granian".split()
)
# Folders and files that are beside the program, not in it: what they start is for those who work on it.
_ASIDE = frozenset(
    "scripts script tools tool bin doc docs example examples sample samples bench benchmark benchmarks ci hack deploy "
    "deployment build dev devtools notebooks fixtures .github setup.py noxfile.py tasks.py fabfile.py gulpfile.js "
    "Gruntfile.js webpack.config.js vite.config.js".split()
)
_MOST_PLACES = 3


@record
class Started:
    """What the sources start: `programs` with the places that show it, the places where a shell is needed, notes."""

    programs: tuple[tuple[str, Evidence], ...] = ()
    shell: tuple[Evidence, ...] = ()
    notes: tuple[Note, ...] = ()


def started_by_sources(case: Case, words: tuple[str, ...]) -> Started:
    """Return what the sources of the program start; `words` are those of the commands that are run."""
    language, found = surveyed(case, words)
    if language is None:
        return Started()
    spawns = sorted(((spawn, _is_aside(spawn.evidence, words)) for spawn in found.spawns), key=lambda pair: pair[1])
    known = tuple(_known(case, language))
    named = [(name, spawn.evidence) for spawn, _ in spawns for name in _names(spawn)]
    loads = [("ldconfig", item.evidence) for item in found.of(Topic.LIBRARY)] if language == "python" else []
    shells = [spawn.evidence for spawn, aside in spawns if spawn.shell and not aside]
    return Started(
        programs=_unique((*named, *loads, *known), case.stage.root),
        shell=(*shells, *(place for name, place in known if name in {"sh", "bash"})),
        notes=tuple(_notes(spawns, found)),
    )


def surveyed(case: Case, words: tuple[str, ...]) -> tuple[str | None, Survey]:
    """Return the language of a command and what the sources in the image say; None where there are none to read."""
    language = _language(case, words)
    roots = tuple(dict.fromkeys(_roots(case.stage, case.context)))
    if language is None or not roots:
        return None, Survey()
    return language, _SURVEYS[language](case.context, ("",) if "" in roots else roots)


def _unique(found: Iterable[tuple[str, Evidence]], root: KnownImage | Unknown) -> tuple[tuple[str, Evidence], ...]:
    """Return each program with the first place that names it, less those of the runtime, which comes along anyhow."""
    own = {name for name, _ in root.programs} if isinstance(root, KnownImage) and root.trees else set()
    unique: dict[str, Evidence] = {}
    for name, place in found:
        unique.setdefault(name, place)
    return tuple((name, place) for name, place in unique.items() if name not in own)


def source_notes(found: Survey) -> Iterator[Note]:
    """Yield what is worth saying of sources that care about who their parent is."""
    for item in [item for item in found.of(Topic.PARENT) if item.value == "== 1"][:1]:
        message = f"{item.evidence.where} compares the parent's process id with 1: the main program's parent is tini"
        help_ = "nothing, if only workers ask; if the main program ends then, use --no-init"
        yield Note(PARENT, Severity.WARNING, message, None, help_)
    for item in found.of(Topic.PREFORK)[:1]:
        message = f"{item.evidence.where} makes workers, whose parent is the program and not PID 1 while tini is there"
        help_ = "keep tini in front where the entrypoint is overridden: compose `entrypoint`, Kubernetes `command`"
        yield Note(PREFORK, Severity.INFO, message, None, help_)


def _language(case: Case, words: tuple[str, ...]) -> str | None:
    root = case.stage.root
    own = root.language if isinstance(root, KnownImage) else None
    if own in _SURVEYS:
        return own
    names = {basename(word) for word in words}
    if any(name.startswith("python") or name.endswith(".py") for name in names) or names & _SERVERS:
        return "python"
    if names & {"node", "npm", "npx", "yarn", "pnpm"} or any("node_modules/.bin/" in word for word in words):
        return "node"
    return "java" if "java" in names else None


def _roots(stage: Stage, context: Context) -> Iterator[str]:
    """Yield the paths of the context that are copied into the stage, or into a stage it copies from."""
    for step in stage.all_steps:
        if isinstance(step, CopyStep) and isinstance(step.origin, Stage):
            yield from _roots(step.origin, context)
        elif isinstance(step, CopyStep) and step.origin is None and context.known:
            for source in step.sources:
                path = normpath(source).lstrip("/")
                yield from ("",) if path in {"", "."} else context.matches(path)


def _is_aside(place: Evidence, words: tuple[str, ...]) -> bool:
    """Return whether a source lies beside the program, unless the command itself names its folder."""
    path = place.where.rpartition(":")[0]
    parts = path.split("/")
    named = {part for word in words for part in word.replace(".", "/").split("/")}
    return any(part in _ASIDE and part not in named for part in parts)


def _names(spawn: Spawn) -> Iterator[str]:
    """Yield the programs by name: those a shell's text calls, or the first word."""
    if not spawn.shell:
        yield from (word for word in spawn.words[:1] if word and " " not in word and "$" not in word)
        return
    yield "sh"
    called = programs(spawn.words[0]) if spawn.words else None
    if isinstance(called, Programs):
        yield from (one.name for one in called.called if "/" not in one.name or isabs(one.name))


def _known(case: Case, language: str) -> Iterator[tuple[str, Evidence]]:
    """Yield the programs that packages the project depends on are known to start."""
    folder = package_folder(case.stage, case.context, case.stage.config.workdir or "/") or ""
    package = read_package(case.context, folder) if language == "node" else None
    for row, place in native_packages(package) if package else ():
        yield from ((name, place) for name in row.programs)
    for outside, dependency in outside_needs(read_project(case.context, folder)) if language == "python" else ():
        yield from ((name, dependency.evidence) for name in outside.programs)
        if outside.loaded:
            yield "ldconfig", dependency.evidence


def _notes(spawns: Iterable[tuple[Spawn, bool]], found: Survey) -> Iterator[Note]:
    unnamed = [spawn.evidence for spawn, aside in spawns if not (spawn.words or spawn.shell or aside)]
    if unnamed:
        message = f"{_places(unnamed)} starts a program that is named only at run time"
        yield Note(UNNAMED, Severity.INFO, message, None, "nothing, if a RUN of the file installs the program")
    aside = [spawn.evidence for spawn, aside in spawns if spawn.shell and aside]
    if aside and not any(spawn.shell and not beside for spawn, beside in spawns):
        message = f"{_places(aside)} runs a command through a shell, which the final stage does not have"
        help_ = "nothing, if the running program does without that file; else start the command by its words"
        yield Note(SHELL_ASIDE, Severity.WARNING, message, None, help_)
    yield from source_notes(found)


def _places(places: list[Evidence]) -> str:
    more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
    return ", ".join(place.where for place in places[:_MOST_PLACES]) + more
