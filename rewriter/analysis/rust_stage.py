"""The Rust programs a stage builds: where each lies, how it is linked, which libraries it needs, what its sources say.

Brings together the commands of the stage, the base image's facts, and manifests, lock file and sources of the context.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from posixpath import basename, dirname, isabs, join, normpath

from rewriter.analysis import rust_known as known
from rewriter.analysis.artefacts import source_of
from rewriter.analysis.built import Built, Linkage, relocated
from rewriter.analysis.context import Context
from rewriter.analysis.found import Survey, Topic
from rewriter.analysis.runs import Deed, Opaque, Run, runs_of
from rewriter.analysis.rust_build import (
    CargoCommand,
    folders_written,
    linkage,
    read_cargo,
    sets_flags_unseen,
    target_of,
)
from rewriter.analysis.rust_project import (
    RustProject,
    libraries_by_lock,
    libraries_by_manifest,
    read_project,
    starter,
    workspace_of,
)
from rewriter.analysis.rust_source import survey
from rewriter.images.catalog import package_role
from rewriter.images.model import KnownImage
from rewriter.images.releases import release
from rewriter.record import record
from rewriter.semantics.build import CopyStep, Stage

_GCC = "libgcc_s.so.1"
_TOOLCHAIN = frozenset(
    "cargo cargo-clippy cargo-fmt cargo-miri clippy-driver rls rust-analyzer rust-gdb rust-lldb".split()
)
# Commands that leave no library behind.
_HARMLESS = frozenset(
    "cargo chmod cp curl git ln mkdir mv objcopy rm rustc rustup sed strip tar touch unzip upx wget".split()
)
_SETTINGS = (".cargo/config.toml", ".cargo/config")


@record
class _Site:
    """Where a command builds: its stage and folder there; the project, where its manifest is in the context."""

    stage: Stage
    command: CargoCommand
    project: RustProject | None
    roots: tuple[str, ...]


def built_in(stage: Stage, context: Context, mentioned: frozenset[str]) -> tuple[Built, ...]:
    """Return the Rust programs that the RUNs of a stage write or move; `mentioned` are paths that other lines name.

    Where the manifest is not seen, a path that is mentioned and lies where cargo puts programs is one.
    """
    runs = [run for run in runs_of(stage) if isinstance(run, Run)]
    named = mentioned | {path for run in runs for path in _paths(run)}
    unseen = any(sets_flags_unseen(run.words) for run in runs)
    found: list[Built] = []
    for run in runs:
        made = list(_built(stage, run, context, named))
        found = [*relocated(found, run), *(replace(one, linkage=Linkage.UNKNOWN) if unseen else one for one in made)]
    return tuple({program.path: program for program in found}.values())


def _paths(run: Run) -> Iterator[str]:
    yield from (normpath(join(run.cwd or "/", word)) for word in run.words if word)


def _built(stage: Stage, run: Run, context: Context, named: frozenset[str]) -> Iterator[Built]:
    command = read_cargo(run.words, run.cwd) if run.cwd is not None else None
    root = stage.root
    if command is None or not isinstance(root, KnownImage):
        return
    site = _site(stage, command, context)
    folders = folders_written(command, run.env, site.roots)
    triple = target_of(command, run.env) or _own_triple(root)
    how, why = linkage(triple, run.env)
    if how is not Linkage.UNKNOWN and _has_settings(stage, context, site):
        how, why = Linkage.UNKNOWN, "cargo's settings may change how it is linked"
    code = _code(context, site)
    libraries = _libraries(stage, site) if how is Linkage.DYNAMIC else None
    for path in dict.fromkeys(_written(site, folders, named)):
        yield Built(path, how, why, run.evidence, code, root, libraries, not command.crates)


def _site(stage: Stage, command: CargoCommand, context: Context) -> _Site:
    """Return where a command builds; without a manifest to look at, every folder above may be the workspace's."""
    here = command.folder
    file = None if command.crates else source_of(stage, context, join(here, "Cargo.toml"))
    if file is None:
        above = [here]
        while above[-1] != "/":
            above.append(dirname(above[-1]))
        return _Site(stage, command, None, tuple(above))
    own = dirname(file)
    top = workspace_of(context, own)
    depth = len(own.split("/")) - len(top.split("/")) if top else len([part for part in own.split("/") if part])
    folder = here
    for _ in range(depth):
        folder = dirname(folder)
    is_there = source_of(stage, context, join(folder, "Cargo.toml")) == join(top, "Cargo.toml")
    project = read_project(context, top) if is_there else None
    return _Site(stage, command, project, (folder,))


def _written(site: _Site, folders: tuple[str, ...], named: frozenset[str]) -> Iterator[str]:
    """Yield the paths of the programs: those of the manifests, or those that are mentioned."""
    wanted = site.command.names
    if site.project is not None:
        names = [name for name in site.project.programs if not wanted or name in wanted]
        yield from (join(folder, name) for folder in folders for name in names)
        return
    for path in sorted(named):
        name = basename(path)
        is_program = dirname(path) in folders and name not in _TOOLCHAIN and not set(name) & set(".*")
        if is_program and (not wanted or name in wanted):
            yield path


def _own_triple(root: KnownImage) -> str:
    """Return the target that cargo builds for where none is named; Alpine's own packages do not link statically."""
    if root.libc == "musl":
        return "x86_64-unknown-linux-musl" if root.language == "rust" else "x86_64-alpine-linux-musl-dynamic"
    return "x86_64-unknown-linux-gnu"


def _has_settings(stage: Stage, context: Context, site: _Site) -> bool:
    """Return whether the stage has a file of settings for cargo, which may say how programs are linked."""
    folders = {site.command.folder, *site.roots}
    return any(source_of(stage, context, join(folder, name)) for folder in folders for name in _SETTINGS)


def _code(context: Context, site: _Site) -> Survey | None:
    """Return what the sources say, relative paths also as those below the folder that was built in."""
    if site.project is None:
        return None
    found = survey(context, site.project)
    crate = starter(site.project)
    problems = (*found.problems, *((f"{crate} starts programs or loads libraries",) if crate else ()))
    relative = [item for item in found.of(Topic.ASSET) if not isabs(item.value)]
    below = tuple(replace(item, value=join(site.command.folder, item.value)) for item in relative)
    return replace(found, found=(*found.found, *below), problems=problems)


def _libraries(stage: Stage, site: _Site) -> tuple[str, ...] | None:
    """Return the libraries a dynamic program needs besides glibc, None where they are not known.

    By the lock file; else by what the builder has at all to link with; else by crates whose needs are known.
    """
    packages = _development(stage)
    found: tuple[str, ...] | None = None
    if site.project is not None and site.project.crates is not None:
        found = libraries_by_lock(site.project, None if packages is None else dict.fromkeys(packages, True))
    elif packages is not None and _is_bounded(packages):
        found = tuple(name for package in sorted(packages) for name in known.LINKABLE.get(package, ()))
    elif site.project is not None:
        found = libraries_by_manifest(site.project)
    if found is None or (set(found) & set(known.OPENSSL) and not _has_openssl(stage)):
        return None
    return tuple(dict.fromkeys((_GCC, *found)))


def _is_bounded(packages: frozenset[str]) -> bool:
    return packages <= set(known.LINKABLE)


def _has_openssl(stage: Stage) -> bool:
    """Return whether the builder's OpenSSL has the name that the runtime image's has."""
    root = stage.root
    found = release(root.release) if isinstance(root, KnownImage) and root.release else None
    return found is not None and found.openssl == known.OPENSSL[0]


def _development(stage: Stage) -> frozenset[str] | None:
    """Return the packages of the stage that something can be linked with; None where they cannot be told."""
    root = stage.root
    if not isinstance(root, KnownImage) or any(_is_unclear(run) for run in runs_of(stage)):
        return None
    is_full = root.family == "buildpack-deps" or (root.language == "rust" and "slim" not in (root.ref.tag or ""))
    installed = (name for run in runs_of(stage) if isinstance(run, Run) for name in _link_time(run))
    return frozenset((*(known.BUILDPACK if is_full else ()), *installed))


def _is_unclear(run: Run | Opaque) -> bool:
    """Return whether a command may bring libraries in a way that is not seen."""
    if isinstance(run, Opaque):
        return True
    if run.deed is Deed.INSTALL:
        return not run.packages or None in run.words
    name = basename(run.words[0] or "") if run.words else ""
    return run.deed is Deed.OTHER and name not in _HARMLESS


def _link_time(run: Run) -> Iterator[str]:
    """Yield the packages an install brings that hold, or may hold, libraries to link with."""
    for written in run.packages if run.manager else ():
        name = written.partition("=")[0].partition("/")[0].partition(":")[0]
        role = package_role(run.manager, name) if run.manager else None
        is_tool = role is not None and role.role == "build" and role.known and not name.endswith("-dev")
        if name in known.LINKABLE or not (is_tool or (role is not None and role.role == "covered")):
            yield name


def mentioned_in(stages: tuple[Stage, ...]) -> frozenset[str]:
    """Return the absolute paths that COPY lines between stages name."""
    steps = (step for stage in stages for step in stage.all_steps if isinstance(step, CopyStep))
    copies = (step for step in steps if step.origin is not None)
    return frozenset(normpath(join("/", source)) for step in copies for source in step.sources)
