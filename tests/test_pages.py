"""Every name the tool can say has its page, and every page a name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from rewriter.report.pages import FIELDS, names

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "rewriter").rglob("*.py"))
PAGES = ROOT / "rewriter" / "pages"


def first_arguments(*classes: str) -> Iterator[str]:
    """Yield the first argument of every call of these classes, an f-string up to its first brace."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in classes and node.args:
                first = node.args[0]
                text = first.values[0] if isinstance(first, ast.JoinedStr) else first
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield text.value


RULES = frozenset(first_arguments("Rule"))
DECIDED = frozenset(field.partition(".")[0] for field in first_arguments("Decision", "Change"))


def test_the_pages_are_those_of_the_rules_and_of_the_fields() -> None:
    assert set(names()) == RULES | set(FIELDS)
    assert not RULES & set(FIELDS)
    assert len(RULES) > 40


def test_no_line_is_too_long_to_be_read() -> None:
    assert [path.name for path in PAGES.glob("*.md") if max(map(len, path.read_text("utf-8").splitlines())) > 120] == []


def test_every_field_that_is_decided_on_is_listed() -> None:
    assert set(FIELDS) >= DECIDED


@pytest.mark.parametrize("name", sorted(RULES - {"bot-status"}))
def test_a_page_says_what_was_found_why_it_matters_and_what_to_do(name: str) -> None:
    text = (PAGES / f"{name}.md").read_text("utf-8")
    lines = text.splitlines()
    assert lines[0].startswith(f"# {name}: ")
    assert 8 <= len(lines) <= 20
    assert all(part in text for part in ("\nWhy: ", "\n    ", "\nWhat to do: "))
