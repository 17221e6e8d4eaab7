"""Results as JSON, the interface other programs build on; `schema.json` beside this file is its published schema.

Sorted, without a time and without a path that was not given, so the same run gives the same bytes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from rewriter import __version__
from rewriter.analysis.evidence import Evidence
from rewriter.notes import Note
from rewriter.plan import Decision, Declined, Refusal, Rewritten
from rewriter.report.diff import blob_id
from rewriter.report.printable import decodable
from rewriter.report.result import Failed, Result, totals

SCHEMA = 1


def document(results: Sequence[Result]) -> bytes:
    """Return one JSON document with every result and the totals."""
    value = {
        "schema": SCHEMA,
        "version": __version__,
        "results": [_result(result) for result in results],
        "totals": totals(results),
    }
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def line(result: Result) -> bytes:
    """Return one result as a line of JSON Lines, complete in itself: schema and version included."""
    value = {"schema": SCHEMA, "version": __version__, **_result(result)}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _result(result: Result) -> dict[str, Any]:
    outcome = result.outcome
    rewritten = outcome if isinstance(outcome, Rewritten) else None
    return {
        **_text("path", result.path.encode("utf-8", "surrogateescape"), shown=decodable(result.path)),
        "outcome": result.status,
        "recipe": rewritten.plan.recipe if rewritten else None,
        "tier": rewritten.plan.tier.value if rewritten else None,
        **_text("text", result.after if rewritten else None),
        **_text("diff", result.diff if rewritten else None),
        "before": blob_id(result.before) if not isinstance(outcome, Failed) else None,
        "after": blob_id(result.after) if rewritten else None,
        "decisions": [_decision(decision) for decision in rewritten.plan.decisions] if rewritten else [],
        "notes": [_note(note) for note in outcome.notes] if not isinstance(outcome, Failed) else [],
        "refusal": _refusal(outcome.refusal) if isinstance(outcome, Declined) else None,
        "error": f"{outcome.message}; {outcome.help}" if isinstance(outcome, Failed) else None,
    }


def _text(field: str, data: bytes | None, shown: str | None = None) -> dict[str, str | None]:
    """Return the field, and beside it the bytes as `<field>_b64` where they are not UTF-8."""
    if data is None:
        return {field: None}
    try:
        return {field: data.decode()}
    except UnicodeDecodeError:
        return {field: shown, f"{field}_b64": base64.b64encode(data).decode()}


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "field": decodable(decision.field),
        "what": decodable(decision.what),
        "why": decodable(decision.why),
        "safety": decision.safety.value,
        "evidence": [_evidence(evidence) for evidence in decision.evidence],
    }


def _evidence(evidence: Evidence) -> dict[str, str]:
    return {"where": decodable(evidence.where), "quote": decodable(evidence.quote)}


def _note(note: Note) -> dict[str, Any]:
    return {
        "name": note.rule.name,
        "severity": note.severity.value,
        "message": decodable(note.message),
        "line": note.line,
        "help": decodable(note.help),
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {
        "name": refusal.rule.name,
        "why": decodable(refusal.why),
        "evidence": [_evidence(evidence) for evidence in refusal.evidence],
        "help": decodable(refusal.help),
    }
