"""The second reader agrees wherever BuildKit takes a file, and does notice when our reading is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rewriter.syntax.document import Document, Instruction, Item
from rewriter.syntax.scanner import parse
from rewriter.syntax.witness import disagreement
from tests.test_syntax_parse import ROWS, Row, row_id, text_of


@pytest.mark.parametrize("row", [row for row in ROWS if row["accepted"]], ids=row_id)
def test_the_second_reader_sees_the_same(row: Row) -> None:
    assert disagreement(parse(text_of(row))) is None


TEXT = '# note\nFROM a AS b\n\nRUN x \\\n  # inside\n  && y\nCOPY <<E /c\nFROM x\nE\nCMD ["z"]\n'


def misread(change: dict[str, Instruction | None]) -> Document:
    """The document with some instructions, by name, replaced or left out."""
    document = parse(TEXT)
    items: list[Item | None] = [
        change.get(item.name, item) if isinstance(item, Instruction) else item for item in document.items
    ]
    return replace(document, items=tuple(item for item in items if item))


def instruction(name: str) -> Instruction:
    return next(one for one in parse(TEXT).instructions if one.name == name)


RUN = instruction("RUN")
CMD = instruction("CMD")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"RUN": replace(RUN, text="RUN x   && z")}, "line 4: the second reader sees 'RUN x   && y' on line 4, we see"),
        ({"RUN": replace(RUN, keyword="RU")}, "line 4: "),
        (
            {"CMD": replace(CMD, span=replace(CMD.span, line=9))},
            "line 9: the second reader sees 'CMD [\"z\"]' on line 10",
        ),
    ],
    ids=["text", "keyword", "line"],
)
def test_a_wrong_reading_is_noticed(change: dict[str, Instruction | None], said: str) -> None:
    assert (disagreement(misread(change)) or "").startswith(said)


def test_a_mark_that_we_overlook_is_noticed() -> None:
    """Only known gaps are masked: that a line goes on is for both readers to find."""
    whole = parse("FROM a\nRUN x \\\n  && y\n")
    first, run = whole.instructions
    short = replace(run, text="RUN x \\", span=replace(run.span, end=run.span.start + len("RUN x \\\n")))
    assert disagreement(replace(whole, items=(first, short))) is not None
