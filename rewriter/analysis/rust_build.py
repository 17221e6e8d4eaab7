"""What `cargo build` and `cargo install` commands write, and how the result is linked.

Reads the words of a command and its environment; the rules are those of the Cargo book ("Build cache", "Configuration")
and of rustc's targets: those for musl link everything in (`crt-static`), those for glibc are dynamic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from posixpath import basename, join, normpath

from rewriter.analysis.built import Linkage
from rewriter.record import record

# Options of `cargo build` and `cargo install` that take a value in the next word.
_VALUED = frozenset(
    "bin branch color config features F git index jobs j lockfile-path manifest-path message-format package p path "
    "profile registry rev root tag target target-dir version Z".split()
)
# Options of rustc that change nothing about the libraries a program needs: `-C` by key, linker arguments by value.
_PLAIN_KEYS = frozenset(
    "codegen-units debuginfo embed-bitcode force-frame-pointers linker-plugin-lto lto opt-level overflow-checks panic "
    "profile-use strip target-cpu tune-cpu".split()
)
_PLAIN_LINKING = ("-s", "-Wl,--as-needed", "-Wl,--gc-sections", "-Wl,-s", "-fuse-ld=lld", "-fuse-ld=mold")
_LINTS = ("-A", "-D", "-W", "--cap-lints", "--cfg", "--check-cfg")
_PROFILES = {"dev": "debug", "test": "debug", "bench": "release"}


@record
class CargoCommand:
    """One `cargo build` or `cargo install`: its options (a repeated one keeps its last value), and where it ran.

    `crates` are what `cargo install` fetches, () where it takes a folder.
    """

    verb: str
    options: Mapping[str, str]
    crates: tuple[str, ...]
    cwd: str

    @property
    def names(self) -> tuple[str, ...]:
        """The programs that `--bin` names."""
        return (self.options["bin"],) if "bin" in self.options else ()

    @property
    def folder(self) -> str:
        """The folder whose Cargo.toml is meant."""
        if "manifest-path" in self.options:
            return normpath(join(self.cwd, self.options["manifest-path"], ".."))
        return normpath(join(self.cwd, self.options.get("path", "")))


def read_cargo(words: tuple[str | None, ...], cwd: str) -> CargoCommand | None:
    """Return the build that a command's words ask for; None when it is none, or one of its words is not known."""
    known = [word for word in words if word is not None]
    if len(known) != len(words) or len(known) < 2 or basename(known[0]) != "cargo":
        return None
    rest = iter([word for word in known[1:] if not word.startswith("+")])  # +nightly names a toolchain
    verb = {"b": "build"}.get(found := next(rest, ""), found)
    if verb not in {"build", "install"}:
        return None
    options, plain = _arguments(rest)
    return CargoCommand(verb, options, tuple(plain), cwd)


def _arguments(rest: Iterator[str]) -> tuple[dict[str, str], list[str]]:
    options: dict[str, str] = {}
    plain: list[str] = []
    for word in rest:
        if not word.startswith("-"):
            plain.append(word)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if not equals and name in _VALUED:
            value = next(rest, "")
        options[{"r": "release", "p": "package"}.get(name, name)] = value
    return options, plain


def folders_written(command: CargoCommand, env: Mapping[str, str], workspaces: tuple[str, ...]) -> tuple[str, ...]:
    """Return the folders the programs may lie in; `workspaces` are those that may be the project's root."""
    options = command.options
    if command.verb == "install":
        root = options.get("root") or env.get("CARGO_INSTALL_ROOT") or env.get("CARGO_HOME") or "/root/.cargo"
        return (normpath(join(command.cwd, root, "bin")),)
    profile = options.get("profile") or ("release" if "release" in options else "dev")
    below = join(target_of(command, env) or "", _PROFILES.get(profile, profile))
    given = options.get("target-dir") or env.get("CARGO_TARGET_DIR") or env.get("CARGO_BUILD_TARGET_DIR")
    roots = (join(command.cwd, given),) if given else tuple(join(root, "target") for root in workspaces)
    return tuple(normpath(join(root, below)) for root in roots)


def target_of(command: CargoCommand, env: Mapping[str, str]) -> str | None:
    """Return the target triple that is asked for, None for the machine's own."""
    return command.options.get("target") or env.get("CARGO_BUILD_TARGET") or None


def linkage(triple: str, env: Mapping[str, str]) -> tuple[Linkage, str]:
    """Return how programs for a target are linked, and why; UNKNOWN where an option may change that."""
    flags = _flags(triple, env)
    if flags is None or not _is_plain(flags):
        return Linkage.UNKNOWN, "RUSTFLAGS may change how it is linked"
    if triple.endswith("-linux-musl"):
        return Linkage.STATIC, f"{triple} links the C library in"
    if triple.endswith("-linux-gnu"):
        return Linkage.DYNAMIC, "Rust links glibc and libgcc_s dynamically"
    return Linkage.UNKNOWN, f"{triple} is no target that is known"


def _flags(triple: str, env: Mapping[str, str]) -> list[str] | None:
    """Return the options for rustc that the environment gives; None where they cannot be told."""
    if "CARGO_ENCODED_RUSTFLAGS" in env:
        return None
    own = f"CARGO_TARGET_{triple.upper().replace('-', '_')}_RUSTFLAGS"
    return " ".join(env.get(name, "") for name in ("RUSTFLAGS", own, "CARGO_BUILD_RUSTFLAGS")).split()


def _is_plain(flags: list[str]) -> bool:
    """Return whether none of the options says what is linked, or how."""
    rest = iter(_joined(flags))
    for word in rest:
        if word == "-C":
            key, _, value = next(rest, "").partition("=")
            if key not in _PLAIN_KEYS and not (key in {"link-arg", "link-args"} and value in _PLAIN_LINKING):
                return False
        elif word in _LINTS:
            next(rest, "")
        elif not word.startswith(_LINTS):
            return False
    return True


def _joined(flags: list[str]) -> Iterator[str]:
    """Yield the options with `-Copt-level=3` and `--codegen` written as `-C opt-level=3` is."""
    for word in flags:
        if word.startswith("-C") and len(word) > 2:
            yield from ("-C", word[2:])
        elif word.startswith("--codegen"):
            yield from ("-C", *([word.partition("=")[2]] if "=" in word else ()))
        else:
            yield word


def sets_flags_unseen(words: tuple[str | None, ...]) -> bool:
    """Return whether a command of a shell sets what cargo reads (`export RUSTFLAGS=...`) or writes its settings."""
    texts = [word or "" for word in words]
    exports = any(before == "export" and after.startswith(("RUSTFLAGS", "CARGO_")) for before, after in pairwise(texts))
    return exports or any(".cargo/config" in text for text in texts)
