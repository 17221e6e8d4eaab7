"""What `go build` and `go install` commands write, and how the result is linked.

Reads the words of a command, never a shell text; the rules are those of cmd/go (`go help build`, `go help install`)
and of the golang images (their Debian variants have a C compiler, so cgo is on; the Alpine ones have none).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import basename, join, normpath

from rewriter.analysis.built import Linkage
from rewriter.record import record

# Flags of `go build` that take a value in the next word (cmd/go/internal/work/build.go, AddBuildFlags).
_VALUED = frozenset(
    "C asmflags buildmode compiler covermode coverpkg exec gccgoflags gcflags installsuffix ldflags mod modfile "
    "overlay p pgo pkgdir tags toolexec".split()
)


@record
class GoCommand:
    """One `go build` or `go install`: flags (repeated ones joined by blanks), packages, and where it ran."""

    verb: str
    flags: Mapping[str, str]
    packages: tuple[str, ...]
    cwd: str


@record
class GoProgram:
    """An executable a command writes: its absolute path and the package it is made of, as written."""

    path: str
    package: str


def read_go(words: tuple[str, ...], cwd: str) -> GoCommand | None:
    """Return the build a command's words ask for; None when it is no `go build` or `go install`."""
    if len(words) < 2 or basename(words[0]) != "go":
        return None
    rest = iter(words[1:])
    chdir, verb = _verb(rest)
    if verb not in {"build", "install"}:
        return None
    flags, packages = _arguments(rest)
    folder = normpath(join(cwd, chdir or flags.get("C", "")))
    return GoCommand(verb, flags, packages, folder)


def _verb(rest: Iterator[str]) -> tuple[str, str]:
    """Return the folder of a leading `-C dir` and the word after it."""
    word = next(rest, "")
    if word == "-C":
        return next(rest, ""), next(rest, "")
    return "", word


def _arguments(rest: Iterator[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    flags: dict[str, str] = {}
    for word in rest:
        if not word.startswith("-") or word == "-":
            return flags, (word, *rest)
        name, equals, value = word.lstrip("-").partition("=")
        if not equals and name in _VALUED | {"o"}:
            value = next(rest, "")
        flags[name] = f"{flags[name]} {value}" if name in flags else value
    return flags, ()


def programs(command: GoCommand, mains: Mapping[str, str], gobin: str) -> tuple[GoProgram, ...]:
    """Return what the command writes.

    `mains` maps a package's folder below the module ("", "cmd/x") to the name `go build` gives its program;
    `gobin` is where `go install` puts programs.
    """
    packages = command.packages or (".",)
    if all(package.endswith(".go") for package in packages):
        packages = packages[:1]
    named = [(package, _name(package, mains, command.cwd)) for p in packages for package in _expanded(p, mains)]
    output = command.flags.get("o")
    if command.verb == "install":
        return tuple(GoProgram(join(gobin, name), package) for package, name in named)
    if output is None:
        return tuple(GoProgram(join(command.cwd, name), package) for package, name in named[:1])
    where = join(command.cwd, output)
    if output.endswith("/") or len(named) > 1:
        return tuple(GoProgram(normpath(join(where, name)), package) for package, name in named)
    return tuple(GoProgram(normpath(where), package) for package, _ in named)


def _expanded(package: str, mains: Mapping[str, str]) -> tuple[str, ...]:
    """Return the main packages a pattern such as `./cmd/...` stands for."""
    if not package.endswith("..."):
        return (package,)
    below = package.removesuffix("...").removeprefix("./").strip("/")
    return tuple(f"./{folder}" for folder in sorted(mains) if not below or f"{folder}/".startswith(f"{below}/"))


def _name(package: str, mains: Mapping[str, str], cwd: str) -> str:
    """Return the file name of a package's program (cmd/go: the last element of the import path, less /vN)."""
    if package.endswith(".go"):
        return basename(package).removesuffix(".go")
    folder = package.removeprefix("./").strip("/")
    if folder in {"", "."}:
        return mains.get("") or basename(cwd)
    if mains.get(folder):
        return mains[folder]
    path = folder.partition("@")[0].rstrip("/")
    last = basename(path)
    is_version = last.startswith("v") and last[1:].isdigit() and "/" in path
    return basename(path.rpartition("/")[0]) if is_version else last


@record
class Toolchain:
    """What decides how a program is linked: is there a C compiler, which C library, which Go (minor, None unknown)."""

    has_cc: bool
    libc: str | None
    minor: int | None


@record
class Imports:
    """What the program's sources ask of C: `known` False when they could not be read."""

    known: bool
    cgo: bool
    resolver: bool


def linkage(command: GoCommand, env: Mapping[str, str], tools: Toolchain, imports: Imports) -> tuple[Linkage, str]:
    """Return how the command's program is linked, and why.

    cgo is on when CGO_ENABLED says so or is unset, a C compiler is there (before Go 1.20 even without) and nothing is
    cross-compiled; a program with cgo on is dynamic when it, or `net` or `os/user`, uses C (`go help environment`).
    """
    ldflags = command.flags.get("ldflags", "")
    if env.get("CGO_ENABLED") == "0":
        return Linkage.STATIC, "CGO_ENABLED=0"
    if "-static" in ldflags and "-extldflags" in ldflags:
        return Linkage.STATIC, "-extldflags -static"
    if command.flags.get("buildmode") in {"pie", "c-shared", "plugin"}:
        return Linkage.UNKNOWN, f"-buildmode={command.flags['buildmode']}"
    asked = env.get("CGO_ENABLED") == "1"
    if not asked and not tools.has_cc and tools.minor is not None and tools.minor >= 20:
        return Linkage.STATIC, "the image has no C compiler, so Go builds without cgo"
    if not imports.known:
        return Linkage.UNKNOWN, "cgo may be on, and the sources could not be read"
    if imports.cgo:
        return Linkage.DYNAMIC, 'the sources import "C"'
    tags = set(command.flags.get("tags", "").replace(",", " ").split())
    if imports.resolver and not {"netgo", "osusergo"} <= tags:
        return Linkage.DYNAMIC, "cgo is on and the program imports net or os/user"
    return Linkage.STATIC, "nothing in the program uses C"
