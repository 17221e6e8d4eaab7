"""What a person reads: to the letter, since every word of it was chosen."""

from __future__ import annotations

import pytest

from rewriter.notes import Note, Rule, Severity
from rewriter.plan import Declined, Rewritten, Unchanged
from rewriter.report.colour import paint_diff
from rewriter.report.printable import decodable, printable
from rewriter.report.result import Failed, Fault, Result
from rewriter.report.text import Style, describe, summary
from tests.outcomes import declined, noted, rewritten

Any = Rewritten | Declined | Unchanged | Failed

REWRITTEN = """\
Dockerfile: go, distroless
  base: gcr.io/distroless/static-debian13 in place of golang:1.20 (the binary is static) Dockerfile:1, main.go:3
  env.GOPATH: left out (nothing reads it) [review] facts: golang
  warning: shell-lost: docker exec ... sh no longer works
    help: use --debug-target
  info: unpinned-base: golang has no digest (line 1)
    help: use --pin
"""
VERBOSE = """\
Dockerfile: go, distroless
  base: gcr.io/distroless/static-debian13 in place of golang:1.20 (the binary is static)
      Dockerfile:1: FROM golang:1.20
      main.go:3: import "C"
  env.GOPATH: left out (nothing reads it) [review]
      facts: golang: GOPATH=/go
"""
DECLINED = """\
Dockerfile: declined: needs-to-be-pid-one
  supervisord must be PID 1 itself Dockerfile:7
    help: use --tier init
  info: unpinned-base: ubuntu has no digest (line 1)
"""
UNCHANGED = "Dockerfile: unchanged: nothing to do\n"

TELLING: dict[str, tuple[Any, Style, str]] = {
    "a conversion": (rewritten("FROM a\n", notes=noted()), Style(), REWRITTEN),
    "a conversion, verbose": (rewritten("FROM a\n"), Style(verbose=True), VERBOSE),
    "a refusal": (declined(), Style(), DECLINED),
    "an unchanged file": (Unchanged("nothing to do"), Style(), ""),
    "an unchanged file, verbose": (Unchanged("nothing to do"), Style(verbose=True), UNCHANGED),
    "an unchanged file with a note": (
        Unchanged("nothing to do", noted()[1:]),
        Style(),
        UNCHANGED + "  info: unpinned-base: golang has no digest (line 1)\n    help: use --pin\n",
    ),
    "a failure": (
        Failed(Fault.INPUT, "no such file or folder", "check the spelling"),
        Style(),
        "Dockerfile: error: no such file or folder\n    help: check the spelling\n",
    ),
    "a failure in colour": (
        Failed(Fault.INPUT, "no such file", ""),
        Style(colour=True),
        "\x1b[1mDockerfile\x1b[0m: \x1b[31merror\x1b[0m: no such file\n",
    ),
    "words that would move the cursor": (
        Unchanged("x", (Note(Rule("odd-name", ""), Severity.INFO, "\x1b[2J\rfine", None, "a\nb"),)),
        Style(),
        "Dockerfile: unchanged: x\n  info: odd-name: \\x1b[2J\\rfine\n    help: a\\nb\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TELLING)
def test_what_is_told(case: str) -> None:
    outcome, style, told = TELLING[case]
    assert describe(Result("Dockerfile", b"FROM a\n", outcome), style) == told


def _results(*outcomes: Any) -> list[Result]:
    return [Result("Dockerfile", b"FROM a\n", outcome) for outcome in outcomes]


def test_the_closing_line_of_a_dry_run_and_of_a_write() -> None:
    some = _results(rewritten(""), rewritten(""), Unchanged("x"), declined())
    assert summary(some, written=False) == "Plan: 2 to convert, 1 unchanged, 1 declined"
    assert summary(some, written=True) == "Done: 2 converted, 1 unchanged, 1 declined"
    failed = _results(Failed(Fault.INPUT, "x", ""))
    assert summary(failed, written=False) == "Plan: 0 to convert, 0 unchanged, 0 declined, 1 failed"


def test_a_patch_on_a_terminal_is_coloured_as_git_colours_it() -> None:
    patch = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n same\n-\x1b[2J\ta\n+b\xff\n"
    assert paint_diff(patch) == (
        "\x1b[1mdiff --git a/x b/x\x1b[0m\n\x1b[1m--- a/x\x1b[0m\n\x1b[1m+++ b/x\x1b[0m\n"
        "\x1b[36m@@ -1,2 +1,2 @@\x1b[0m\n same\n\x1b[31m-\\x1b[2J\ta\x1b[0m\n\x1b[32m+b\\xff\x1b[0m\n"
    )


@pytest.mark.parametrize(
    ("text", "shown", "encodable"),
    [
        ("plain ß", "plain ß", "plain ß"),
        ("a\tb", "a\\tb", "a\tb"),
        ("\udcff", "\\xff", "\\xff"),
        ("\x1b]8;;", "\\x1b]8;;", "\x1b]8;;"),
        ("\u202e", "\\u202e", "\u202e"),
        ("\x7f", "\\x7f", "\x7f"),
        ("", "", ""),
    ],
)
def test_words_of_others_are_made_fit_to_print(text: str, shown: str, encodable: str) -> None:
    assert (printable(text), decodable(text)) == (shown, encodable)
