"""The JSON report: everything it can hold is valid by the published schema, and exact."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rewriter import __version__
from rewriter.notes import Note, Rule, Severity
from rewriter.plan import Declined, Rewritten, Unchanged
from rewriter.report.diff import blob_id, unified
from rewriter.report.json import document, line
from rewriter.report.result import Failed, Fault, Result
from rewriter.syntax.document import decode, encode
from tests.outcomes import declined, noted, rewritten

SCHEMA = json.loads((Path(__file__).parent.parent / "rewriter/report/schema.json").read_text())
REPORT = Draft202012Validator(SCHEMA)
LINE = Draft202012Validator({"$defs": SCHEMA["$defs"], "$ref": "#/$defs/line"})


def _result(data: bytes, outcome: Rewritten | Declined | Unchanged | Failed, path: str = "Dockerfile") -> Result:
    diff = unified(data, encode(outcome.text), path) if isinstance(outcome, Rewritten) else b""
    return Result(path, data, outcome, diff)


TEXT = b"FROM golang:1.20\n"
LATIN = b"# caf\xe9\nFROM golang:1.20\n"
RESULTS = {
    "rewritten": _result(TEXT, rewritten(TEXT.decode())),
    "rewritten, noted": _result(TEXT, rewritten(TEXT.decode(), notes=noted())),
    "rewritten, not UTF-8": _result(LATIN, rewritten(decode(LATIN))),
    "declined": _result(TEXT, declined(), "b/Dockerfile"),
    "unchanged": _result(TEXT, Unchanged("nothing to do", noted())),
    "failed": _result(b"", Failed(Fault.INPUT, "no such file or folder", "check the spelling")),
    "bug": _result(TEXT, Failed(Fault.BUG, "a bug in dfmod", "please report it", "Traceback ...")),
    "path not UTF-8": _result(TEXT, Unchanged("nothing to do"), "caf\udce9/Dockerfile"),
    "message not UTF-8": _result(
        TEXT, Unchanged("x", (Note(Rule("odd-name", ""), Severity.INFO, "is \udce9", 1, "\udce9"),))
    ),
}


@pytest.mark.parametrize("case", RESULTS)
def test_every_kind_of_result_is_valid(case: str) -> None:
    result = RESULTS[case]
    REPORT.validate(json.loads(document([result])))
    LINE.validate(json.loads(line(result)))


def test_the_schema_itself_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_report_holds_every_result_and_the_totals() -> None:
    value = json.loads(document(list(RESULTS.values())))
    REPORT.validate(value)
    assert value["version"] == __version__
    assert [r["path"] for r in value["results"]] == [r.path.replace("\udce9", "\\xe9") for r in RESULTS.values()]
    assert value["totals"] == {"rewritten": 3, "unchanged": 3, "declined": 1, "failed": 2}


def test_a_rewritten_result_in_full() -> None:
    (value,) = json.loads(document([RESULTS["rewritten, noted"]]))["results"]
    after = b'FROM golang:1.20\nCMD ["/app"]\n'
    assert value == {
        "path": "Dockerfile",
        "outcome": "rewritten",
        "recipe": "go",
        "tier": "distroless",
        "text": after.decode(),
        "diff": unified(TEXT, after, "Dockerfile").decode(),
        "before": blob_id(TEXT),
        "after": blob_id(after),
        "decisions": [
            {
                "field": "base",
                "what": "gcr.io/distroless/static-debian13 in place of golang:1.20",
                "why": "the binary is static",
                "safety": "safe",
                "evidence": [
                    {"where": "Dockerfile:1", "quote": "FROM golang:1.20"},
                    {"where": "main.go:3", "quote": 'import "C"'},
                ],
            },
            {
                "field": "env.GOPATH",
                "what": "left out",
                "why": "nothing reads it",
                "safety": "review",
                "evidence": [{"where": "facts: golang", "quote": "GOPATH=/go"}],
            },
        ],
        "notes": [
            {
                "name": "shell-lost",
                "severity": "warning",
                "message": "docker exec ... sh no longer works",
                "line": None,
                "help": "use --debug-target",
            },
            {
                "name": "unpinned-base",
                "severity": "info",
                "message": "golang has no digest",
                "line": 1,
                "help": "use --pin",
            },
        ],
        "refusal": None,
        "error": None,
    }


def test_bytes_that_are_not_utf8_come_as_base64() -> None:
    (value,) = json.loads(document([RESULTS["rewritten, not UTF-8"]]))["results"]
    assert (value["text"], value["diff"]) == (None, None)
    assert base64.b64decode(value["text_b64"]) == LATIN + b'CMD ["/app"]\n'
    assert base64.b64decode(value["diff_b64"]).startswith(b"diff --git ")


def test_a_path_that_is_not_utf8_is_shown_and_kept() -> None:
    value = json.loads(line(RESULTS["path not UTF-8"]))
    assert (value["path"], base64.b64decode(value["path_b64"])) == ("caf\\xe9/Dockerfile", b"caf\xe9/Dockerfile")


def test_a_refusal_and_a_failure_say_why() -> None:
    assert json.loads(line(RESULTS["declined"]))["refusal"] == {
        "name": "needs-to-be-pid-one",
        "why": "supervisord must be PID 1 itself",
        "evidence": [{"where": "Dockerfile:7", "quote": 'CMD ["supervisord"]'}],
        "help": "use --tier init",
    }
    assert json.loads(line(RESULTS["failed"]))["error"] == "no such file or folder; check the spelling"


def test_a_line_is_one_line() -> None:
    assert all(line(result).count(b"\n") == 1 for result in RESULTS.values())


MUTATIONS: dict[str, dict[str, Any]] = {
    "unknown field": {"colour": "red"},
    "unknown outcome": {"outcome": "maybe"},
    "no text": {"text": None},
    "no diff": {"diff": None},
    "no decision": {"decisions": []},
    "a decision without evidence": {
        "decisions": [{"field": "base", "what": "x", "why": "y", "safety": "safe", "evidence": []}]
    },
    "an abbreviated blob id": {"before": "abc123"},
    "a refusal beside a text": {"refusal": {"name": "x", "why": "y", "evidence": [], "help": ""}},
    "an error beside a text": {"error": "x"},
    "an unknown tier": {"tier": "alpine"},
}


@pytest.mark.parametrize("case", MUTATIONS)
def test_the_schema_refuses(case: str) -> None:
    value = json.loads(document([RESULTS["rewritten"]]))
    value["results"][0] |= MUTATIONS[case]
    assert list(REPORT.iter_errors(value))
