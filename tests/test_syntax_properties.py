"""What holds for every text: nothing is lost, nothing raises, edits commute, and both readers agree."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rewriter.syntax import directives, exec_form, patterns, words
from rewriter.syntax.document import Document, Instruction, Span, decode, encode
from rewriter.syntax.edits import Edit, apply
from rewriter.syntax.scanner import parse
from rewriter.syntax.witness import disagreement

relaxed = settings(deadline=None, max_examples=120, database=None)

# The pieces of which Dockerfiles, and the oddest of them, are made.
PIECES = (
    "FROM a", "FROM a AS b", "RUN", "RUN x", "COPY a b", "ENV A=b", "ENV A b", "ONBUILD ", "CMD", "HEALTHCHECK", "#",
    "# escape=`", "# syntax=x", "#!/x", "\\", "\\", "`", " ", "\t", "\n", "\n", "\n", "<<E", "<<-E", "<<", "E", "x",
    "'", '"', "$A", "${A", ":-", "}", "[", '["a"]', "]", ",", "--", "--f=x", "=", "\f", "\v", "\x1c", "\x85", "\xa0",
    "\u2003", "\ufeff", "é", "\udc85", "\udca0", "\udcff", "\x00",
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=24).map("".join)
any_text = st.text(st.characters(exclude_categories=[]), max_size=60)


def joined(document: Document) -> str:
    return "".join(document.text[item.span.start : item.span.end] for item in document.items)


@relaxed
@given(st.one_of(st.binary(max_size=200), texts.map(encode)))
def test_bytes_come_back(data: bytes) -> None:
    document = parse(decode(data))
    assert encode(joined(document)) == data


@relaxed
@given(st.one_of(texts, any_text))
def test_items_lie_end_to_end_and_know_their_lines(text: str) -> None:
    document = parse(text)
    assert joined(document) == document.text == text
    lines = [item.span.line for item in document.items]
    assert lines == [text.count("\n", 0, item.span.start) + 1 for item in document.items]
    assert all(problem.line in range(1, text.count("\n") + 2) for problem in document.problems)
    assert document.problems or document.instructions


@relaxed
@given(texts)
def test_tokens_hold_their_text_and_make_up_the_line(text: str) -> None:
    document = parse(text)
    for instruction in document.instructions:
        tokens = words.tokens(document, instruction)
        places = [(token.span.start, token.span.end) for token in tokens]
        assert [text[start:end] for start, end in places] == [token.text for token in tokens]
        assert all(start < end for start, end in places)
        assert sorted(places) == places
        if tokens:
            assert without_marks(tokens[0].text, document.escape) == instruction.keyword


def without_marks(token: str, escape: str) -> str:
    """A token whose word goes on behind a continuation, with the continuation taken out."""
    return re.sub(rf"{re.escape(escape)}[ \t]*[\r\n]+(?:\s*(?:#.*)?\n)*", "", token)


@relaxed
@given(texts)
def test_the_second_reader_agrees(text: str) -> None:
    assert disagreement(parse(text)) is None


@relaxed
@given(st.lists(st.sampled_from([piece for piece in PIECES if piece != "\\"] + ["\\\n"]), max_size=24).map("".join))
def test_the_line_ending_makes_no_difference(text: str) -> None:
    """Whatever the line ending, the same instructions; the bodies of heredocs keep it."""
    assume("\r" not in text)
    unix, windows = parse(text), parse(text.replace("\n", "\r\n"))
    assert list(map(reading, windows.instructions)) == list(map(reading, unix.instructions))
    assert windows.problems == unix.problems
    assert windows.escape == unix.escape
    assert unix.newline == "\n"
    assert windows.newline == ("\r\n" if "\n" in text else "\n")


def reading(one: Instruction) -> tuple[object, ...]:
    bodies = [(body.name, body.expand, body.content.replace("\r\n", "\n")) for body in one.heredocs]
    return one.span.line, one.text, one.flags, one.form, one.words, one.value, one.comments, bodies


@relaxed
@given(any_text)
def test_the_frontend_is_looked_for_in_any_text(text: str) -> None:
    assert directives.frontend("# syntax=x\n" + text) == "x"
    assert directives.frontend(text.lstrip("#/{ \t\r\n")) in (None, *text.split())


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit], list[Edit]]:
    """A text, edits of it that do not overlap, and the same edits in another order."""
    text = draw(st.text(max_size=30))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = [Span(start, end, 1) for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    edits = [Edit(span, draw(st.text(max_size=3))) for span in spans]
    return text, edits, draw(st.permutations(edits))


@relaxed
@given(edited())
def test_edits_commute(case: tuple[str, list[Edit], list[Edit]]) -> None:
    text, edits, shuffled = case
    expected = text
    for edit in reversed(edits):
        expected = expected[: edit.span.start] + edit.text + expected[edit.span.end :]
    assert apply(text, shuffled) == apply(text, edits) == expected


@relaxed
@given(st.text())
def test_no_edits_change_nothing(text: str) -> None:
    assert apply(text, []) == text


@pytest.mark.parametrize(
    "places",
    [[(0, 3), (2, 4)], [(2, 4), (0, 3)], [(1, 1), (1, 1)], [(0, 4), (1, 2)], [(0, 2), (0, 2)], [(1, 1), (1, 3)]],
)
def test_edits_that_overlap_are_refused(places: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="overlap"):
        apply("abcde", [Edit(Span(start, end, 1), "x") for start, end in places])


@pytest.mark.parametrize("place", [(-1, 2), (3, 2), (4, 6)])
def test_edits_outside_the_text_are_refused(place: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="outside"):
        apply("abcde", [Edit(Span(*place, 1), "x")])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@relaxed
@given(json_values, st.sampled_from(["", " ", "]", ",", "}", '"', "x"]), st.integers(0, 3))
def test_arrays_are_read_as_the_standard_decoder_reads_them(value: object, after: str, cut: int) -> None:
    written = json.dumps(value)
    text = written[: len(written) - cut] + after
    assert described(text) == standard(text)


def described(text: str) -> object:
    try:
        return exec_form.strings(text)
    except exec_form.NotStringsError:
        return "not strings"


def standard(text: str) -> object:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, list):
        return None
    return tuple(value) if all(isinstance(one, str) for one in value) else "not strings"


@relaxed
@given(st.lists(st.text(), max_size=5))
def test_arrays_of_strings_are_read(strings: list[str]) -> None:
    assert exec_form.strings(json.dumps(strings)) == tuple(strings)
    assert exec_form.strings(f" {json.dumps(strings, ensure_ascii=False)} ") == tuple(strings)


wildcards = st.text("ab?*\\/}\n", max_size=7)
values = st.text("ab\n", max_size=12)


@relaxed
@given(wildcards, values, st.booleans())
def test_patterns_match_what_a_backtracking_expression_matches(pattern: str, value: str, greedy: bool) -> None:  # noqa: FBT001
    naive = translated(pattern, greedy=greedy)
    if naive is None:
        with pytest.raises(words.WordError):
            patterns.without_prefix(value, pattern, greedy=greedy)
        return
    match = re.match(naive, value)
    assert patterns.without_prefix(value, pattern, greedy=greedy) == (value[match.end() :] if match else value)
    once = re.search(translated(pattern, greedy=True) or "", value)
    expected = f"{value[: once.start()]}<$0>{value[once.end() :]}" if once else value
    assert patterns.replaced(value, pattern, "<$0>", every=False) == expected
    if once and "*" not in pattern and pattern:
        every = re.sub(translated(pattern, greedy=True) or "", lambda found: f"<{found[0]}>", value)
        assert patterns.replaced(value, pattern, "<$0>", every=True) == every


def translated(pattern: str, *, greedy: bool) -> str | None:
    """The pattern as BuildKit translates it, None where it refuses."""
    result = ""
    chars = iter(pattern)
    for char in chars:
        if char == "\\":
            escaped = next(chars, "")
            if not escaped or escaped not in "*?\\/}":
                return None
            result += re.escape(escaped)
        else:
            result += {"*": ".*" if greedy else ".*?", "?": "."}.get(char, re.escape(char))
    return result


@relaxed
@given(st.one_of(texts, any_text), st.dictionaries(st.sampled_from("AB"), st.text("a *", max_size=3)))
def test_expanding_gives_a_word_or_a_word_error(text: str, env: dict[str, str]) -> None:
    try:
        found = words.expansion(text, env)
    except words.WordError:
        return
    assert found.matched <= env.keys()
    assert not found.unmatched & env.keys()


@relaxed
@given(st.text("ab ./:é-", max_size=20))
def test_a_word_without_special_characters_stands_for_itself(word: str) -> None:
    assert words.expand(word, {}) == word
    assert words.expand_words(word, {}) == tuple(word.split())
