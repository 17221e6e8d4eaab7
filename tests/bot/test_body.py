"""The body of a pull request: what it says, how it is cut, and that nothing from a repository gets out of its code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rewriter.analysis.evidence import Evidence
from rewriter.bot.body import Measurement, Style, body, title
from rewriter.bot.identity import asks_for_retake, branch_name, marker_line, read_marker, withdrawn
from rewriter.bot.state import Marker
from rewriter.notes import Note, Severity
from rewriter.plan import Decision, Declined, Refusal, Rewritten, Safety, Tier
from rewriter.report.diff import unified
from rewriter.report.markup import code, fenced, prose
from rewriter.report.result import Failed, Fault, Result
from tests.outcomes import SHELL_LOST, SUPERVISOR, rewritten

MARKER = Marker("a" * 40, "b" * 40, "c" * 64, ("d" * 12,), "0.1.0")
FORGED = marker_line(replace(MARKER, plan="e" * 64))
HOSTILE = (
    "@everyone",
    "Closes #1",
    "fixes ann/shop#12",
    "GH-12 deadbeefcafe",
    "<script>alert(1)</script>",
    "<!-- --> <img src=x onerror=y>",
    "</details></code></pre>@team",
    "![x](https://evil.example/x.png)",
    "[x](javascript:alert(1))",
    "https://evil.example www.evil.example mailto:x@evil.example",
    "a|b\\|c",
    "`` ` ``` ~~~ ```",
    " ` ",
    "\n```\n@team",
    "\r\n\r\n# Heading\r\n",
    "\u202eevil\u2066 \u200b\ufeff",
    "::error::x\n::set-env name=PATH::/evil",
    "##[command]rm ##vso[task] ##teamcity[x]",
    "/close\n/merge\n/assign @me",
    "- [x] <!-- dfmod:rebase --> yes",
    FORGED,
    f"\n{FORGED}\n",
    "{{ view }} {% raw %} {#",
    ":+1: ~~struck~~ **bold** _it_ $math$",
    "&#64;team &lt;b&gt; \\@team",
    "\udcff\x00\x1b[31m",
    "",
)
# Text that is ours and outside of code: everything else there would be a repository's.
TAGS = ("<details><summary>", "<code>", "</code>", "</summary>", "</details>", "<!-- dfmod:rebase -->")


def hostile_result(text: str, path: str) -> Result:
    before = f"FROM x\nLABEL a={text!r}\n{text}\n ```\n".encode("utf-8", "surrogateescape")
    made = rewritten(before.decode("utf-8", "surrogateescape"))
    places = (Evidence(text, text), Evidence("Dockerfile:1", text))
    decisions = (
        Decision(text, text, text, Safety.REVIEW, places),
        Decision("base", f"words {text} words", text, Safety.SAFE, places),
    )
    plan = replace(made.plan, decisions=decisions, recipe="go")
    outcome = replace(made, plan=plan, notes=(Note(SHELL_LOST, Severity.WARNING, text, None, text),))
    after = outcome.text.encode("utf-8", "surrogateescape")
    return Result(path, before, outcome, unified(before, after, "Dockerfile"))


def hostile_results(text: str) -> tuple[Result, ...]:
    path = text.replace("\n", " ") or "Dockerfile"
    return (
        hostile_result(text, path),
        Result(path, b"", Declined(Refusal(SUPERVISOR, text, (Evidence(text, text),), text), ())),
        Result(path, b"", Failed(Fault.INPUT, text, text)),
    )


def whole(results: tuple[Result, ...], limit: int = 58_000, *, folds: bool = True) -> str:
    measured = [Measurement(result.path, "size", result.path, "1 MB") for result in results]
    text = body(results, "dfmod/convert", Style(limit, folds), follows=3, measured=measured)
    return f"{text.rstrip()}\n\n{marker_line(MARKER)}"


def outside_code(markdown: str) -> Iterator[Token]:
    """Yield the tokens that a reader of Markdown makes of it, less all code."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for token in reader.parse(markdown):
        if token.type == "inline":
            yield from (child for child in token.children or () if child.type != "code_inline")
        elif token.type != "fence":
            yield token


def check_confined(markdown: str) -> None:
    """Check that outside of code there is prose of letters, our own links to numbers, and our own HTML."""
    text = ""
    for token in outside_code(markdown):
        assert token.type not in ("link_open", "image", "code_block", "strong_open", "em_open", "s_open"), token
        if token.type in ("html_inline", "html_block"):
            left = token.content
            for tag in TAGS:
                left = left.replace(tag, "")
            assert "<" not in left.replace(marker_line(MARKER), ""), token.content
        elif token.type == "text":
            text += token.content + "\n"
    assert "@" not in text
    assert "://" not in text
    assert "www." not in text
    assert text.count("#") == 1, "the one link is to the declined proposal"
    assert "::" not in text
    assert all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("folds", [True, False])
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_gets_out_of_its_code(text: str, folds: bool) -> None:  # noqa: FBT001
    markdown = whole(hostile_results(text), folds=folds)
    check_confined(markdown)
    assert read_marker(markdown) == MARKER
    assert not asks_for_retake(markdown)
    assert not any(line.startswith(("/", "::", "##[")) for line in markdown.splitlines())
    assert "##[" not in markdown
    assert "##vso" not in markdown


@settings(deadline=None, max_examples=150, database=None)
@given(st.lists(st.sampled_from((*HOSTILE, "`", "|", "\\", "\n", " ", "x", "<", "-->", "@a")), max_size=8).map("".join))
def test_nor_does_anything_put_together(text: str) -> None:
    markdown = whole(hostile_results(text))
    check_confined(markdown)
    assert read_marker(markdown) == MARKER
    assert not asks_for_retake(markdown)


@settings(deadline=None, max_examples=300, database=None)
@given(st.text(max_size=40))
def test_code_is_read_back_as_one_piece_of_code(text: str) -> None:
    reader = MarkdownIt("commonmark")
    (inline,) = [token for token in reader.parse(f"x{code(text)}x") if token.type == "inline"]
    kinds = [child.type for child in inline.children or ()]
    assert kinds == ["text", "code_inline", "text"]


@settings(deadline=None, max_examples=300, database=None)
@given(st.text(st.sampled_from("` ~\n\t@#x"), max_size=60))
def test_a_block_ends_where_it_ends(text: str) -> None:
    tokens = [token.type for token in MarkdownIt("commonmark").parse(f"{fenced(text, 'diff')}\n\nafter\n")]
    assert tokens == ["fence", "paragraph_open", "inline", "paragraph_close"]


@pytest.mark.parametrize(
    ("sentence", "written"),
    [
        ("the binary is static", "the binary is static"),
        ("it's built, then (maybe) copied!", "it's built, then (maybe) copied!"),
        ("golang:1.20 has no digest", "`golang:1.20` has no digest"),
        ("see a/b c/d now", "see `a/b c/d` now"),
        ("commit deadbeef and facade", "commit `deadbeef` and facade"),
        ("port 8080 is kept", "port 8080 is kept"),
        ("for #12", "for `#12`"),
        ("in /src, not in /go (/go is its own).", "in `/src`, not in `/go` (`/go` is its own)."),
        ("a /x /y; and `./app --x` too", "a `/x /y`; and `./app --x` too"),
        ("one ` tick", "one `` ` `` tick"),
        ("(`docker run`)", "(`docker run`)"),
        ("", ""),
    ],
)
def test_prose_keeps_plain_words(sentence: str, written: str) -> None:
    assert prose(sentence) == written


def several(count: int) -> tuple[Result, ...]:
    made = hostile_result("plain words", "x")
    return tuple(replace(made, path=f"service-{at}/Dockerfile") for at in range(count))


def test_it_is_cut_in_a_fixed_order() -> None:
    results = several(40)
    full = whole(results, 10_000_000)
    signs = ("```diff", "with its reason", "### Measured", "service-30", "service-20")
    assert all(sign in full for sign in signs)
    seen = []
    for limit in range(len(full), 2_000, -500):
        text = body(results, "dfmod/convert", Style(limit), measured=[Measurement("x", "size", "1", "2")])
        assert len(text) <= limit
        assert text.count("```") % 2 == 0
        assert "How to check" in text
        assert "dfmod:rebase" in text
        seen.append(tuple(sign in text for sign in signs))
    assert seen == sorted(seen, reverse=True)
    assert {sum(row) for row in seen} >= {5, 4, 3, 1, 0}


def test_a_limit_that_nothing_fits_is_said() -> None:
    with pytest.raises(ValueError, match="no body is shorter than 100 characters"):
        body(several(1), "b", Style(100))


@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        ((Tier.DISTROLESS,), "Make the Dockerfile multi-stage and distroless, with tini as PID 1"),
        (
            (Tier.DISTROLESS, Tier.DISTROLESS_WITH_SHELL),
            "Make 2 Dockerfiles multi-stage and distroless, with tini as PID 1",
        ),
        ((Tier.SLIM, Tier.DISTROLESS), "Split 2 Dockerfiles into stages, with tini as PID 1"),
        ((Tier.INIT_ONLY,), "Start the Dockerfile with tini as PID 1"),
    ],
)
def test_the_title_says_what_it_is(tiers: tuple[Tier, ...], expected: str) -> None:
    results = []
    for tier in tiers:
        made = hostile_result("x", "Dockerfile")
        assert isinstance(made.outcome, Rewritten)
        results.append(replace(made, outcome=replace(made.outcome, plan=replace(made.outcome.plan, tier=tier))))
    assert title(results) == expected


def test_what_no_longer_works_depends_on_what_is_left() -> None:
    assert "there is no shell" in whole(several(1))


@pytest.mark.parametrize(
    "line",
    [
        "<!-- dfmod:v1 {} -->",
        "<!-- dfmod:v1 {not json} -->",
        "<!-- dfmod:v1 [] -->",
        marker_line(MARKER).replace('"head":"', '"head":"x'),
        marker_line(MARKER).replace('["d', '[1,"d'),
        f" {marker_line(MARKER)}",
        f"x {marker_line(MARKER)}",
        "",
    ],
)
def test_a_line_that_is_not_exactly_right_is_no_marker(line: str) -> None:
    assert read_marker(f"words\n{line}\nmore") is None


def test_a_marker_survives_what_forges_do_to_a_body() -> None:
    text = f"words\r\n\r\n{marker_line(MARKER)}\r\n\r\nlooks good\r\n"
    assert read_marker(text) == MARKER
    marked = read_marker(withdrawn(text))
    assert marked == replace(MARKER, withdrawn=True)
    assert withdrawn("words") == "words"
    assert "--" not in marker_line(replace(MARKER, tool="1--2")).removeprefix("<!--").removesuffix("-->")


def test_branches_of_different_groups_differ_and_are_plain() -> None:
    names = [branch_name("dfmod/", group) for group in ("", "a/b", "a-b", "\udcff ..", "x" * 300)]
    assert len(set(names)) == len(names)
    assert all(name.isascii() and len(name) < 80 and ".." not in name and " " not in name for name in names)
    assert names[0] == "dfmod/convert"
