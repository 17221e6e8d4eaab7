"""Tokens with their places, flags, pairs, and what the typed step refuses: the rows of `tables/`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from rewriter.syntax import instructions, words
from rewriter.syntax.document import Instruction, Span
from rewriter.syntax.edits import Edit, apply
from rewriter.syntax.scanner import parse

TABLES = Path(__file__).parent / "tables"


def rows(name: str) -> list[str]:
    return [line for line in (TABLES / name).read_text("utf-8").split("\n") if line and not line.startswith("#")]


def written(cell: str) -> str:
    return cell.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r")


def only(text: str) -> Instruction:
    (instruction,) = parse(text).instructions
    return instruction


@pytest.mark.parametrize("row", rows("tokens.txt"))
def test_tokens(row: str) -> None:
    text, *expected = map(written, row.split(" | "))
    document = parse(text)
    found = words.tokens(document, document.instructions[0])
    assert [token.text for token in found] == expected
    assert [text[token.span.start : token.span.end] for token in found] == expected
    assert [token.span.line for token in found] == [text.count("\n", 0, token.span.start) + 1 for token in found]


def test_a_byte_order_mark_belongs_to_no_token() -> None:
    document = parse("\ufeffFROM a\n")
    assert [token.text for token in words.tokens(document, document.instructions[0])] == ["FROM", "a"]


def test_tokens_are_places_to_edit() -> None:
    document = parse("FROM \\\n  # why\n\n  golang:1.20\nCOPY --from=0 /a /b\n")
    *_, image = words.tokens(document, document.instructions[0])
    assert image.text == "golang:1.20"
    origin = words.tokens(document, document.instructions[1])[1]
    edits = [
        Edit(origin.span, "--from=build"),
        Edit(Span(image.span.end, image.span.end, image.span.line), " AS build"),
    ]
    assert apply(document.text, edits) == "FROM \\\n  # why\n\n  golang:1.20 AS build\nCOPY --from=build /a /b\n"


@pytest.mark.parametrize("row", rows("refused.txt"))
def test_refused_by_the_typed_step(row: str) -> None:
    text, _, message = row.partition(" |")
    found = [(problem.line, problem.message) for problem in parse(f"FROM a\n{text}\n").problems]
    assert found == ([(2, message.strip())] if message.strip() else [])


@pytest.mark.parametrize("row", rows("durations.txt"))
def test_durations(row: str) -> None:
    text, _, expected = row.partition(" |")
    if expected.strip():
        assert instructions.duration(text) == int(expected)
    else:
        with pytest.raises(instructions.RefusalError):
            instructions.duration(text)


FLAGGED = "COPY --from=build --link --exclude=a --exclude=b=c --chown= x /y"


@pytest.mark.parametrize(
    ("name", "value"),
    [("from", "build"), ("link", ""), ("exclude", "a"), ("chown", ""), ("chmod", None), ("--from", None)],
)
def test_flag(name: str, value: str | None) -> None:
    assert words.flag(only(FLAGGED), name) == value


def test_flags_that_repeat() -> None:
    assert words.flags(only(FLAGGED), "exclude") == ("a", "b=c")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('ENV A=1 B="x y" C=', (("A", "1", "="), ("B", '"x y"', "="), ("C", "", "="))),
        ("ENV A b = c", (("A", "b = c", ""),)),
        ("LABEL a.b=c=d", (("a.b", "c=d", "="),)),
        ("ARG A B=1 C=", (("A", "", ""), ("B", "1", "="), ("C", "", "="))),
        ("ENV", ()),
        ("RUN A=1", ()),
    ],
)
def test_pairs(text: str, expected: tuple[tuple[str, str, str], ...]) -> None:
    assert words.pairs(only(text)) == expected


def test_expansion_tells_which_names_it_needed() -> None:
    env: Mapping[str, str] = {"A": "1 2", "B": ""}
    found = words.expansion("$A-${B:-x}-$C ${C+y}", env)
    assert (found.value, found.words) == ("1 2-x- ", ("1", "x-"))
    assert (sorted(found.matched), sorted(found.unmatched)) == (["A", "B"], ["C"])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("$A${B:-$C}-${D/$E/x}", "A B C D E"),
        ("'$A' \\$B \"$C", "A B C"),
        ("${A^^} ${#B} $1 $? $$x", "# $ 1 ? A x"),
        ("a $ { ${ $", ""),
        ("", ""),
    ],
)
def test_names_in_a_text(text: str, names: str) -> None:
    assert sorted(words.names_in(text)) == names.split()


@pytest.mark.parametrize("word", ["${A:-" * 101 + "}" * 101, "$B" * 17, "${B//x/$B}"])
def test_limits_of_our_own(word: str) -> None:
    """BuildKit has none, but a file must not be able to exhaust this program."""
    with pytest.raises(words.WordError, match=r"nested deeper than 100|longer than 1048576 characters"):
        words.expand(word, {"B": "x" * 2**16})


def test_a_line_nested_too_deep_is_refused_where_it_may_hide_a_heredoc() -> None:
    document = parse("FROM a\nRUN <<E " + "${A:-" * 101 + "}" * 101 + "\nE\n")
    assert document.problems[0].message == "substitutions are nested deeper than 100"
