"""Every row of `conformance/expand.jsonl`: what BuildKit's word lexer makes of a word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rewriter.syntax import words
from rewriter.syntax.words import WordError

Row = dict[str, Any]

ROWS: list[Row] = [
    json.loads(line)
    for line in (Path(__file__).parent / "conformance" / "expand.jsonl").read_text("utf-8").splitlines()
]


def row_id(row: Row) -> str:
    return "@".join(str(row[key]) for key in ("name", "since", "words_since") if key in row)


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_row(row: Row) -> None:
    given = row["input"], row["env"], row["escape"]
    if "error" in row:
        with pytest.raises(WordError) as caught:
            words.expand(*given)
        assert str(caught.value) == row["error"]
        return
    assert words.expand(*given) == row["result"]
    assert words.expand_words(*given) == tuple(row["words"])
    assert words.unmatched(*given) == tuple(row["unmatched"])
