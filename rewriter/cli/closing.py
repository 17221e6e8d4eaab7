"""The last lines of a run: how many files became what, and the command that applies or undoes it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from rewriter.cli.places import is_in_index, work_tree
from rewriter.cli.request import Request
from rewriter.cli.search import STDIN
from rewriter.report.diff import blob_id
from rewriter.report.result import Result
from rewriter.report.text import summary


def closing(results: Sequence[Result], request: Request) -> str:
    """Return the closing lines: "Plan: 2 to convert, ..." and how to apply it; after a write, how to undo it."""
    rewritten = [result for result in results if result.status == "rewritten"]
    lines = [summary(results, written=request.write)]
    if rewritten:
        lines += _undo(rewritten, request.patch) if request.write else [f"Apply it with: {_apply(request)}"]
    return "".join(f"{line}\n" for line in lines)


def _apply(request: Request) -> str:
    """Return the command that does what this one has shown: the same files and options, and `--write`."""
    how = ("--format", "dockerfile") if STDIN in request.paths else ("--write",)
    paths = ("--", *request.paths) if any(p.startswith("-") and p != STDIN for p in request.paths) else request.paths
    return shlex.join(("dfmod", "convert", *how, *_options(request), *paths))


def _options(request: Request) -> Iterator[str]:
    """Yield the options that bear on the result."""
    valued = {
        "--context": request.context,
        "--files-from": request.files_from,
        "--init-source": request.init_source,
        "--registry-prefix": request.registry_prefix,
        "--stdin-filename": request.stdin_filename,
        "--target": request.target,
        "--templates": request.templates,
        "--tier": request.tier,
    }
    flags = {
        "--debug-target": request.debug_target,
        "--no-init": request.no_init,
        "--nonroot": request.nonroot,
        "--pin": request.pin,
    }
    yield from (word for name, value in valued.items() if value is not None for word in (name, value))
    yield from (word for pattern in request.exclude for word in ("--exclude", pattern))
    yield from (name if value else _opposite(name) for name, value in flags.items() if value is not None)
    yield from ("--no-config",) if request.no_config else ()


def _opposite(flag: str) -> str:
    return f"--{flag.removeprefix('--no-')}" if flag.startswith("--no-") else f"--no-{flag.removeprefix('--')}"


def _undo(written: Sequence[Result], patch: str | None) -> Iterator[str]:
    """Yield how to get the old files back: by the saved patch, or from git where git has just what was replaced."""
    if patch is not None:
        inside = any(work_tree(str(Path(result.path).parent)) for result in written)
        command = shlex.join(("git", "apply", "-R", patch)) if inside else f"patch -R -p1 < {shlex.quote(patch)}"
        yield f"Undo it with: {command}"
        return
    kept = [result.path for result in written if is_in_index(result.path, blob_id(result.before))]
    if kept:
        yield f"Undo it with: {shlex.join(('git', 'checkout', '--', *kept))}"
    lost = len(written) - len(kept)
    if lost:
        files = "1 file" if lost == 1 else f"{lost} files"
        yield f"The old text of {files} is not in git: --patch FILE saves what undoes a write."
