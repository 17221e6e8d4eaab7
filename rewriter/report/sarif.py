"""Results as SARIF 2.1.0 with fixes, for code scanning and editors.

Follows the OASIS standard: one run, a rule for every name in it with its page as help, a file that could not be done
as a notification of the run. A conversion is one fix of one file, so that nobody takes a half of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from rewriter import __version__
from rewriter.plan import Rewritten
from rewriter.report.diff import changes, lines
from rewriter.report.finding import CONVERSION, FAILED, Finding, findings
from rewriter.report.pages import page, title
from rewriter.report.printable import printable
from rewriter.report.result import Result

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "SRCROOT"
_BOM = b"\xef\xbb\xbf"


def document(results: Sequence[Result]) -> bytes:
    """Return the SARIF log of a run; the same results give the same bytes."""
    found = [(result, finding) for result, of in findings(results) for finding in of]
    said = [(result, finding) for result, finding in found if finding.rule != FAILED.name]
    failed = [(result, finding) for result, finding in found if finding.rule == FAILED.name]
    rules = sorted({finding.rule for _, finding in said})
    run = {
        "tool": {"driver": {"name": "dfmod", "semanticVersion": __version__, "rules": [_rule(name) for name in rules]}},
        "invocations": [
            {
                "executionSuccessful": not failed,
                "toolExecutionNotifications": [_notification(result, finding) for result, finding in failed],
            }
        ],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder the command was run in."}}},
        "newlineSequences": ["\r\n", "\n"],
        "columnKind": "unicodeCodePoints",
        "results": [_result(result, finding, rules) for result, finding in said],
    }
    value = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def _rule(name: str) -> dict[str, Any]:
    markdown = page(name) or name
    return {
        "id": name,
        "shortDescription": {"text": _sentence((title(name) if page(name) else "") or name)},
        "help": {"text": markdown, "markdown": markdown},
    }


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _result(result: Result, finding: Finding, rules: Sequence[str]) -> dict[str, Any]:
    value: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": finding.level.value,
        "message": _plain(finding.sentence),
        "locations": [_location(result, finding.line)],
        "partialFingerprints": {"dfmod/v1": finding.fingerprint},
    }
    fix = _fix(result) if finding.rule == CONVERSION.name else None
    return {**value, "fixes": [fix]} if fix else value


def _plain(text: str) -> dict[str, str]:
    """Return a message; what would be a link in it is none, wherever it came from."""
    return {"text": text.replace("](", "\\](")}


def _notification(result: Result, finding: Finding) -> dict[str, Any]:
    where = [_location(result, finding.line)]
    return {"level": finding.level.value, "message": _plain(finding.sentence), "locations": where}


def _location(result: Result, line: int | None) -> dict[str, Any]:
    """Return the line, or the whole file: viewers show nothing that has no region."""
    region = {"startLine": line} if line is not None else {"startLine": 1, "endLine": max(1, len(lines(result.before)))}
    return {"physicalLocation": {"artifactLocation": _artifact(result.path), "region": region}}


def _artifact(path: str) -> dict[str, str]:
    """Return where a file is; one with an absolute path belongs to no folder."""
    uri = quote(path.removeprefix("./").encode("utf-8", "surrogateescape"))
    return {"uri": f"file://{uri}"} if PurePath(path).is_absolute() else {"uri": uri, "uriBaseId": _ROOT}


def _fix(result: Result) -> dict[str, Any] | None:
    """Return the conversion as a fix; None for a file that is not UTF-8, whose columns no two programs count alike."""
    outcome = result.outcome
    if not isinstance(outcome, Rewritten):
        return None
    # A byte order mark is no character of the text.
    before, after = lines(result.before.removeprefix(_BOM)), lines(result.after.removeprefix(_BOM))
    try:
        replacements = [
            {"deletedRegion": _region(before, i1, i2), "insertedContent": {"text": b"".join(after[j1:j2]).decode()}}
            for i1, i2, j1, j2 in changes(before, after)
        ]
        b"".join(before).decode()
    except UnicodeDecodeError:
        return None
    what = f"Convert {printable(result.path)} ({outcome.plan.recipe}, {outcome.plan.tier.value})."
    change = {"artifactLocation": _artifact(result.path), "replacements": replacements}
    return {"description": _plain(what), "artifactChanges": [change]}


def _region(text: Sequence[bytes], start: int, stop: int) -> dict[str, int]:
    """Return the lines as a region: up to the beginning of the next line, so that the last one's end is part of it."""
    region = {"startLine": start + 1, "startColumn": 1, "endLine": stop + 1, "endColumn": 1}
    if start < stop and not text[stop - 1].endswith(b"\n"):
        return {**region, "endLine": stop, "endColumn": len(text[stop - 1].decode()) + 1}
    return region
