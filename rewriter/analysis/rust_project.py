"""What Cargo.toml and Cargo.lock say: which programs a project has, and which libraries its crates link.

Reads what is in the context; a file that does not parse is not there. Formats: the Cargo book, "The Manifest Format".
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from posixpath import dirname, join, normpath
from typing import Any

from rewriter.analysis import rust_known as known
from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import at_line
from rewriter.record import record


@record
class Dependency:
    """A crate that a manifest names for the program itself; `is_local` one of the project's own folders."""

    name: str
    features: tuple[str, ...]
    default: bool
    is_local: bool
    folder: str


@record
class Crate:
    """An entry of the lock file; `is_own` has no source: it is a package of the project."""

    name: str
    needs: tuple[str, ...]
    is_own: bool


@record
class Package:
    """A package of the project: its folder in the context, the names of its programs, what it depends on."""

    folder: str
    name: str
    programs: tuple[str, ...]
    dependencies: tuple[Dependency, ...]


@record
class RustProject:
    """The packages below one Cargo.toml, and the crates of its lock file, None where it has none."""

    folder: str
    packages: tuple[Package, ...]
    crates: tuple[Crate, ...] | None

    @property
    def programs(self) -> tuple[str, ...]:
        """The names of all programs."""
        return tuple(dict.fromkeys(name for package in self.packages for name in package.programs))

    @property
    def dependencies(self) -> frozenset[str]:
        """The names of the crates that the packages name themselves."""
        return frozenset(one.name for package in self.packages for one in package.dependencies)


def read_project(context: Context, folder: str) -> RustProject | None:
    """Return the project whose Cargo.toml lies in this folder of the context, its workspace included; None without."""
    root = _toml(context, join(folder, "Cargo.toml"))
    if root is None:
        return None
    workspace = _table(root.get("workspace"))
    folders = [
        folder,
        *(one for pattern in _texts(workspace.get("members")) for one in _members(context, folder, pattern)),
    ]
    todo, packages = list(dict.fromkeys(folders)), dict[str, Package]()
    while todo:
        here = todo.pop(0)
        manifest = root if here == folder else _toml(context, join(here, "Cargo.toml"))
        if manifest is None or here in packages:
            continue
        packages[here] = _package(context, here, manifest, workspace)
        todo += [one.folder for one in packages[here].dependencies if one.is_local]
    return RustProject(folder, tuple(packages.values()), _lock(context, join(folder, "Cargo.lock")))


def libraries_by_lock(project: RustProject, has_dev: Mapping[str, bool] | None = None) -> tuple[str, ...] | None:
    """Return the shared libraries that the crates of the lock file may link, None where one of them is not known.

    `has_dev` says of development packages whether the builder has them; without it, it may have any.
    """
    crates = project.crates or ()
    names = {crate.name for crate in crates}
    found: list[str] = []
    for crate in crates:
        row = known.BINDINGS.get(crate.name)
        if row is None and crate.name == "libsqlite3-sys" and "cc" in crate.needs:  # its feature `bundled`
            continue
        if row is None:
            if is_binding(crate):
                return None
        elif crate.name == known.OPENSSL_CRATE and known.OPENSSL_SOURCE in names:
            continue
        elif not row.dev or has_dev is None or has_dev.get(row.dev, False):
            found += row.libraries
    return tuple(dict.fromkeys(found))


def is_binding(crate: Crate) -> bool:
    """Return whether a crate binds to a library of the system, as far as its name and what it needs show."""
    parts = crate.name.replace("_", "-").split("-")
    return "sys" in parts or bool(known.FINDERS & set(crate.needs))


def libraries_by_manifest(project: RustProject) -> tuple[str, ...] | None:
    """Return the shared libraries a project without a lock file may link; None where a crate of it is not known."""
    found: list[str] = []
    for package in project.packages:
        for one in package.dependencies:
            if one.is_local:
                continue
            if one.name not in known.ALONE or any(word in f for f in one.features for word in known.DYNAMIC_FEATURES):
                return None
            by_default = one.name in known.OPENSSL_DEFAULTS and one.default
            if by_default or any(word in f for f in one.features for word in known.OPENSSL_FEATURES):
                found += known.OPENSSL
    return tuple(dict.fromkeys(found))


def starter(project: RustProject) -> str | None:
    """Return a crate the project names that starts other programs or loads libraries by name; None without."""
    return next((name for name in sorted(project.dependencies) if name in known.STARTERS), None)


def evidence_of(context: Context, project: RustProject) -> Evidence:
    """Return the lock file, or else the manifest, as what shows the crates."""
    name = "Cargo.toml" if project.crates is None else "Cargo.lock"
    path = join(project.folder, name)
    lines = (context.text(path, _LARGEST) or "").splitlines()
    wanted = "[dependencies]" if project.crates is None else f'name = "{known.OPENSSL_CRATE}"'
    line = next((number for number, text in enumerate(lines, 1) if text.strip() == wanted), 1)
    return at_line(path, lines, line)


_LARGEST = 8 << 20


def _package(context: Context, folder: str, manifest: Mapping[str, Any], workspace: Mapping[str, Any]) -> Package:
    name = _text(_table(manifest.get("package")).get("name"))
    shared = _table(workspace.get("dependencies"))
    tables = [manifest, *(_table(one) for one in _table(manifest.get("target")).values())]
    rows = [row for table in tables for row in _table(table.get("dependencies")).items()]
    dependencies = tuple(_dependency(folder, key, value, shared) for key, value in rows)
    return Package(folder, name, tuple(_programs(context, folder, name, manifest)), dependencies)


def _programs(context: Context, folder: str, name: str, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the programs: those listed, and those that cargo finds by the names of their files."""
    listed = [_table(row) for row in manifest.get("bin", ()) if isinstance(row, Mapping)]
    yield from (_text(row.get("name")) for row in listed if row.get("name"))
    if _table(manifest.get("package")).get("autobins", True) is False:
        return
    if (
        name
        and context.is_file(join(folder, "src/main.rs"))
        and not any(_text(r.get("path")) == "src/main.rs" for r in listed)
    ):
        yield name
    for entry in context.names(join(folder, "src/bin")):
        path = join(folder, "src/bin", entry)
        if entry.endswith(".rs") or context.is_file(join(path, "main.rs")):
            yield entry.removesuffix(".rs")


def _dependency(folder: str, key: str, value: object, shared: Mapping[str, Any]) -> Dependency:
    row = _table(value)
    if row.get("workspace") is True:
        common = _table(shared.get(key))
        row = {**common, **row, "features": [*_texts(common.get("features")), *_texts(row.get("features"))]}
    path = _text(row.get("path"))
    inside = normpath(join(folder, path)).removeprefix("./") if path else ""
    name = _text(row.get("package")) or key
    default = row.get("default-features", row.get("default_features", True)) is not False
    return Dependency(name, tuple(_texts(row.get("features"))), default, bool(path), "" if inside == "." else inside)


def _members(context: Context, folder: str, pattern: str) -> Iterator[str]:
    for path in context.matches(join(folder, pattern)):
        if context.is_file(join(path, "Cargo.toml")):
            yield path


def _lock(context: Context, path: str) -> tuple[Crate, ...] | None:
    table = _toml(context, path)
    if table is None:
        return None
    rows = [_table(row) for row in table.get("package", ()) if isinstance(row, Mapping)]
    return tuple(
        Crate(
            _text(row.get("name")),
            tuple(need.partition(" ")[0] for need in _texts(row.get("dependencies"))),
            "source" not in row,
        )
        for row in rows
    )


def _toml(context: Context, path: str) -> Mapping[str, Any] | None:
    text = context.text(path, _LARGEST)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    items: Iterable[object] = value if isinstance(value, list) else ()
    return [item for item in items if isinstance(item, str)]


def workspace_of(context: Context, folder: str) -> str:
    """Return the folder whose target folder a package uses: the nearest above it that is a workspace, or its own."""
    here = folder
    while here:
        here = dirname(here)
        above = _toml(context, join(here, "Cargo.toml"))
        if above is not None and "workspace" in above:
            return here
    return folder
