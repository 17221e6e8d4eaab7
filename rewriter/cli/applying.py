"""What `dfmod apply` does: carries out a saved JSON report to the byte. Converts nothing and decides nothing.

A file is written only if it is as it was when the report was made, told by its blob id, and lies below this folder.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rewriter.cli.faults import FileError, UsageError
from rewriter.cli.files import read, replace
from rewriter.cli.screen import Screen
from rewriter.cli.search import STDIN
from rewriter.report.diff import blob_id
from rewriter.report.printable import printable

_SCHEMA = 1


def run(report: str, screen: Screen, *, unsafe: bool = False) -> int:
    """Write what a report says and return the exit code: 0, or 2 where a file was refused; the others are written.

    Raises:
        UsageError: it is no report that this version reads.
    """
    rows = [row for row in _results(report) if row.get("outcome") == "rewritten"]
    done = refused = 0
    for path, before, after, text in [_checked(row) for row in rows]:
        try:
            warning = _written(path, before, after, text, unsafe=unsafe)
        except FileError as error:
            refused += 1
            screen.insist(f"{printable(path)}: error: {printable(str(error))}\n")
            continue
        done += 1
        screen.say(f"{printable(path)}: warning: {warning}\n" if warning else "")
    screen.say(f"Done: {done} as the report says, {refused} refused\n")
    return 2 if refused else 0


def _results(report: str) -> Iterator[dict[str, Any]]:
    """Yield the results of a document, or of JSON Lines.

    Raises:
        UsageError: it cannot be read, or is no report.
    """
    try:
        data = sys.stdin.buffer.read() if report == STDIN else Path(report).read_bytes()
        try:
            documents = [json.loads(data)]
        except ValueError:
            documents = [json.loads(line) for line in data.splitlines() if line.strip()]
    except OSError as error:
        raise UsageError(f"{report}: {(error.strerror or str(error)).lower()}") from error
    except ValueError as error:
        raise UsageError(f"{report}: no JSON: {error}") from error
    for value in documents:
        if not isinstance(value, dict) or value.get("schema") != _SCHEMA:
            raise UsageError(f"{report}: no report of schema {_SCHEMA}; make it with dfmod convert --format json")
        rows = value.get("results", [value])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise UsageError(f"{report}: its results are no list of results")
        yield from rows


def _checked(row: dict[str, Any]) -> tuple[str, str, str, bytes]:
    """Return path, blob id before, blob id after and the text of a result.

    Raises:
        UsageError: one is missing, or the text is not the one that its blob id names.
    """
    path, text = _bytes(row, "path"), _bytes(row, "text")
    before, after = row.get("before"), row.get("after")
    if path is None or text is None or not isinstance(before, str) or not isinstance(after, str) or b"\0" in path:
        raise UsageError("a result of the report lacks its path, its text or a blob id")
    if blob_id(text) != after:
        raise UsageError(f"the text for {os.fsdecode(path)} is not the one that its blob id names")
    return os.fsdecode(path), before, after, text


def _bytes(row: dict[str, Any], field: str) -> bytes | None:
    """Return a field as its bytes: in base64 where they are no UTF-8."""
    coded, text = row.get(f"{field}_b64"), row.get(field)
    try:
        if isinstance(coded, str):
            return base64.b64decode(coded, validate=True)
        return text.encode() if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        return None


def _written(path: str, before: str, after: str, text: bytes, *, unsafe: bool) -> str | None:
    """Write one file, unless it is already so; return a warning, if there is one.

    Raises:
        FileError: it may not, cannot or must not be written.
    """
    if path == STDIN:
        raise FileError("was standard input", "convert it again and take --format dockerfile")
    if not unsafe and not Path(os.path.realpath(path)).is_relative_to(Path.cwd().resolve()):
        raise FileError("lies outside this folder", "run it where the report was made, or with --unsafe-paths")
    data = read(path).data
    if blob_id(data) == after:
        return None
    if blob_id(data) != before:
        raise FileError("changed since the report was made; nothing was written", "convert it again")
    return replace(path, data, text)
