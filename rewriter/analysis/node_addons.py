"""Which packages of a Node project are more than JavaScript, told from its lock file as far as there is one.

For the question whether node_modules may be moved to another image: add-ons are built for one C library, and may need
libraries of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from posixpath import join

from rewriter.analysis import node_known as known
from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.node_project import NodePackage, read_package
from rewriter.record import record

_LOCK_LIMIT = 16 << 20
_LOCKS = ("package-lock.json", "npm-shrinkwrap.json")
# Add-ons that bring all they need but the C and C++ libraries, or have it in Node itself.
_SELF_CONTAINED = frozenset(
    "@mongodb-js/zstd @node-rs/argon2 @node-rs/bcrypt @parcel/watcher @swc/core argon2 bcrypt better-sqlite3 "
    "bufferutil cpu-features esbuild farmhash heapdump iconv isolated-vm leveldown lightningcss lmdb lz4 microtime "
    "msgpackr-extract node-expat re2 rocksdb sharp snappy sodium-native sqlite3 ssh2 tree-sitter utf-8-validate "
    "xxhash zeromq".split()
)
# Packages whose install script builds nothing that runs on Linux.
_ONLY_SCRIPTS = frozenset(
    "@apollo/protobufjs @firebase/util @nestjs/core core-js core-js-bundle core-js-pure ejs es5-ext fsevents husky msw "
    "nodemon nx protobufjs spawn-sync styled-components unrs-resolver vue-demi yarn".split()
)


@record
class Addons:
    """The packages that may be more than JavaScript: those `moved` freely between images of one C library, `others`.

    `seen`: a lock file says so of all packages, not only of the project's own dependencies.
    """

    moved: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    seen: bool = False
    evidence: tuple[Evidence, ...] = ()


def addons_of(context: Context, folder: str) -> Addons:
    """Return the add-ons among the packages that the project in a folder of the context runs with."""
    for name in _LOCKS:
        text = context.text(join(folder, name), _LOCK_LIMIT)
        packages = _packages(text) if text is not None else None
        if packages is not None:
            found = dict.fromkeys(_locked(packages))
            return _sorted(found, (Evidence(join(folder, name), '"packages"'),), seen=True)
    package = read_package(context, folder)
    if package is None:
        return Addons()
    if not (package.dependencies or package.dev_dependencies):
        return Addons(seen=True, evidence=(Evidence(package.path, "no dependencies"),))
    return _sorted(
        dict.fromkeys(_direct(context, folder, package)), (Evidence(package.path, '"dependencies"'),), seen=False
    )


def _sorted(names: dict[str, None], evidence: tuple[Evidence, ...], *, seen: bool) -> Addons:
    moved = tuple(name for name in names if name in _SELF_CONTAINED or name.startswith("@platform:"))
    others = tuple(name for name in names if name not in moved)
    return Addons(tuple(name.removeprefix("@platform:") for name in moved), others, seen, evidence)


def _packages(text: str) -> dict[str, object] | None:
    """Return the packages of a lock file by path; None for the form of npm 6, which does not say what is built."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    packages = data.get("packages") if isinstance(data, dict) else None
    return packages if isinstance(packages, dict) else None


def _locked(packages: dict[str, object]) -> Iterator[str]:
    for path, package in packages.items():
        name = path.rpartition("node_modules/")[2]
        if not path or not isinstance(package, dict) or package.get("dev") or name in _ONLY_SCRIPTS:
            continue
        if _is_native(name) or package.get("hasInstallScript"):
            yield name
        elif _is_for_linux(package):
            yield f"@platform:{name}"


def _is_for_linux(package: dict[str, object]) -> bool:
    """Return whether a package is for some platforms only, and for Linux among them: a program or library inside."""
    systems, rest = package.get("os"), package.get("cpu") or package.get("libc")
    on_linux = not isinstance(systems, list) or "linux" in systems or any(str(one).startswith("!") for one in systems)
    return bool(systems or rest) and on_linux


def _is_native(name: str) -> bool:
    return name in known.PACKAGES and known.PACKAGES[name].native


def _direct(context: Context, folder: str, package: NodePackage) -> Iterator[str]:
    """Yield the known add-ons among the project's own dependencies, and those another manager's lock file names."""
    yield from (name for name, _ in package.dependencies if _is_native(name))
    for lock in ("yarn.lock", "pnpm-lock.yaml"):
        text = context.text(join(folder, lock), _LOCK_LIMIT) or ""
        starts = {line.strip(" '\"/") for line in text.split("\n")}
        names = {start[:1] + start[1:].partition("@")[0] for start in starts}
        yield from sorted(name for name in names if _is_native(name))
