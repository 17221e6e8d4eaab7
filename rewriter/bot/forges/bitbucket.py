"""Bitbucket Cloud: its API, version 2.0."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from rewriter.bot.api import Api, LostError, Params
from rewriter.bot.forge import Change, Proposal
from rewriter.bot.forges.opening import open_once
from rewriter.bot.state import State
from rewriter.bot.status import Status

_STATES = {"OPEN": State.OPEN, "MERGED": State.MERGED, "DECLINED": State.CLOSED, "SUPERSEDED": State.CLOSED}


class Bitbucket:
    """A repository on Bitbucket Cloud. Keeps the protocol Forge. There are no labels."""

    body_limit = 30_000
    folds = False
    reference = "#"

    def __init__(self, api: Callable[..., Api], path: str) -> None:
        self._api = api()
        self._path = path
        self._pulls = f"/repositories/{quote(path)}/pullrequests"

    def obstacle(self) -> Status | None:
        """Return nothing: what stands in the way is not said beforehand."""
        return None

    def find_changes(self, branch: str) -> tuple[Change, ...]:
        """Return the pull requests from a branch, newest first."""
        query: Params = {"q": f'source.branch.name = "{branch}"', "state": tuple(_STATES), "pagelen": 50}
        rows, data = [], self._api.read(self._pulls, query).data
        while True:
            rows += [row for row in data["values"] if self._is_from(row, branch)]
            following = data.get("next")
            if not following or not following.startswith(self._api.base + "/"):
                return tuple(map(_change, sorted(rows, key=lambda row: -row["id"])))
            data = self._api.read(following.removeprefix(self._api.base)).data

    def open(self, proposal: Proposal) -> Change:
        """Open a pull request."""
        data = {
            "title": proposal.title,
            "description": proposal.body,
            "source": {"branch": {"name": proposal.branch}},
            "destination": {"branch": {"name": proposal.base}},
            "draft": proposal.draft,
        }
        return open_once(
            lambda: _change(self._api.write("POST", self._pulls, json=data).data),
            lambda: self.find_changes(proposal.branch),
            self._api,
            is_duplicate=lambda error: error.code == 409,
        )

    def update(self, number: int, body: str) -> None:
        """Give a pull request another description. The title has to be said again."""
        title = self._api.read(f"{self._pulls}/{number}").data["title"]
        data = {"title": title, "description": body}
        self._api.write("PUT", f"{self._pulls}/{number}", json=data, repeatable=True)

    def close(self, number: int, body: str) -> None:
        """Change the description and decline: a declined one cannot be changed any more."""
        self.update(number, body)
        try:
            self._api.write("POST", f"{self._pulls}/{number}/decline")
        except LostError:
            if self._api.read(f"{self._pulls}/{number}").data["state"] == "OPEN":
                raise

    def comment(self, number: int, text: str) -> None:
        """Say something; a lost answer is not worth saying it twice."""
        with contextlib.suppress(LostError):
            self._api.write("POST", f"{self._pulls}/{number}/comments", json={"content": {"raw": text}})

    def remove_label(self, number: int, label: str) -> None:
        """Do nothing: there are no labels."""

    def _is_from(self, row: dict[str, Any], branch: str) -> bool:
        source = row["source"]
        name = (source.get("repository") or {}).get("full_name") or ""
        return bool(source["branch"]["name"] == branch and name.lower() == self._path.lower())


def _change(row: dict[str, Any]) -> Change:
    body = row.get("description") or (row.get("summary") or {}).get("raw") or ""
    return Change(row["id"], _STATES[row["state"]], body, row["links"]["html"]["href"])
