"""`dfmod explain` and its pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from rewriter.report.pages import FIELDS, names, page, title
from tests.command_line import dfmod

PAGES = Path(__file__).parent.parent / "rewriter" / "pages"


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_a_decision_has_its_page(field: str) -> None:
    text = (PAGES / f"{field}.md").read_text()
    lines = text.splitlines()
    assert lines[0].startswith(f"# {field}: ")
    assert 8 <= len(lines) <= 20
    assert max(map(len, lines)) <= 120
    assert all(part in text for part in ("\nWhy: ", "\n    ", "\nWhat to do: "))


def test_a_page_is_printed_as_it_is() -> None:
    ran = dfmod("explain", "init")
    assert (ran.code, ran.out, ran.err) == (0, (PAGES / "init.md").read_bytes(), "")
    assert dfmod("explain", "INIT").out == ran.out


def test_a_field_with_a_name_in_it_has_its_fields_page() -> None:
    assert dfmod("explain", "env.GOPATH").out == (PAGES / "env.md").read_bytes()


def test_without_a_name_all_names_are_listed_with_what_they_mean() -> None:
    ran = dfmod("explain")
    lines = ran.out.decode().splitlines()
    assert [line.split()[0] for line in lines] == list(names())
    assert next(line for line in lines if line.startswith("init ")).split(maxsplit=1)[1] == title("init")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("entrypiont", "no page named 'entrypiont'; did you mean 'entrypoint'?"),
        ("../plan", "no page named '../plan'; `dfmod explain` lists all names."),
        ("x" * 99, "lists all names."),
        ("", "no page named ''; `dfmod explain` lists all names."),
    ],
)
def test_an_unknown_name_is_wrong_usage(name: str, told: str) -> None:
    ran = dfmod("explain", name)
    assert (ran.code, ran.out) == (2, b"")
    assert told in ran.err


def test_a_name_without_a_page_has_no_title() -> None:
    assert page("gone") is None
    with pytest.raises(KeyError):
        title("gone")
