"""Results as GitHub workflow commands: one annotation for each file, on the line where it begins to matter.

A runner shows ten errors, ten warnings and ten notices of a step and drops the rest, so no more are printed; what is
left out is counted on the last line. Escaped as the runner's own toolkit does it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rewriter.report.finding import Finding, Level, findings, place
from rewriter.report.result import Result

MOST = 10
_COMMANDS = {Level.NOTE: "notice", Level.WARNING: "warning", Level.ERROR: "error"}
_LOUDEST = (Level.ERROR, Level.WARNING, Level.NOTE)


def document(results: Sequence[Result]) -> bytes:
    """Return the workflow commands as lines, the loudest first."""
    files = [(result, found) for result, found in findings(results) if found]
    return "".join(f"{line}\n" for line in _lines(files)).encode()


def _lines(files: Sequence[tuple[Result, tuple[Finding, ...]]]) -> Iterator[str]:
    left_out = 0
    for level in _LOUDEST:
        those = [(result, found) for result, found in files if _level(found) is level]
        yield from (_annotation(result.path, found, level) for result, found in those[:MOST])
        left_out += len(those[MOST:])
    if left_out:
        files_are = "1 more file is" if left_out == 1 else f"{left_out} more files are"
        yield f"{files_are} not annotated: a runner shows {MOST} annotations of a kind. --format markdown has all."


def _level(found: Sequence[Finding]) -> Level:
    return next(level for level in _LOUDEST if any(finding.level is level for finding in found))


def _annotation(path: str, found: Sequence[Finding], level: Level) -> str:
    """Return one command: titled by what became of the file, with its loudest findings, each on a line."""
    first, *others = found
    shown = [first, *(finding for finding in others if finding.level is not Level.NOTE)]
    line = next((finding.line for finding in shown if finding.level is level and finding.line), first.line)
    properties = {"file": place(path), **({"line": str(line)} if line else {}), "title": f"dfmod: {first.rule}"}
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = "\n".join(finding.sentence for finding in shown)
    return f"::{_COMMANDS[level]} {given}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
