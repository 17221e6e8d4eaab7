"""Every request the bot can make, judged by the forges' own descriptions of their APIs, unknown fields refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bot.acting import Scene, scene
from tests.bot.scenarios import SCENARIOS
from tests.lab import descriptions

pytestmark = pytest.mark.engine

JUDGES = {"github": descriptions.github, "gitlab": descriptions.gitlab, "gitea": descriptions.gitea}


@pytest.mark.parametrize("kind", JUDGES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_request_is_one_the_forge_describes(scenario: Callable[[Scene], None], kind: str, tmp_path: Path) -> None:
    with scene(kind, tmp_path) as here:
        here.host.judge = JUDGES[kind]().judge
        scenario(here)
        assert here.host.complaints == []


PULLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "github": ("POST", "/repos/ann/shop/pulls", {"title": "t", "head": "h", "base": "b", "body": "x", "draft": False}),
    "gitlab": (
        "POST",
        "/projects/ann%2Fshop/merge_requests",
        {"source_branch": "h", "target_branch": "b", "title": "t"},
    ),
    "gitea": ("POST", "/repos/ann/shop/pulls", {"title": "t", "head": "h", "base": "b", "body": "x"}),
}


@pytest.mark.parametrize("kind", JUDGES)
def test_the_judge_refuses_what_is_wrong(kind: str) -> None:
    judge = JUDGES[kind]().judge
    method, path, body = PULLS[kind]
    assert judge(method, path, {}, body) == []
    assert judge(method, path, {}, {**body, "surprise": 1})
    assert judge(method, path, {}, None)
    assert judge(method, path, {"surprise": "1"}, body)
    assert judge("PATCH", path, {}, body)
    assert judge(method, path + "/surprise/what", {}, body)


def test_the_judges_know_types() -> None:
    github, gitea = descriptions.github().judge, descriptions.gitea().judge
    method, path, body = PULLS["github"]
    assert github(method, path, {}, {**body, "draft": "no"})
    assert github(method, path, {}, {name: value for name, value in body.items() if name != "head"})
    assert github("GET", path, {"state": "all"}, None) == []
    assert github("GET", path, {"state": "some"}, None)
    assert github("GET", path, {"per_page": "many"}, None)
    assert github("PATCH", path + "/1", {}, {"state": "gone"})
    assert gitea(method, path, {}, {**PULLS["gitea"][2], "labels": ["name"]})
