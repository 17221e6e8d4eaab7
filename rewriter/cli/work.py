"""The conversion of files, one by one or in several processes; reads files, writes none.

Whatever happens to one file is that file's result: the run goes on.
"""

from __future__ import annotations

import difflib
import gc
import os
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

from rewriter.analysis.context import Context
from rewriter.cli.bug import details
from rewriter.cli.faults import FileError
from rewriter.cli.files import Original, check_text, read
from rewriter.cli.ignored import told
from rewriter.cli.places import context_of, patch_path
from rewriter.cli.request import Settings
from rewriter.cli.search import STDIN, Found
from rewriter.pipeline import rewrite
from rewriter.plan import Outcome, Rewritten
from rewriter.report.diff import unified
from rewriter.report.printable import printable
from rewriter.report.result import Failed, Fault, Result
from rewriter.syntax.document import Document, decode, encode
from rewriter.syntax.scanner import parse

# Below this many files, starting processes costs more than it saves.
_MANY = 16
_MOST_JOBS = 8


def convert_all(found: Sequence[Found], settings: Sequence[Settings], jobs: int | None) -> Iterator[Result]:
    """Yield the result of every file under its own settings, in the order given whatever the number of processes."""
    if jobs is None:
        jobs = min(_processors(), _MOST_JOBS) if len(found) >= _MANY else 1
    if len(found) > 1:
        gc.enable()
    if jobs < 2 or len(found) < 2:
        yield from map(convert_file, found, settings)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 (loads multiprocessing)

    pool = ProcessPoolExecutor(min(jobs, len(found)), initializer=_leave_interrupts_to_parent)
    try:
        yield from pool.map(convert_file, found, settings, chunksize=max(1, min(32, len(found) // (jobs * 4))))
    finally:
        pool.shutdown(cancel_futures=True)


def convert_file(found: Found, settings: Settings) -> Result:
    """Return what becomes of one file. Never raises: a fault of the file or of ours is a result too."""
    path = (settings.stdin_filename or STDIN) if found.path == STDIN else found.path
    data = b""
    try:
        original = Original(settings.stdin, 0o100644) if found.path == STDIN else read(path)
        data = original.data
        outcome = _convert(data, found, settings)
        return told(Result(path, data, outcome, _diff(original, outcome, found, settings)), settings)
    except FileError as error:
        return Result(path, data, Failed(Fault.INPUT, error.message, error.advice))
    except Exception as error:  # Whatever it is, it is this file's result.
        return Result(path, data, _bug(error))


def _convert(data: bytes, found: Found, settings: Settings) -> Outcome:
    check_text(data)
    text = decode(data)
    document = parse(text)
    _check_parsed(document)
    _check_target(document, settings.options.target)
    named = _named(found, settings)
    folder = settings.context
    context = Context.open(folder, Path(named.path)) if folder is not None else context_of(document, named)
    return rewrite(text, context, settings.options, settings.templates)


def _named(found: Found, settings: Settings) -> Found:
    """Return the file; for standard input the one it stands for."""
    return Found(settings.stdin_filename or "Dockerfile") if found.path == STDIN else found


def _check_parsed(document: Document) -> None:
    if document.problems:
        first = document.problems[0]
        more = f" (and {len(document.problems) - 1} more)" if len(document.problems) > 1 else ""
        raise FileError(
            f"line {first.line}: {printable(first.message)}{more}", "no builder accepts this; mend it first"
        )


def _check_target(document: Document, target: str | None) -> None:
    """Check that the stage the user named is there; a stage is known by its name, in any case, or its number."""
    stages = [i.words for i in document.instructions if i.name == "FROM"]
    names = [words[2].lower() for words in stages if len(words) == 3]
    if target is None or target.lower() in names or (target.isdecimal() and int(target) < len(stages)):
        return
    close = difflib.get_close_matches(target.lower(), names, 1)
    known = f"the named stages are: {', '.join(names)}" if names else "no stage has a name; use its number, from 0"
    raise FileError(f"no stage {target!r}", f"did you mean {close[0]!r}?" if close else known)


def _diff(original: Original, outcome: Outcome, found: Found, settings: Settings) -> bytes:
    if not isinstance(outcome, Rewritten):
        return b""
    return unified(original.data, encode(outcome.text), patch_path(_named(found, settings).path), original.mode)


def _bug(error: Exception) -> Failed:
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(where.filename).name}:{where.lineno}"
    return Failed(
        Fault.BUG,
        f"a bug in dfmod ({type(error).__name__} at {place}); nothing was written for this file",
        "please report it",
        details(error),
    )


def _processors() -> int:
    """Return how many processors this process may use, which in a container is fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _leave_interrupts_to_parent() -> None:
    import signal  # noqa: PLC0415

    signal.signal(signal.SIGINT, signal.SIG_IGN)
