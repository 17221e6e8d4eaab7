"""The Go programs a stage builds: where each lies, how it is linked, what its sources say.

Brings together the commands of the stage, the base image's facts and the sources of the build context.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import dirname, join, normpath, relpath

from rewriter.analysis.built import Built, Moved, relocated
from rewriter.analysis.context import Context
from rewriter.analysis.found import Topic
from rewriter.analysis.go_build import GoCommand, Imports, Toolchain, linkage, programs, read_go
from rewriter.analysis.go_module import programs as go_programs
from rewriter.analysis.go_module import read_tree
from rewriter.analysis.go_source import GoSurvey, survey
from rewriter.analysis.runs import Deed, Run, runs_of
from rewriter.images.model import KnownImage
from rewriter.semantics.build import CopyStep, Stage

_UNKNOWN = "\0"
_COMPILERS = frozenset({"gcc", "g++", "clang", "build-base", "build-essential", "alpine-sdk", "musl-dev", "libc-dev"})


def built_in(stage: Stage, context: Context, moved: Moved | None = None) -> tuple[Built, ...]:
    """Return the Go programs that the RUNs of a stage write or move, in the order they are written."""
    runs = [run for run in runs_of(stage) if isinstance(run, Run)]
    tools = _toolchain(stage, runs)
    found: list[Built] = []
    for run in runs:
        found = [*relocated(found, run, moved), *_built(stage, run, tools, context, moved)]
    return tuple({program.path: program for program in found}.values())


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
        code = found.code if found else None
        libraries = () if code is not None and not code.of(Topic.NATIVE) else None
        is_own = found is not None or not _is_remote(program.package)
        yield Built(program.path, how, why, run.evidence, code, builder, libraries, is_own)


def _is_remote(package: str) -> bool:
    """Return whether a package is fetched by its import path."""
    first = package.partition("/")[0]
    return "@" in package or (first not in {".", ".."} and "." in first.removesuffix(".go"))


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
