"""Whether the go command builds a file for Linux: by its name and by its `//go:build` or `// +build` line.

Follows `go help buildconstraint`. A file counts when it is built for amd64 or arm64, with or without cgo.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from rewriter.analysis.tokens import GO, scan

# go/build's lists of known systems and architectures, of Go 1.25; only these count in a file's name.
_SYSTEMS = frozenset(
    "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows "
    "zos".split()
)
_ARCHITECTURES = frozenset(
    "386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 "
    "ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm".split()
)
_TARGETS = tuple(product(("amd64", "arm64"), (frozenset[str](), frozenset({"cgo"}))))
_ALWAYS = frozenset({"linux", "unix", "gc"})
_DEEPEST = 50
_RELEASE = re.compile(r"go1\.\d+")
_PARTS = re.compile(r"[!()]|&&|\|\||[\w.]+")


def is_built(name: str, text: str, tags: frozenset[str] = frozenset()) -> bool:
    """Return whether a file is part of a build for Linux; `tags` are the build's own tags."""
    lines = list(_constraints(text)) if "build" in text else []
    return any(_fits(name, lines, tags | _ALWAYS | {arch} | cgo) for arch, cgo in _TARGETS)


def _fits(name: str, lines: list[str], tags: frozenset[str]) -> bool:
    return _name_fits(name, tags) and all(_line_fits(line, tags) for line in lines)


def _name_fits(name: str, tags: frozenset[str]) -> bool:
    parts = name.partition(".")[0].split("_")[1:][-2:]
    if parts[-1:] and parts[-1] in _ARCHITECTURES:
        return parts[-1] in tags and not (len(parts) == 2 and parts[0] in _SYSTEMS and parts[0] not in tags)
    return not (parts[-1:] and parts[-1] in _SYSTEMS and parts[-1] not in tags)


def _constraints(text: str) -> Iterator[str]:
    """Yield the constraint lines before the package clause; where there is a `//go:build`, the old form is ignored."""
    comments: list[str] = []
    for token in scan(text, GO):
        if token.kind != "comment":
            break
        comments.append(token.text.strip())
    new = [line.removeprefix("//go:build") for line in comments if line.startswith("//go:build ")]
    old = [line.lstrip("/ \t") for line in comments]
    return iter(new[:1] or [line for line in old if line.startswith("+build ")])


def _line_fits(line: str, tags: frozenset[str]) -> bool:
    if line.startswith("+build"):
        return any(all(_old_term(term, tags) for term in option.split(",")) for option in line.split()[1:])
    # Nobody nests that deep; such a file is taken in, for what it says is evidence at worst.
    return line.count("(") > _DEEPEST or _either(_PARTS.findall(line)[::-1], tags)


def _old_term(term: str, tags: frozenset[str]) -> bool:
    return not _has(term[1:], tags) if term.startswith("!") else _has(term, tags)


def _either(rest: list[str], tags: frozenset[str]) -> bool:
    value = _both(rest, tags)
    while rest and rest[-1] == "||":
        rest.pop()
        value = _both(rest, tags) or value
    return value


def _both(rest: list[str], tags: frozenset[str]) -> bool:
    value = _term(rest, tags)
    while rest and rest[-1] == "&&":
        rest.pop()
        value = _term(rest, tags) and value
    return value


def _term(rest: list[str], tags: frozenset[str]) -> bool:
    negated = False
    while rest and rest[-1] == "!":
        rest.pop()
        negated = not negated
    word = rest.pop() if rest else ""
    if word == "(":
        value = _either(rest, tags)
        if rest:
            rest.pop()
    else:
        value = _has(word, tags)
    return value != negated


def _has(tag: str, tags: frozenset[str]) -> bool:
    return tag in tags or _RELEASE.fullmatch(tag) is not None
