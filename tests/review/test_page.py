"""The review page as Chromium shows it: at phone and desktop width, light and dark, also of a hostile repository."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from rewriter.report import html
from rewriter.report.measured import Measure, Measured
from rewriter.report.result import Result
from tests.bot.test_body import HOSTILE, hostile_results
from tests.test_report_json import RESULTS

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SEED = "fixtures/go-prefork"
MEASURES = (Measure("size", "300.0 MB", "30.0 MB", (100, 10)), Measure("shells", "bash sh", "none", None))


def looks(page: Path, folder: Path | None = None) -> list[dict[str, Any]]:
    """Return what is seen of the page, at each width and in each colour scheme."""
    command = ["node", str(HERE / "look.js"), str(page), *([str(folder)] if folder else [])]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert ran.returncode == 0, ran.stderr
    seen: list[dict[str, Any]] = json.loads(ran.stdout)
    assert [(one["size"], one["colorScheme"]) for one in seen] == [
        ("phone", "light"),
        ("phone", "dark"),
        ("desktop", "light"),
        ("desktop", "dark"),
    ]
    return seen


def written(folder: Path, results: Sequence[Result], measured: Sequence[Measured] = ()) -> Path:
    page = folder / "page.html"
    page.write_bytes(html.document(results, measured))
    return page


def check_sound(seen: list[dict[str, Any]]) -> None:
    for one in seen:
        assert one["violations"] == []
        assert one["overflow"] == 0, "nothing has to be scrolled sideways"
        assert one["requests"] == [], "nothing is loaded"
        assert one["messages"] == [], "no dialog, no error, nothing refused by the page's own policy"
    assert len({(one["rows"], one["headers"]) for one in seen}) == 1, "a table stays one where it is laid out otherwise"
    grounds = {one["colorScheme"]: one["ground"] for one in seen}
    assert grounds == {"light": "rgb(255, 255, 255)", "dark": "rgb(13, 17, 23)"}


def test_the_seed_case(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    command = (".venv/bin/dfmod", "review", "-q", "-o", str(page), "--context", f"{SEED}/context", f"{SEED}/Dockerfile")
    subprocess.run(command, cwd=ROOT, check=True)
    seen = looks(page)
    check_sound(seen)
    for one in seen:
        assert one["focused"] == ["#files", "#f1", "#f1-d3"]
        assert (one["rows"], one["headers"]) == (22, 7)
        assert "ENTRYPOINT ./app" in one["text"]
        assert 'ENTRYPOINT ["/tini", "--"]' in one["text"]


def test_every_kind_of_result_with_measurements(tmp_path: Path) -> None:
    seen = looks(written(tmp_path, list(RESULTS.values()), [Measured("Dockerfile", MEASURES)]))
    check_sound(seen)
    assert all("300.0 MB" in one["text"] for one in seen)


def test_no_files_at_all(tmp_path: Path) -> None:
    check_sound(looks(written(tmp_path, [])))


def test_a_hostile_repository_changes_nothing_but_text(tmp_path: Path) -> None:
    hostile = [result for text in HOSTILE if text for result in hostile_results(text)]
    tame = [result for text in HOSTILE if text for result in hostile_results("tame" + "\n" * text.count("\n"))]
    seen, usual = looks(written(tmp_path, hostile)), looks(written(tmp_path, tame))
    check_sound(seen)
    for one, other in zip(seen, usual, strict=True):
        assert one["elements"] == other["elements"]
        assert "<script>alert(1)</script>" in one["text"]
        assert "\\u202eevil" in one["text"]
        assert not {"\u202e", "\u2066", "\u200b", "\x1b"} & set(one["text"])
