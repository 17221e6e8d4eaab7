"""Results as JUnit XML, for the test pages of CI systems: one test for each file, that it needs no conversion.

A file that would change fails, a declined one is skipped, one that could not be done is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from rewriter.report.finding import Finding, findings, place
from rewriter.report.result import Result, totals

_ELEMENTS = {"rewritten": "failure", "declined": "skipped", "failed": "error"}


def document(results: Sequence[Result]) -> bytes:
    """Return the report; characters that XML cannot hold stand as escapes."""
    count = totals(results)
    numbers = f'tests="{len(results)}" failures="{count["rewritten"]}" errors="{count["failed"]}" time="0"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="dfmod" {numbers}>',
        f'  <testsuite name="dfmod convert" {numbers} skipped="{count["declined"]}">',
        *(line for result, found in findings(results) for line in _case(result, found)),
        "  </testsuite>",
        "</testsuites>",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _case(result: Result, found: Sequence[Finding]) -> list[str]:
    name = f'<testcase classname="dfmod" name={quoteattr(place(result.path))} time="0"'
    element = _ELEMENTS.get(result.status)
    if element is None:
        return [f"    {name}/>"]
    if not found:
        return [f"    {name}><{element}/></testcase>"]
    first = found[0]
    kind = "" if element == "skipped" else f" type={quoteattr(first.rule)}"
    body = escape("\n".join(map(_line, found)))
    return [
        f"    {name}>",
        f"      <{element} message={quoteattr(first.message)}{kind}>{body}</{element}>",
        "    </testcase>",
    ]


def _line(finding: Finding) -> str:
    where = f" (line {finding.line})" if finding.line is not None else ""
    return f"{finding.level.value}: {finding.rule}: {finding.sentence}{where}"
