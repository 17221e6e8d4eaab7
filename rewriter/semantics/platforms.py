"""Platforms as they stand in `--platform` and in the automatic build arguments."""

from __future__ import annotations

import re

from rewriter.record import record
from rewriter.semantics.problems import BuildError

_OS = re.compile(r"([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?")
_PART = re.compile(r"[A-Za-z0-9_.-]+")
_SYSTEMS = frozenset(
    """aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows
    zos""".split()
)
_ARCHITECTURES = frozenset(
    """386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32
    mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm""".split()
)
_ALIASES = {
    "i386": ("386", ""),
    "x86_64": ("amd64", None),
    "x86-64": ("amd64", None),
    "aarch64": ("arm64", None),
    "armhf": ("arm", "v7"),
    "armel": ("arm", "v6"),
}
_VARIANTS = {
    ("amd64", "v1"): "",
    ("arm64", "8"): "",
    ("arm64", "v8"): "",
    ("arm64", "v8.0"): "",
    ("arm64", "9"): "v9",
    ("arm64", "9.0"): "v9",
    ("arm64", "v9.0"): "v9",
    ("arm", ""): "v7",
    ("arm", "5"): "v5",
    ("arm", "6"): "v6",
    ("arm", "7"): "v7",
    ("arm", "8"): "v8",
}


@record
class Platform:
    """An operating system and an architecture; `version` and `variant` are empty where they do not matter."""

    os: str
    architecture: str
    variant: str
    version: str = ""

    def __str__(self) -> str:
        """The platform in the form of `--platform`."""
        system = f"{self.os}({self.version})" if self.version else self.os
        return "/".join(part for part in (system, self.architecture, self.variant) if part)


def parse_platform(text: str) -> Platform:
    """Return the platform a text names, with the usual aliases resolved.

    Follows `platforms.Parse` of containerd; what a single word leaves open is taken as linux and amd64.

    Raises:
        BuildError: the text names no platform.
    """
    system, *rest = text.split("/")
    match = _OS.fullmatch(system)
    if match is None or len(rest) > 2 or not all(_PART.fullmatch(part) for part in rest):
        raise BuildError(f"failed to parse platform {text}: invalid argument")
    if not rest:
        return _from_one_word(text, match[1].lower(), match[2] or "")
    os = "darwin" if match[1].lower() == "macos" else match[1].lower()
    architecture, variant = _normal(rest[0], "".join(rest[1:]))
    return Platform(os, architecture, _kept_variant(architecture, variant, len(rest)), match[2] or "")


def _from_one_word(text: str, word: str, version: str) -> Platform:
    system = "darwin" if word == "macos" else word
    if system in _SYSTEMS:
        return Platform(system, "amd64", "", version)
    architecture, variant = _normal(text, "")
    if architecture not in _ARCHITECTURES:
        raise BuildError(f'failed to parse platform {text}: "{text}": unknown operating system or architecture')
    return Platform("linux", architecture, _kept_variant(architecture, variant, 1))


def _normal(architecture: str, variant: str) -> tuple[str, str]:
    name, given = architecture.lower(), variant.lower()
    name, implied = _ALIASES.get(name, (name, None))
    given = given if implied is None else implied
    return name, _VARIANTS.get((name, given), given)


def _kept_variant(architecture: str, variant: str, parts: int) -> str:
    """Return the variant as it is written out: the usual one of an architecture only where it was asked for."""
    if architecture == "arm" and variant == "v7" and parts == 1:
        return ""
    if architecture == "arm64" and not variant and parts == 2:
        return "v8"
    return variant
