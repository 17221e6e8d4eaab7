"""The review page: whole, linked within itself, free of scripts and of anything to load, whatever a file says."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.engine.inventory import Inventory
from rewriter.plan import Rewritten, Unchanged
from rewriter.report import html
from rewriter.report.diff import lines
from rewriter.report.graph import graph
from rewriter.report.measured import Measure, Measured, measured
from rewriter.report.printable import printable
from rewriter.report.result import Result
from rewriter.report.sides import rows, visible
from tests.bot.test_body import HOSTILE, hostile_results
from tests.test_report_diff import PAIRS
from tests.test_report_json import RESULTS, TEXT

ALL = list(RESULTS.values())
ROOT = Path(__file__).parent.parent
SEED = ROOT / "fixtures" / "go-prefork"
# Elements that can load, run or send something.
ACTIVE = {
    "script",
    "iframe",
    "object",
    "embed",
    "form",
    "input",
    "button",
    "img",
    "link",
    "base",
    "video",
    "audio",
    "use",
}
VOID = {"meta", "path", "rect"}


class Page(HTMLParser):
    """The elements of a page in order, with their attributes, and its text."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(data.decode())
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.elements if "id" in attributes]


def page_of(results: Sequence[Result], measures: Sequence[Measured] = ()) -> Page:
    page = Page(html.document(results, measures))
    assert {tag for tag, _ in page.elements} & ACTIVE == set()
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "srcset", "action")]
        assert (attributes.get("href") or "#").startswith("#")
    return page


@pytest.mark.parametrize("results", [[], ALL], ids=["none", "all"])
def test_every_link_leads_to_one_place_on_the_page(results: list[Result]) -> None:
    page = page_of(results)
    assert len(page.ids) == len(set(page.ids))
    links = [attributes["href"] or "" for tag, attributes in page.elements if tag == "a"]
    assert [link for link in links if link[1:] not in page.ids] == []
    described = [name for _, attributes in page.elements for name in (attributes.get("aria-labelledby") or "").split()]
    assert [name for name in described if name not in page.ids] == []


def test_every_file_is_in_the_table_and_has_a_section() -> None:
    page = page_of(ALL)
    assert [name for name in page.ids if re.fullmatch(r"f\d+", name)] == [f"f{n}" for n in range(1, len(ALL) + 1)]
    for result in ALL:
        assert page.text.count(printable(result.path)) >= 2
    assert "Plan: 3 to convert, 3 unchanged, 1 declined, 2 failed." in page.text


def test_a_decision_and_its_line_lead_to_each_other() -> None:
    page = page_of([RESULTS["rewritten, noted"]])
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    # The decision on the base rests on line 1, and one of the notes is on it.
    assert links.count("#f1-b1") == 2
    assert {"#f1-d1", "#f1-d4"} <= set(links)
    assert "#f1-d2" not in links


def test_a_line_that_is_not_there_is_no_link() -> None:
    page = page_of([RESULTS["declined"]])
    assert "Dockerfile:7" in page.text
    assert "f1-b7" not in page.ids


def skeleton(page: Page) -> list[tuple[str, tuple[str, ...]]]:
    """Return the elements and the names of their attributes, but for code, which ticks in a sentence make."""
    return [(tag, tuple(attributes)) for tag, attributes in page.elements if tag != "code"]


@pytest.mark.parametrize("text", [text for text in HOSTILE if text])
def test_hostile_words_change_nothing_but_text(text: str) -> None:
    breaks = text.count("\n")
    tame = page_of(list(hostile_results("tame" + "\n" * breaks)))
    hostile = page_of(list(hostile_results(text)))
    assert skeleton(hostile) == skeleton(tame)
    assert all(char.isprintable() or char in "\n\t" for char in hostile.text)
    assert printable(text).replace("`", "") in hostile.text.replace("`", "")


def test_measurements_stand_with_their_file_and_nowhere_else() -> None:
    measures = (Measure("size", "300.0 MB", "30.0 MB", (100, 10)), Measure("shells", "sh", "none", None))
    page = page_of([RESULTS["rewritten"], RESULTS["declined"]], [Measured("./Dockerfile", measures)])
    bars = [attributes["style"] for _, attributes in page.elements if "style" in attributes]
    assert bars == ["width: 100%", "width: 10%"]
    assert page.text.count("Measured") == 1
    assert page_of([RESULTS["declined"]], [Measured("Dockerfile", measures)]).text.count("Measured") == 0


def test_what_verify_prints_is_measured() -> None:
    before = Inventory(300_000_000, 3, "linux/amd64", 90, 400, 0, ("bash", "sh"), ("apt-get",), 1.0)
    after = replace(before, size=30_000_000, packages=0, executables=1, shells=(), package_managers=())
    value = {"path": "Dockerfile", "images": {"before": asdict(before), "after": asdict(after)}}
    assert measured(json.dumps(value).encode()).measures == (
        Measure("size", "300.0 MB", "30.0 MB", (100, 10)),
        Measure("packages", "90", "0", (100, 0)),
        Measure("executables", "400", "1", (100, 0)),
        Measure("setuid files", "0", "0", None),
        Measure("shells", "bash sh", "none", None),
        Measure("package managers", "apt-get", "none", None),
    )
    assert measured(b'{"path": "Dockerfile", "images": null}').measures == ()


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'{"path": "x", "images": {"before": {}}}', b"1"])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"verify|Expecting"):
        measured(data)


# Side by side


@pytest.mark.parametrize("case", PAIRS)
def test_both_texts_are_there_whole(case: str) -> None:
    before, after = PAIRS[case]
    found = rows(before, after)
    assert [row.before.text for row in found if row.before] == [visible(line) for line in lines(before)]
    assert [row.after.text for row in found if row.after] == [visible(line) for line in lines(after)]


_LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"\n", b"c\n"]), max_size=12)


@settings(max_examples=100, deadline=None)
@given(_LINES, _LINES)
def test_rows_are_numbered_in_order_and_say_what_happened(old: list[bytes], new: list[bytes]) -> None:
    found = rows(b"".join(old), b"".join(new))
    assert [row.before.number for row in found if row.before] == list(range(1, len(old) + 1))
    assert [row.after.number for row in found if row.after] == list(range(1, len(new) + 1))
    for row in found:
        texts = (row.before and row.before.text, row.after and row.after.text)
        holds = {
            "same": texts[0] == texts[1],
            "gone": row.after is None,
            "new": row.before is None,
            "changed": None not in texts and texts[0] != texts[1],
        }
        assert [kind for kind, is_so in holds.items() if is_so] == [row.kind]


# The picture

GRAPHS = {
    "FROM debian\n": ("stage 0, which is shipped, starts from debian.", ["shipped"], 0),
    "FROM golang AS a\nFROM a AS b\nFROM scratch\nCOPY --from=a /a /a\nCOPY --from=0 /b /b\n": (
        (
            "a, starts from golang. b, which is not needed on amd64, starts from a. "
            "stage 2, which is shipped, starts from scratch and takes files from a."
        ),
        ["stage", "unused", "shipped"],
        2,
    ),
    "FROM debian\nCOPY --from=busybox:1 /a /a\nRUN --mount=from=alpine,target=/m true\n": (
        "stage 0, which is shipped, starts from debian and takes files from busybox:1, alpine.",
        ["image", "image", "shipped"],
        2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", GRAPHS)
def test_a_picture_has_the_stages_and_what_they_take(text: str) -> None:
    words, kinds, arcs = GRAPHS[text]
    picture = graph(text.encode())
    assert picture is not None
    assert picture.words == words
    assert [box.kind for box in picture.boxes] == kinds
    assert len(picture.arcs) == arcs
    assert max(box.y for box in picture.boxes) + 46 <= picture.height


def test_long_names_are_cut_in_the_boxes_only() -> None:
    name = "gcr.io/some-organisation/some/long/path/base-debian13"
    picture = graph(f"FROM {name}\n".encode())
    assert picture is not None
    assert name in picture.words
    assert picture.boxes[0].base == "FROM gcr.io/some-…/base-debian13"


@pytest.mark.parametrize("data", [b"", b"RUN x\n", b"FROM a\nCOPY --from=9 a b\n", b"\xff\n"])
def test_of_what_does_not_resolve_there_is_no_picture(data: bytes) -> None:
    assert graph(data) is None


def test_the_seed_case_is_shown_before_and_after() -> None:
    before, after = ((SEED / name).read_bytes() for name in ("Dockerfile", "expected.Dockerfile"))
    made = RESULTS["rewritten"].outcome
    assert isinstance(made, Rewritten)
    page = page_of([Result("Dockerfile", before, replace(made, text=after.decode()))])
    assert "Stages before" in page.text
    assert "stage 4, which is shipped, starts from gcr.io/distroless/base-debian13" in page.text
    assert "−ENTRYPOINT ./app" in page.text


def test_an_unchanged_file_is_told_in_a_sentence() -> None:
    page = page_of([Result("Dockerfile", TEXT, Unchanged("it has `tini` already"))])
    assert "it has tini already" in page.text
    assert ("code", {}) in page.elements


def test_the_readme_shows_the_page() -> None:
    (picture,) = re.findall(r"^!\[[^\]]+\]\((\S+)\)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    data = (ROOT / picture).read_bytes()
    assert data.startswith(b"\x89PNG")
    assert len(data) < 150_000
