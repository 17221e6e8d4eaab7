"""What a document holds beside its instructions, and what is left of one that BuildKit refuses."""

from __future__ import annotations

import pytest

from rewriter.syntax.document import Blank, Comment, Directive, Instruction, Item, Problem
from rewriter.syntax.scanner import parse


def told(item: Item) -> str:
    match item:
        case Blank():
            return "blank"
        case Comment(text, _):
            return f"comment {text}"
        case Directive(name, value, _):
            return f"directive {name} {value}"
        case Instruction():
            return item.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "# syntax=x\n  # ESCAPE = `\n# note\n\nFROM a\n",
            ["directive syntax x", "directive escape `", "comment note", "blank", "FROM a"],
        ),
        ("#!/x\n# check=skip=all\nFROM a", ["comment !/x", "directive check skip=all", "FROM a"]),
        ("\n# syntax=x\nFROM a", ["blank", "comment syntax=x", "FROM a"]),
        (
            "\ufeff# syntax=x\n\t#  y \n \nFROM a\n# z",
            ["directive syntax x", "comment y", "blank", "FROM a", "comment z"],
        ),
        ("\ufeff", ["blank"]),
        ("", []),
        ("FROM a \\\n# no item\n\n AS b\n#\n", ["FROM a  AS b", "comment "]),
        ("RUN <<E\n# no item\n\nE\n\n", ["RUN <<E", "blank"]),
    ],
)
def test_items(text: str, expected: list[str]) -> None:
    assert [told(item) for item in parse(text).items] == expected


@pytest.mark.parametrize(
    ("text", "newline"),
    [("", "\n"), ("a", "\n"), ("a\r\n", "\r\n"), ("a\r\nb\r\nc\n", "\r\n"), ("a\r\nb\n", "\n"), ("a\rb\rc", "\n")],
)
def test_newline_by_majority(text: str, newline: str) -> None:
    assert parse(text).newline == newline


def test_a_refused_file_is_read_to_its_end() -> None:
    document = parse("# escape=x\nRUN a\nENV A\nFROM b\nNO c\nCMD [1]\nCOPY d\nUSER\nENV B=1 \\\n c\nRUN <<E\nFROM z\n")
    assert [(problem.line, problem.message.split(" (")[0][:40]) for problem in document.problems] == [
        (1, "invalid escape token 'x' does not match "),
        (2, "no build stage in current context"),
        (3, "ENV must have two arguments"),
        (5, "unknown instruction: NO"),
        (6, "when using JSON array syntax, arrays mus"),
        (7, "COPY requires at least two arguments, bu"),
        (8, "USER requires exactly one argument"),
        (9, 'Syntax error - can\'t find = in "c". Must'),
        (11, "unterminated heredoc"),
    ]
    assert [one.name for one in document.instructions] == "RUN ENV FROM NO CMD COPY USER ENV RUN".split()
    assert document.instructions[-1].heredocs[0].content == "FROM z\n"


def test_a_line_that_is_too_long_is_refused_where_it_stands() -> None:
    document = parse("FROM a\nRUN x \\\n" + "é" * 32768 + "\nCMD y\n")
    assert document.problems == (Problem("dockerfile line greater than max allowed size of 65535", 3),)
    assert [one.name for one in document.instructions] == ["FROM", "RUN", "CMD"]


def test_a_trigger_has_the_place_of_its_onbuild() -> None:
    onbuild = parse("FROM a\nONBUILD RUN <<E\nx\nE\n").instructions[1]
    assert onbuild.trigger is not None
    assert (onbuild.trigger.span, onbuild.trigger.heredocs, onbuild.trigger.value) == (onbuild.span, (), "<<E")
    assert [heredoc.content for heredoc in onbuild.heredocs] == ["x\n"]
