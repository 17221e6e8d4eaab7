"""Every row of `conformance/parse.jsonl`: what BuildKit's parser and its typed step make of a text."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from rewriter.syntax import blanks, directives
from rewriter.syntax.document import Document, Heredoc, Instruction, decode
from rewriter.syntax.scanner import parse

Row = dict[str, Any]

ROWS: list[Row] = [
    json.loads(line) for line in (Path(__file__).parent / "conformance" / "parse.jsonl").read_text("utf-8").splitlines()
]
ONE_TEXT = {"MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"}
TEXT_OR_WORDS = {"RUN", "CMD", "ENTRYPOINT", "SHELL"}
# BuildKit raises these before it has counted the line they are about; we name that line.
BEFORE_THEIR_LINE = ("only one ", "invalid escape token", "dockerfile line greater")


def row_id(row: Row) -> str:
    return f"{row['name']}@{row['since']}" if "since" in row else str(row["name"])


def text_of(row: Row) -> str:
    if "dockerfile_b64" in row:
        return decode(base64.b64decode(row["dockerfile_b64"]))
    if "dockerfile_parts" in row:
        return "".join(text * count for text, count in row["dockerfile_parts"])
    return str(row["dockerfile"])


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_row(row: Row) -> None:
    text = text_of(row)
    document = parse(text)
    assert "".join(text[item.span.start : item.span.end] for item in document.items) == text
    lines = blanks.lines(text.removeprefix(blanks.BYTE_ORDER_MARK))
    assert {found.name: found.value for found in directives.detect(lines)} == row["directives"]
    assert directives.frontend(text) == row.get("syntax_image")
    if not row["accepted"]:
        check_refusal(document, row)
        return
    assert document.escape == row["escape"]
    expected = row["instructions"]
    assert [
        described(document, one, want) for one, want in zip(document.instructions, expected, strict=True)
    ] == expected
    assert empty_continuations(document) == row.get("empty_continuation_lines", [])
    error = row.get("instruction_error")
    assert [(one.line, one.message) for one in document.problems[:1]] == (
        [(error["line"], error["message"])] if error else []
    )


def check_refusal(document: Document, row: Row) -> None:
    first = document.problems[0]
    assert first.message == row["error"]
    if "error_line" in row:
        assert first.line == row["error_line"] + first.message.startswith(BEFORE_THEIR_LINE)


def described(document: Document, instruction: Instruction, want: Row) -> Row:
    """The instruction in the form of the rows; a length stands for a long text where the row has it so."""
    result: Row = shape(instruction, want)
    result["first_line"] = instruction.span.line
    result["last_line"] = last_line(document, instruction)
    result["heredocs"] = [
        heredoc(one, given) for one, given in zip(instruction.heredocs, want["heredocs"], strict=True)
    ]
    if instruction.comments:
        result["comments"] = [visible(comment) for comment in instruction.comments]
    return result


def last_line(document: Document, instruction: Instruction) -> int:
    return instruction.span.line + len(lines_of(document, instruction)) - 1


def lines_of(document: Document, instruction: Instruction) -> list[str]:
    return blanks.lines(document.text[instruction.span.start : instruction.span.end])


def empty_continuations(document: Document) -> list[int]:
    """Where the joined part of an instruction that contains a blank line ends."""
    found = []
    for one in document.instructions:
        inside = lines_of(document, one)
        bodies = sum(len(blanks.lines(heredoc.content)) + 1 for heredoc in one.heredocs)
        joined = inside[: len(inside) - bodies]
        if any(not line.strip(blanks.UNICODE) for line in joined):
            found.append(one.span.line + len(joined) - 1)
    return found


def shape(instruction: Instruction, want: Row) -> Row:
    result: Row = {"keyword": instruction.keyword, "flags": list(map(visible, instruction.flags))}
    result["form"] = instruction.form
    result |= long_or("text", instruction.text, want)
    name = instruction.name
    if want.get("unknown"):
        result["unknown"] = True
    elif name == "ONBUILD":
        trigger = instruction.trigger
        result["trigger"] = None if trigger is None else shape(trigger, want["trigger"])
    elif name in ONE_TEXT or (name in TEXT_OR_WORDS and instruction.form != "json"):
        result |= long_or("value", instruction.value, want)
    else:
        result["words"] = [visible(word) for word in instruction.words]
    return result


def long_or(key: str, text: str | None, want: Row) -> Row:
    length = f"{key}_length"
    if length in want:
        return {length: len(blanks.to_bytes(text or ""))}
    return {key: None if text is None else visible(text)}


def heredoc(one: Heredoc, want: Row) -> Row:
    result: Row = {"name": one.name, "expand": one.expand, "chomp": one.chomp}
    result |= long_or("content", one.content, want)
    return result | ({"fd": one.fd} if one.fd else {})


def visible(text: str) -> str:
    return blanks.without_surrogates(text)
