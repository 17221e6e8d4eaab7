"""Results as a GitLab Code Quality report: what a merge request lists and marks in its diff.

Follows GitLab's documentation of the format: a list, every entry with a fingerprint of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rewriter.report.finding import Finding, Level, findings, place
from rewriter.report.result import Result

_SEVERITIES = {Level.NOTE: "info", Level.WARNING: "minor", Level.ERROR: "major"}


def document(results: Sequence[Result]) -> bytes:
    """Return the report as JSON; an entry without a line of its own stands on the first."""
    entries = [_entry(result, finding) for result, found in findings(results) for finding in found]
    return json.dumps(entries, ensure_ascii=False, indent=2).encode() + b"\n"


def _entry(result: Result, finding: Finding) -> dict[str, Any]:
    return {
        "description": finding.sentence,
        "check_name": f"dfmod/{finding.rule}",
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.level],
        "location": {"path": place(result.path), "lines": {"begin": finding.line or 1}},
    }
