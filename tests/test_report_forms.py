"""SARIF, rdjson, code quality, JUnit, workflow commands: valid, exact, and hostile words are never more than text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rewriter.notes import Note, Severity
from rewriter.plan import Rewritten, Unchanged
from rewriter.report import github, gitlab, rdjson, sarif
from rewriter.report.diff import lines as lines_of
from rewriter.report.documents import FORMS, document
from rewriter.report.finding import Level, findings
from rewriter.report.junit import document as junit
from rewriter.report.pages import names
from rewriter.report.result import Result
from rewriter.syntax.document import decode
from tests.bot.test_body import HOSTILE, hostile_results
from tests.outcomes import UNPINNED, declined, noted, rewritten
from tests.schemas.junit import read
from tests.test_report_diff import PAIRS
from tests.test_report_json import RESULTS, TEXT

SCHEMAS = Path(__file__).parent / "schemas"
RDJSON = Draft202012Validator(json.loads((SCHEMAS / "rdjson.json").read_text()))
CODE_QUALITY = Draft202012Validator(json.loads((SCHEMAS / "code-quality.json").read_text()))
ALL = list(RESULTS.values())


def changed(before: bytes, after: bytes) -> Result:
    made = replace(rewritten(""), text=decode(after))
    return Result("Dockerfile", before, made, b"")


def run_of(results: Sequence[Result]) -> Any:
    value = json.loads(sarif.document(results))
    assert value["version"] == "2.1.0"
    (run,) = value["runs"]
    return run


@pytest.mark.parametrize("form", sorted({*FORMS} - {"html"}))
@pytest.mark.parametrize("results", [[], ALL], ids=["none", "all"])
def test_a_form_is_the_same_text_each_time(form: str, results: list[Result]) -> None:
    made = document(form, results)
    assert made.decode() == document(form, results).decode()


def test_findings_are_told_apart_and_stay_the_same_when_lines_are_added_above() -> None:
    note = Note(UNPINNED, Severity.INFO, "no digest", 1, "")
    twice = Result("Dockerfile", TEXT, Unchanged("x", (note, note)))
    moved = Result("Dockerfile", b"# new\n" + TEXT, Unchanged("x", (replace(note, line=2),)))
    first, second = findings([twice])[0][1]
    assert first.fingerprint != second.fingerprint
    assert findings([moved])[0][1][0].fingerprint == first.fingerprint
    everything = [finding.fingerprint for _, found in findings(ALL * 2) for finding in found]
    assert len(everything) == len(set(everything)) > 20


def test_levels_are_those_of_notes_warnings_and_refusals() -> None:
    result = Result("Dockerfile", TEXT, rewritten(TEXT.decode(), notes=noted()))
    (_, found), (_, refused) = findings([result, RESULTS["declined"]])
    assert [(one.rule, one.level, one.line) for one in found] == [
        ("conversion", Level.NOTE, 1),
        ("base", Level.NOTE, 1),
        ("env", Level.WARNING, None),
        ("shell-lost", Level.WARNING, None),
        ("unpinned-base", Level.NOTE, 1),
    ]
    assert [(one.rule, one.level, one.line) for one in refused] == [
        ("needs-to-be-pid-one", Level.ERROR, 7),
        ("unpinned-base", Level.NOTE, 1),
    ]


def test_a_refusal_the_user_ignores_is_no_finding() -> None:
    ignored = Result("Dockerfile", TEXT, declined(), ignored=True)
    assert [one.rule for one in findings([ignored])[0][1]] == ["unpinned-base"]
    case = read(junit([ignored])).find(".//testcase/skipped")
    assert case is not None


# SARIF. Its schema is checked by tests/review/run, with the validator of its owner.


def test_sarif_has_every_rule_with_its_page() -> None:
    run = run_of([RESULTS["rewritten"], RESULTS["failed"]])
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["base", "conversion", "env"]
    assert set(names()) >= {rule["id"] for rule in rules}
    assert rules[0]["shortDescription"]["text"] == "The image the final stage starts from."
    assert rules[0]["help"]["markdown"].startswith("# base: ")
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("note", "warning", "error")


def test_sarif_tells_of_a_file_that_could_not_be_done() -> None:
    (invocation,) = run_of([RESULTS["failed"]])["invocations"]
    assert invocation["executionSuccessful"] is False
    (told,) = invocation["toolExecutionNotifications"]
    assert told["message"]["text"] == "no such file or folder; check the spelling"
    assert run_of([RESULTS["declined"]])["invocations"][0]["executionSuccessful"] is True


PATHS = {
    "Dockerfile": ("Dockerfile", True),
    "./a b/Dockerfile": ("a%20b/Dockerfile", True),
    "a#b?c%d:e/Dockerfile": ("a%23b%3Fc%25d%3Ae/Dockerfile", True),
    "/srv/Dockerfile": ("file:///srv/Dockerfile", False),
    "straße/\udcff": ("stra%C3%9Fe/%FF", True),
}


@pytest.mark.parametrize("path", PATHS)
def test_sarif_names_files_as_uris(path: str) -> None:
    uri, based = PATHS[path]
    run = run_of([Result(path, TEXT, declined())])
    where = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert where == ({"uri": uri, "uriBaseId": "SRCROOT"} if based else {"uri": uri})
    assert "SRCROOT" in run["originalUriBaseIds"]


def applied(text: str, replacements: Sequence[Any]) -> str:
    """Apply the replacements of a SARIF fix as the standard says: regions of the old text, all at once."""
    starts = [0]
    for line in text.split("\n")[:-1]:
        starts.append(starts[-1] + len(line) + 1)
    for item in reversed(replacements):
        region = item["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        stop = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:start] + item["insertedContent"]["text"] + text[stop:]
    return text


@pytest.mark.parametrize("case", PAIRS)
def test_a_sarif_fix_makes_the_new_text(case: str) -> None:
    before, after = PAIRS[case]
    conversion = run_of([changed(before, after)])["results"][0]
    assert conversion["ruleId"] == "conversion"
    if case == "Latin-1":
        assert "fixes" not in conversion
        return
    ((change,),) = [fix["artifactChanges"] for fix in conversion["fixes"]]
    made = applied(before.decode("utf-8-sig"), change["replacements"])
    assert made.encode() == after.removeprefix(b"\xef\xbb\xbf")


def test_no_link_comes_out_of_a_message() -> None:
    note = Note(UNPINNED, Severity.INFO, "see [this](https://evil.example) now", 1, "[a](0)")
    (result,) = run_of([Result("Dockerfile", TEXT, Unchanged("x", (note,)))])["results"]
    assert result["message"]["text"] == "see [this\\](https://evil.example) now; [a\\](0)"


# rdjson


@pytest.mark.parametrize("case", RESULTS)
def test_rdjson_is_valid(case: str) -> None:
    RDJSON.validate(json.loads(rdjson.document([RESULTS[case]])))


@pytest.mark.parametrize("case", PAIRS)
def test_the_suggestion_makes_the_new_text(case: str) -> None:
    before, after = PAIRS[case]
    value = json.loads(rdjson.document([changed(before, after)]))
    RDJSON.validate(value)
    conversion = value["diagnostics"][0]
    if case == "from nothing":
        assert "suggestions" not in conversion
        return
    (suggestion,) = conversion["suggestions"]
    assert conversion["location"]["range"] == suggestion["range"]
    first, last = suggestion["range"]["start"]["line"], suggestion["range"]["end"]["line"]
    assert 1 <= first <= last <= len(lines_of(before))
    lines = decode(before).split("\n")
    lines[first - 1 : last] = suggestion["text"].split("\n") if suggestion["text"] or after else []
    # Whole lines are suggested: whether the very last one ends in a newline cannot be said.
    assert "\n".join(lines).rstrip("\n") == decode(after).rstrip("\n")


# GitLab


@pytest.mark.parametrize("case", RESULTS)
def test_code_quality_is_valid(case: str) -> None:
    CODE_QUALITY.validate(json.loads(gitlab.document([RESULTS[case]])))


def test_code_quality_in_full() -> None:
    (first, *_) = json.loads(gitlab.document([Result("./b/Dockerfile", TEXT, declined())]))
    assert first == {
        "description": "supervisord must be PID 1 itself; use --tier init",
        "check_name": "dfmod/needs-to-be-pid-one",
        "fingerprint": first["fingerprint"],
        "severity": "major",
        "location": {"path": "b/Dockerfile", "lines": {"begin": 7}},
    }


# JUnit


def test_a_file_that_would_change_fails_and_a_declined_one_is_skipped() -> None:
    root = read(junit(ALL))
    kinds = [[child.tag for child in case] for case in root.iter("testcase")]
    wanted = {"rewritten": ["failure"], "declined": ["skipped"], "failed": ["error"], "unchanged": []}
    assert kinds == [wanted[result.status] for result in ALL]
    (failure, *_) = root.iter("failure")
    assert failure.get("message") == "can be converted (go, distroless): 2 decisions, 1 to review"
    assert failure.text is not None
    assert "warning: env: env.GOPATH: left out (nothing reads it)" in failure.text.splitlines()


# GitHub


def commands_of(results: Sequence[Result]) -> list[tuple[str, dict[str, str], str]]:
    """Read workflow commands as the runner does."""
    found = []
    for line in github.document(results).decode().splitlines():
        match = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
        if match:
            pairs = (pair.partition("=") for pair in match[2].split(","))
            found.append((match[1], {name: unescaped(value) for name, _, value in pairs}, unescaped(match[3])))
    return found


def unescaped(text: str) -> str:
    for code, char in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_a_file_has_one_annotation_with_what_is_to_be_looked_at() -> None:
    ((_, said),) = findings([RESULTS["rewritten, noted"]])
    ((command, properties, text),) = commands_of([RESULTS["rewritten, noted"]])
    assert (command, properties) == ("warning", {"file": "Dockerfile", "line": "1", "title": "dfmod: conversion"})
    assert text.splitlines() == [
        f"can be converted (go, distroless): 2 decisions, 1 to review; {said[0].help}",
        "env.GOPATH: left out (nothing reads it)",
        "docker exec ... sh no longer works; use --debug-target",
    ]


def test_no_more_annotations_are_printed_than_a_runner_shows() -> None:
    results = [Result(f"{number}/Dockerfile", TEXT, declined()) for number in range(13)]
    printed = github.document([*results, RESULTS["rewritten"]]).decode().splitlines()
    assert [line.partition(" ")[0] for line in printed] == ["::error"] * 10 + ["::warning", "3"]
    assert (
        github.document(results[:11])
        .decode()
        .endswith(
            "\n1 more file is not annotated: a runner shows 10 annotations of a kind. --format markdown has all.\n"
        )
    )


def test_what_has_a_meaning_in_a_command_is_escaped() -> None:
    note = Note(UNPINNED, Severity.INFO, "50%25, a:b", 1, "")
    printed = github.document([Result("a,b:c%0A/Dockerfile", TEXT, Unchanged("x", (note,)))])
    assert printed == b"::notice file=a%2Cb%3Ac%250A/Dockerfile,line=1,title=dfmod%3A unpinned-base::50%2525, a:b\n"


# Hostile words in all of them


def texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.items() for part in item for text in texts(part)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("text", [text for text in HOSTILE if text])
def test_hostile_words_stay_words(text: str) -> None:
    results = list(hostile_results(text))
    results.append(Result("Dockerfile", f"FROM a\n{text}".encode("utf-8", "surrogateescape"), Unchanged(text)))
    RDJSON.validate(json.loads(rdjson.document(results)))
    CODE_QUALITY.validate(json.loads(gitlab.document(results)))
    read(junit(results))
    printed = github.document(results).decode()
    assert [line.split(" ")[0] for line in printed.splitlines()] == ["::error", "::error", "::warning"]
    assert all(char.isprintable() or char == "\n" for char in printed)
    run = run_of(results)
    for told in (*run["results"], *run["invocations"][0]["toolExecutionNotifications"]):
        assert told["message"]["text"].isprintable()
        assert re.search(r"(?<!\\)\]\(", told["message"]["text"]) is None
    # What is put into the file is the file's own; all else is on one line and can be seen.
    fixes = [result.pop("fixes") for result in run["results"] if "fixes" in result]
    assert all(shown.isprintable() for shown in texts(run["results"]))
    assert len(fixes) == (not any("\udc80" <= char <= "\udcff" for char in text))


def test_every_form_takes_what_the_outcomes_can_hold() -> None:
    assert any(isinstance(result.outcome, Rewritten) for result in ALL)
    assert {result.status for result in ALL} == {"rewritten", "unchanged", "declined", "failed"}
