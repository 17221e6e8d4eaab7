"""The Go programs a stage builds: where each lies, how it is linked, what its sources say.

Brings together the commands of the stage, the base image's facts and the sources of the build context.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from posixpath import basename, dirname, join, normpath, relpath

from rewriter.analysis.artefacts import copied_to
from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import Topic
from rewriter.analysis.go_build import GoCommand, Imports, Linkage, Toolchain, linkage, programs, read_go
from rewriter.analysis.go_module import programs as go_programs
from rewriter.analysis.go_module import read_tree
from rewriter.analysis.go_source import GoSurvey, survey
from rewriter.analysis.runs import Deed, Run, runs_of
from rewriter.images.model import KnownImage
from rewriter.record import record
from rewriter.semantics.build import Build, CopyStep, Stage

_UNKNOWN = "\0"
# Folders of every image: a program that is moved to one of them lies inside it.
_FOLDERS = frozenset(
    "/ /bin /sbin /usr/bin /usr/sbin /usr/local/bin /usr/local/sbin /go/bin /opt /root /srv /tmp".split()
)
_COMPILERS = frozenset({"gcc", "g++", "clang", "build-base", "build-essential", "alpine-sdk", "musl-dev", "libc-dev"})


@record
class Built:
    """A program of a stage: its path there, how it is linked and why, the command, and what the sources say.

    `folder` is the folder of the context that was the work directory; `sources` None where they cannot be read.
    `builder` is the image it was built on, None where nothing is known of it. `package` is what was built, as the
    command names it.
    """

    path: str
    linkage: Linkage
    why: str
    evidence: Evidence
    folder: str | None
    sources: GoSurvey | None
    builder: KnownImage | None
    package: str

    @property
    def is_own(self) -> bool:
        """Whether it is a program of the project, not a tool fetched by its import path."""
        first = self.package.partition("/")[0]
        is_remote = "@" in self.package or (first not in {".", ".."} and "." in first.removesuffix(".go"))
        return self.sources is not None or not is_remote


@record
class Moved:
    """A work directory that the build stage is given in place of the base image's own."""

    old: str
    new: str

    def apply(self, path: str) -> str:
        """Return where a path below the old directory lies now."""
        return self.new + path[len(self.old) :] if path == self.old or path.startswith(f"{self.old}/") else path


def built_in(stage: Stage, context: Context, moved: Moved | None = None) -> tuple[Built, ...]:
    """Return the Go programs that the RUNs of a stage write or move, in the order they are written."""
    runs = [run for run in runs_of(stage) if isinstance(run, Run)]
    tools = _toolchain(stage, runs)
    found: list[Built] = []
    for run in runs:
        found = [*_relocated(found, run, moved), *_built(stage, run, tools, context, moved)]
    return tuple({program.path: program for program in found}.values())


def programs_of(build: Build, context: Context) -> tuple[Built, ...]:
    """Return the Go programs in the target's image that it copies from other stages, where they lie in the target.

    A program may pass through several stages (one that compresses it, say); each stage is read once.
    """
    known: dict[int, tuple[Built, ...]] = {}
    for stage in build.stages[: build.target.index]:
        known[stage.index] = (*_copied(stage, known), *built_in(stage, context))
    return tuple(_copied(build.target, known))


def _copied(stage: Stage, known: Mapping[int, tuple[Built, ...]]) -> Iterator[Built]:
    for step in stage.all_steps:
        if isinstance(step, CopyStep) and isinstance(step.origin, Stage):
            for built in known.get(step.origin.index, ()):
                path = copied_to(step, built.path)
                if path:
                    yield replace(built, path=path)


def _relocated(built: list[Built], run: Run, moved: Moved | None) -> Iterator[Built]:
    """Yield the programs that are there after a command: where a `mv` or `cp` puts them, or where they were."""
    words = [word for word in run.argv or () if not word.startswith("-")]
    name = basename(words[0]) if len(words) > 2 else ""
    if run.cwd is None or name not in {"mv", "cp"}:
        yield from built
        return
    cwd = moved.apply(run.cwd) if moved else run.cwd
    *sources, target = (join(cwd, word) for word in words[1:])
    inside = target.endswith("/") or normpath(target) in _FOLDERS or len(sources) > 1
    for program in built:
        matches = any(fnmatchcase(program.path, normpath(source)) for source in sources)
        if not matches or name == "cp":
            yield program
        if matches:
            yield replace(program, path=normpath(join(target, basename(program.path)) if inside else target))


def _built(stage: Stage, run: Run, tools: Toolchain, context: Context, moved: Moved | None) -> Iterator[Built]:
    if run.cwd is None:
        return
    cwd = moved.apply(run.cwd) if moved else run.cwd
    command = read_go(tuple(_literal(word, raw) for word, raw in zip(run.words, run.raw, strict=True)), cwd)
    if command is None:
        return
    folder = context_folder(stage, run.cwd, context)
    mains, root = _mains(context, folder), stage.root
    for program in programs(command, mains, _gobin(run.env)):
        if _UNKNOWN in program.path:
            continue
        found = _sources(context, folder, program.package, command)
        how, why = linkage(command, run.env, tools, _imports(found))
        builder = root if isinstance(root, KnownImage) else None
        yield Built(program.path, how, why, run.evidence, folder, found, builder, program.package)


def _literal(word: str | None, raw: str) -> str:
    """Return a word; of one whose value is not known, a mark behind its flag's name, then what is written."""
    if word is not None:
        return word
    name, equals, rest = raw.partition("=")
    return f"{name}={_UNKNOWN}{rest}" if equals and name.startswith("-") else f"{_UNKNOWN}{raw}"


def _gobin(env: Mapping[str, str]) -> str:
    return env.get("GOBIN") or join(env.get("GOPATH", "/go").partition(":")[0], "bin")


def _toolchain(stage: Stage, runs: list[Run]) -> Toolchain:
    root = stage.root
    if not isinstance(root, KnownImage):
        return Toolchain(has_cc=True, libc=None, minor=None)
    installed = {name for run in runs if run.deed is Deed.INSTALL for name in run.packages}
    has_cc = root.os != "alpine" or bool(installed & _COMPILERS)
    return Toolchain(has_cc, root.libc, _minor(root.ref.tag or ""))


def _minor(tag: str) -> int | None:
    """Return the minor version of Go a golang tag stands for; a tag without one is a current Go."""
    numbers = tag.partition("-")[0].split(".")
    if len(numbers) > 1 and numbers[0] == "1":
        minor = "".join(c for c in numbers[1] if c.isdigit())
        return int(minor) if minor and numbers[1].startswith(minor) else None
    return 99


def context_folder(stage: Stage, folder: str, context: Context) -> str | None:
    """Return the folder of the context that the stage's `folder` is a copy of; None where no COPY says so."""
    for step in reversed(stage.all_steps):
        if not isinstance(step, CopyStep) or step.origin is not None:
            continue
        for written in step.sources:
            source = normpath(join("/", written)).lstrip("/")
            target = normpath(step.target)
            is_folder = context.is_dir(source) if source else True
            if is_folder and (folder == target or folder.startswith(f"{target.rstrip('/')}/")):
                return normpath(join(source, relpath(folder, target))).removeprefix(".").lstrip("/")
            if not is_folder and folder == target and source.endswith((".go", "go.mod")):
                return dirname(source)
    return None


def _mains(context: Context, folder: str | None) -> dict[str, str]:
    """Return the main packages below a folder of the context, by their path from it, and their programs' names."""
    if folder is None or not context.known:
        return {}
    found = {main.directory: main.program or "" for main in go_programs(read_tree(context))}
    inside = {path: name for path, name in found.items() if not folder or f"{path}/".startswith(f"{folder}/")}
    return {path[len(folder) :].strip("/"): name for path, name in inside.items()}


def _sources(context: Context, folder: str | None, package: str, command: GoCommand) -> GoSurvey | None:
    if folder is None or not context.known:
        return None
    inside = dirname(package) if package.endswith(".go") else package
    where = normpath(join(folder, inside)).removeprefix(".").lstrip("/")
    tags = frozenset(command.flags.get("tags", "").replace(",", " ").split())
    found = survey(context, (where,), tags)
    return found if found.packages else None


def _imports(found: GoSurvey | None) -> Imports:
    if found is None or found.code.problems:
        return Imports(known=False, cgo=False, resolver=False)
    cgo = bool(found.code.of(Topic.NATIVE))
    return Imports(known=True, cgo=cgo, resolver=bool(found.code.of(Topic.RESOLVER)) or _has_unseen_imports(found))


def _has_unseen_imports(found: GoSurvey) -> bool:
    """Return whether a module that is not in the context is imported: it may import net, as most servers' do."""
    names = {imported.path for package in found.packages for file in package.files for imported in file.imports}
    modules = tuple(module.path for module in found.modules if module.path)
    foreign = (name for name in names if "." in name.partition("/")[0])
    return any(not name.startswith(modules) for name in foreign) if modules else any(foreign)
