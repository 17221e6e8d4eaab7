"""`dfmod convert`: finds the files, has each converted, writes and reports, and settles the exit code.

Decides nothing about a Dockerfile. With `--patch` everything is converted and the patch saved before the first file
is replaced; otherwise each file is written and told of as it comes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace as changed
from itertools import chain
from pathlib import Path

from rewriter.cli.closing import closing
from rewriter.cli.configuration import check_names, configured
from rewriter.cli.faults import FileError, UsageError
from rewriter.cli.files import replace, save
from rewriter.cli.request import Request, Settings
from rewriter.cli.screen import Screen
from rewriter.cli.search import STDIN, Found, Skipped, find
from rewriter.cli.work import convert_all
from rewriter.plan import Rewritten
from rewriter.report.documents import FORMS, document
from rewriter.report.printable import printable
from rewriter.report.result import Failed, Fault, Result
from rewriter.report.text import Style, describe


def run(request: Request, screen: Screen, make: Callable[[str, Sequence[Result]], bytes] = document) -> int:
    """Carry out one `dfmod convert` and return its exit code; `make` writes the forms that tell of the whole run.

    0 done, shown or written; 1 something would change (`--check`) or was declined (`--strict`); 2 a file could not be
    read, parsed or written; 70 a bug of ours. The worst of a run is its code, and the other files are still done.

    Raises:
        UsageError: the options contradict each other or name what is not there.
        FileError: a report cannot be written.
        BrokenPipeError: nobody reads standard output any more.
    """
    _check(request)
    searched, skipped = find(_paths(request))
    found, in_force, excluded = configured(searched, request)
    form = _format(request, found)
    results: Iterable[Result] = _converted(found, in_force, request.jobs, screen)
    if request.patch is not None:
        results = list(results)
        save(request.patch, b"".join(result.diff for result in results))
    done = _report(chain(_broken([*skipped, *excluded], screen), results), request, form, screen, make)
    screen.say(closing(done, request))
    return _exit_code(done, request, screen)


def _check(request: Request) -> None:
    if request.no_init and request.init_source is not None:
        raise UsageError("--no-init and --init-source contradict each other")
    if request.write and request.check:
        raise UsageError("--write and --check contradict each other")
    if request.write and STDIN in request.paths:
        raise UsageError("standard input cannot be written to; print the new text with --format dockerfile")
    if request.files_from == STDIN and STDIN in request.paths:
        raise UsageError("standard input cannot be both the list of files and a file")
    folders = {
        "--context": request.context,
        "--templates": request.templates,
        "--output": Path(request.output).parent if request.output is not None else None,
        "--patch": Path(request.patch).parent if request.patch is not None else None,
    }
    for option, folder in folders.items():
        if folder is not None and not Path(folder).is_dir():
            raise UsageError(f"{option}: no such folder: {folder}")
    check_names((*request.select, *request.ignore))


def _paths(request: Request) -> list[str]:
    """Return the paths of the command line and of `--files-from`; without either, the current folder."""
    if request.files_from is None:
        return list(request.paths) or ["."]
    if request.files_from == STDIN:
        listed = sys.stdin.buffer.read()
    else:
        try:
            listed = Path(request.files_from).read_bytes()
        except OSError as error:
            raise UsageError(f"--files-from: {request.files_from}: {(error.strerror or str(error)).lower()}") from error
    separator = b"\0" if b"\0" in listed else b"\n"
    return [*request.paths, *(os.fsdecode(line) for line in listed.split(separator) if line.strip())]


def _format(request: Request, found: Sequence[Found]) -> str:
    """Return the form of the data on standard output; a write prints none unless asked."""
    if request.format == "dockerfile" and len(found) > 1:
        raise UsageError(f"--format dockerfile prints one file, here are {len(found)}; use --write or --format json")
    return request.format or ("none" if request.write else "diff")


def _converted(
    found: Sequence[Found], in_force: Sequence[Request], jobs: int | None, screen: Screen
) -> Iterator[Result]:
    """Yield the results; while one is being made, the screen shows how many are."""
    screen.count(0, len(found))
    try:
        for done, result in enumerate(convert_all(found, _settings(found, in_force), jobs), 1):
            screen.uncount()
            yield result
            screen.count(done, len(found))
    finally:
        screen.uncount()


def _settings(found: Sequence[Found], in_force: Sequence[Request]) -> list[Settings]:
    """Return what each file is converted with; standard input is read where it is one of them."""
    pairs = zip(found, in_force, strict=True)
    return [
        changed(request.settings, stdin=sys.stdin.buffer.read()) if file.path == STDIN else request.settings
        for file, request in pairs
    ]


def _broken(skipped: Iterable[Skipped], screen: Screen) -> Iterator[Result]:
    """Yield what could not be searched as results; tell of what was left out on purpose."""
    for item in skipped:
        if item.broken:
            yield Result(item.path, b"", Failed(Fault.INPUT, item.why, "give yourself permission to read it"))
        else:
            screen.say(f"{printable(item.path)}: skipped: {printable(item.why)}\n")


def _report(
    results: Iterable[Result],
    request: Request,
    form: str,
    screen: Screen,
    make: Callable[[str, Sequence[Result]], bytes],
) -> list[Result]:
    """Write and tell each result as it comes, then the whole; return the results as they ended."""
    done: list[Result] = []
    output: list[bytes] = []
    style = Style(colour=screen.colour_err, verbose=screen.level > 0)
    for given in results:
        result = _written(given, screen) if request.write else given
        done.append(result)
        output.append(_data(result, form))
        if request.output is None:
            screen.diff(output.pop()) if form == "diff" else screen.data(output.pop())
        tell = screen.insist if isinstance(result.outcome, Failed) else screen.say
        tell(describe(result, style))
    if form in FORMS:
        output.append(make(form, done))
    if request.output is not None:
        save(request.output, b"".join(output))
    else:
        screen.data(b"".join(output))
    return done


def _written(result: Result, screen: Screen) -> Result:
    """Replace the file of a rewritten result; return the result, or the failure to write it."""
    if not isinstance(result.outcome, Rewritten):
        return result
    try:
        warning = replace(result.path, result.before, result.after)
    except FileError as error:
        return changed(result, outcome=Failed(Fault.INPUT, error.message, error.advice), diff=b"")
    if warning:
        screen.say(f"{printable(result.path)}: warning: {warning}\n")
    return result


def _data(result: Result, form: str) -> bytes:
    """Return what the form prints of one result at once."""
    if form == "diff":
        return result.diff
    if form == "dockerfile" and not isinstance(result.outcome, Failed):
        return result.after
    if form == "jsonl":
        from rewriter.report import json  # noqa: PLC0415 (only this form needs it)

        return json.line(result)
    return b""


def _exit_code(results: Sequence[Result], request: Request, screen: Screen) -> int:
    bugs = [r.outcome for r in results if isinstance(r.outcome, Failed) and r.outcome.fault is Fault.BUG]
    if bugs:
        from rewriter.cli.bug import save_report  # noqa: PLC0415

        screen.insist(save_report([bug.details for bug in bugs]))
        return 70
    statuses = {result.status for result in results}
    if "failed" in statuses:
        return 2
    return int((request.check and "rewritten" in statuses) or any(result.strict for result in results))
