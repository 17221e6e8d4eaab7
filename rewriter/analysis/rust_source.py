"""What Rust sources say about run time: files they may open, programs they start, libraries they link by hand.

Looks at all sources of a project but its tests, examples and build scripts. Compiled-in files (`include_str!`) count as
files that may be opened: to carry one too many breaks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.analysis.context import Context
from rewriter.analysis.found import Found, Spawn, Survey, Topic, survey_of
from rewriter.analysis.rust_project import RustProject
from rewriter.analysis.source_files import line_with, path_literals

_ASIDE = frozenset({"benches", "examples", "target", "tests"})
_MOST_TEXT = 8 << 20
_SPAWNS = (
    "process::Command",
    "process::{",
    "process::*",
    "libc::exec",
    "libc::system",
    "libc::popen",
    "execv",
    "posix_spawn",
)
_LINKS = ("#[link(", "#[link (", "dlopen(", "libloading::")
_TELLS_CARGO = ("rustc-link", "pkg_config", "system_deps", "link-arg")


def survey(context: Context, project: RustProject) -> Survey:
    """Return what the sources of a project say; a build script that names libraries is a problem, as is `#[link]`."""
    items: list[Found | Spawn] = []
    problems: list[str] = []
    read = 0
    for path in _sources(context, project):
        text = context.text(path)
        read += len(text or "")
        if text is None or read > _MOST_TEXT:
            problems.append(f"{path} is too large to be read")
            break
        if path.endswith("build.rs") and not path.endswith("src/build.rs"):
            problems += _of_build_script(path, text)
        else:
            items += _of_source(path, text)
            found = line_with(path, text, _LINKS)
            problems += [f"{found.where} links or loads a library"] if found else []
    return survey_of(items, [*problems, *(["the context has too many files"] if context.is_cut() else [])])


def _sources(context: Context, project: RustProject) -> Iterator[str]:
    """Yield the sources of the packages; tests, benches and examples lie beside them."""
    seen: set[str] = set()
    for package in project.packages:
        for path in context.walk(package.folder, (".rs",)):
            below = path[len(package.folder) :].strip("/").split("/")
            if below[0] not in _ASIDE and path not in seen:
                seen.add(path)
                yield path


def _of_source(path: str, text: str) -> Iterator[Found | Spawn]:
    yield from path_literals(path, text)
    started = line_with(path, text, _SPAWNS)
    if started is not None and "Command" in text:
        yield Spawn((), False, started)  # noqa: FBT003 - which program it is does not matter
    parent = line_with(path, text, ("parent_id() == 1", "getppid() == 1", "getppid().as_raw() == 1"))
    if parent is not None:
        yield Found(Topic.PARENT, "== 1", parent)


def _of_build_script(path: str, text: str) -> list[str]:
    found = line_with(path, text, _TELLS_CARGO)
    return [f"{found.where} says what is linked"] if found else []
