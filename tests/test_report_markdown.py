"""The Markdown summary: what it says, how it is cut, and that hostile words stay inside code."""

from __future__ import annotations

import re

import pytest

from rewriter.report import markdown
from rewriter.report.result import Result
from tests.bot.test_body import HOSTILE, hostile_results, outside_code
from tests.test_report_json import RESULTS

ALL = list(RESULTS.values())
TAGS = ("<details>", "<summary>", "<code>", "</code>", "</summary>", "</details>")


def made(results: list[Result]) -> str:
    return markdown.document(results).decode()


def test_every_file_has_a_row_and_what_is_converted_its_reasons() -> None:
    text = made(ALL)
    assert "3 to convert, 3 unchanged, 1 declined, 2 failed." in text
    row = "| `b/Dockerfile` | declined (`needs-to-be-pid-one`) | supervisord must be PID 1 itself; use `--tier` init |"
    assert row in text
    assert text.count("<details>") == text.count("</details>") == 3
    assert "- `env.GOPATH`: **please look:** left out (nothing reads it), see `facts: golang`" in text
    assert '+CMD ["/app"]' in text


def test_of_no_file_there_is_no_table() -> None:
    assert made([]) == "# dfmod\n\nPlan: 0 to convert, 0 unchanged, 0 declined.\n"


def test_a_long_one_goes_without_diffs_then_without_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = made(ALL)
    monkeypatch.setattr(markdown, "LIMIT", len(whole.encode()) - 1)
    assert "The diffs are left out for their length.\n" in made(ALL)
    assert "```diff" not in made(ALL)
    assert "nothing reads it" in made(ALL)
    monkeypatch.setattr(markdown, "LIMIT", 1)
    assert "Diffs and reasons are left out for their length.\n" in made(ALL)
    assert "<details>" not in made(ALL)
    assert made(ALL).count("\n| `") == len(ALL)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_gets_out_of_its_code(text: str) -> None:
    rows = [line for line in made(list(hostile_results(text))).splitlines() if line.startswith("| ")][1:]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [4, 4, 4], "a bar in a word ends no cell"
    shown = ""
    for token in outside_code(made(list(hostile_results(text)))):
        assert token.type not in ("link_open", "image", "code_block", "em_open", "s_open"), token
        if token.type in ("html_inline", "html_block"):
            left = token.content
            for tag in TAGS:
                left = left.replace(tag, "")
            assert "<" not in left, token.content
        elif token.type == "text":
            shown += token.content + "\n"
    assert not [word for word in ("@", "://", "www.", "::", "#") if word in shown]
    assert all(char.isprintable() or char == "\n" for char in shown)
    assert "##[" not in made(list(hostile_results(text)))
