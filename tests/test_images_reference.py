from __future__ import annotations

from pathlib import Path

import pytest

from rewriter.images.reference import parse_reference

TABLE = Path(__file__).parent / "tables" / "image_references.txt"
DIGESTS = (("S", "0123456789abcdef" * 4), ("L", "0123456789abcdef" * 8))


def filled(text: str) -> str:
    words = [text]
    for mark, digits in DIGESTS:
        words = [digits if word == mark else word.replace(f":{mark}", f":{digits}") for word in words]
        words = [word.replace(f"@{mark}", f"@{digits}") for word in words]
    return words[0]


def rows() -> list[tuple[str, str]]:
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("# ")]
    return [
        (filled(text), " ".join(map(filled, parts.split()))) for text, _, parts in (s.partition(" |") for s in lines)
    ]


@pytest.mark.parametrize(("text", "expected"), rows())
def test_reference_is_split_as_the_grammar_says(text: str, expected: str) -> None:
    ref = parse_reference(text)
    found = "" if ref is None else " ".join((ref.registry or "-", ref.repository, ref.tag or "-", ref.digest or "-"))
    assert found == expected


@pytest.mark.parametrize("text", [text for text, expected in rows() if expected])
def test_reference_remembers_its_spelling(text: str) -> None:
    ref = parse_reference(text)
    assert ref is not None
    assert ref.written == text


@pytest.mark.parametrize("size", [255, 256])
def test_repository_has_at_most_255_characters(size: int) -> None:
    path = "a/" * ((size - 1) // 2) + "b" * (2 - size % 2)
    assert len(path) == size
    assert (parse_reference(f"gcr.io/{path}") is not None) == (size == 255)


@pytest.mark.parametrize("size", [128, 129])
def test_tag_has_at_most_128_characters(size: int) -> None:
    assert (parse_reference("golang:" + "1" * size) is not None) == (size == 128)
