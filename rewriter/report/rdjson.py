"""Results in reviewdog's diagnostic format, with the conversion as one suggestion to take or to leave.

Follows reviewdog's `proto/rdf/reviewdog.proto`. A range without columns means whole lines.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rewriter.plan import Rewritten
from rewriter.report.diff import changes, lines
from rewriter.report.finding import CONVERSION, Finding, Level, findings, place
from rewriter.report.result import Result

_SEVERITIES = {Level.NOTE: "INFO", Level.WARNING: "WARNING", Level.ERROR: "ERROR"}


def document(results: Sequence[Result]) -> bytes:
    """Return a DiagnosticResult as JSON."""
    diagnostics = [_diagnostic(result, finding) for result, found in findings(results) for finding in found]
    value = {"source": {"name": "dfmod"}, "diagnostics": diagnostics}
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def _diagnostic(result: Result, finding: Finding) -> dict[str, Any]:
    suggestion = _suggestion(result) if finding.rule == CONVERSION.name else None
    spot = suggestion["range"] if suggestion else _range(finding.line or 1)
    return {
        "message": finding.sentence,
        "location": {"path": place(result.path), "range": spot},
        "severity": _SEVERITIES[finding.level],
        "code": {"value": finding.rule},
        **({"suggestions": [suggestion]} if suggestion else {}),
    }


def _range(first: int, last: int | None = None) -> dict[str, Any]:
    return {"start": {"line": first}, "end": {"line": last or first}}


def _suggestion(result: Result) -> dict[str, Any] | None:
    """Return everything from the first changed line to the last as one suggestion; None where it is not UTF-8.

    It replaces at least one line: what is only added comes with the line above it, at the very top with the one below.
    """
    if not isinstance(result.outcome, Rewritten) or not result.before:
        return None
    before, after = lines(result.before), lines(result.after)
    changed = changes(before, after)
    start, stop = changed[0][0], changed[-1][1]
    if start == stop:
        start, stop = (start - 1, stop) if start else (0, 1)
    end = len(after) - (len(before) - stop)
    try:
        text = b"".join(after[start:end]).decode()
    except UnicodeDecodeError:
        return None
    return {"range": _range(start + 1, stop), "text": text.removesuffix("\n")}
