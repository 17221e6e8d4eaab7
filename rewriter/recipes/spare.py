"""What of the base image's runtime is left behind: package managers, headers, caches that nothing started here uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from posixpath import basename

from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.runs import Deed, Opaque, Run
from rewriter.images.catalog import spare_parts
from rewriter.images.model import KnownImage
from rewriter.images.spare import Spare
from rewriter.plan import Decision, Safety
from rewriter.recipes.base import Case
from rewriter.record import record
from rewriter.semantics.build import CopyStep

_SOURCES = (".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".rb", ".php", ".java", ".kt", ".sh", ".bash", ".pl")
_ASIDE = frozenset({"node_modules", "test", "tests", "docs", ".github", "setup.py", "noxfile.py", "conftest.py"})


@record
class LeftBehind:
    """Paths, as patterns, that stay behind, the decision that says so, and variables that mean nothing without them."""

    paths: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    env: Mapping[str, tuple[str, Evidence]] = field(default_factory=dict)


def left_behind(case: Case, programs: Iterable[str]) -> LeftBehind:
    """Return the spare parts of the target's base image, less those that the programs or the sources may use."""
    root = case.stage.root
    if not isinstance(root, KnownImage):
        return LeftBehind()
    started = {basename(name) for name in (*programs, *case.command.program)}
    parts = [(part, part.of(root, _work(case))) for part in spare_parts() if not started & set(part.programs)]
    parts = [(part, paths) for part, paths in parts if paths]
    names = {name for part, _ in parts for name in part.programs}
    named = _named(case.context, names) | _written(case, names)
    spare = [(part, paths) for part, paths in parts if not named & set(part.programs)]
    why = "only what stays behind reads it"
    return LeftBehind(
        paths=tuple(dict.fromkeys(path for _, paths in spare for path in paths)),
        decisions=tuple(_decisions(root, spare)),
        env={name: (why, Evidence(f"facts: {root.family}", name)) for part, _ in spare for name in part.env},
    )


def _work(case: Case) -> tuple[str, ...]:
    """Return the folders in which the build runs anything that may have left something behind."""
    runs = (run for run in case.needs.runs if isinstance(run, Opaque) or run.deed is Deed.OTHER)
    return tuple(
        dict.fromkeys((run.cwd if isinstance(run, Run) else None) or run.step.state.cwd or "/" for run in runs)
    )


def _decisions(root: KnownImage, spare: list[tuple[Spare, tuple[str, ...]]]) -> Iterator[Decision]:
    if spare:
        what = f"{_list([part.what for part, _ in spare])} stay behind"
        places = tuple(Evidence(f"facts: {root.family}", " ".join(paths)) for _, paths in spare)
        yield Decision("files", what, "nothing that the program starts uses them", Safety.SAFE, places)


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{'; '.join(names[:-1])}; and {names[-1]}"


def _written(case: Case, names: set[str]) -> frozenset[str]:
    """Return those of the names that stand in a file the Dockerfile writes itself: a heredoc, an `echo '...' >`."""
    runs = (word for run in case.needs.runs if isinstance(run, Run) for word in run.words if word and " " in word)
    files = (text for step in case.stage.all_steps if isinstance(step, CopyStep) for _, text in step.inline)
    return frozenset(names & {basename(word) for text in (*runs, *files) for word in text.split()})


def _named(context: Context, names: set[str]) -> frozenset[str]:
    """Return those of the names that a source starts a string with, imports, or gives to an interpreter's `-m`."""
    if not names:
        return frozenset()
    either = "|".join(re.escape(name) for name in sorted(names))
    literal = re.compile(rf"(?:[\"'`/]|\bimport\s+|\bfrom\s+|\s-m\s+)({either})(?=[\"'`\s./]|$)".encode())
    files = (path for path in context.walk(suffixes=_SOURCES) if not _ASIDE & set(path.split("/")))
    return frozenset(found.decode() for path in files for found in literal.findall(context.read(path) or b""))
