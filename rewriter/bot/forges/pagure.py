"""Pagure: its API, version 0, which takes forms.

A second pull request for the same branch is not refused here, so the look-up comes first, always.
"""

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

_STATES = {"Open": State.OPEN, "Merged": State.MERGED, "Closed": State.CLOSED}


class Pagure:
    """A project on Pagure. Keeps the protocol Forge."""

    body_limit = 60_000
    folds = False
    reference = "PR#"

    def __init__(self, api: Callable[..., Api], path: str) -> None:
        self._api = api()
        self._path = path
        self._here = f"/{quote(path)}"

    def obstacle(self) -> Status | None:
        """Return nothing: what stands in the way is not said beforehand."""
        return None

    def find_changes(self, branch: str) -> tuple[Change, ...]:
        """Return the pull requests from a branch, newest first."""
        rows: list[dict[str, Any]] = []
        page, pages = 1, 1
        while page <= pages:
            query: Params = {"status": "all", "per_page": 100, "page": page}
            data = self._api.read(f"{self._here}/pull-requests", query).data
            rows += [row for row in data["requests"] if self._is_from(row, branch)]
            page, pages = page + 1, (data.get("pagination") or {}).get("pages", 1)
        return tuple(map(_change, sorted(rows, key=lambda row: -row["id"])))

    def open(self, proposal: Proposal) -> Change:
        """Open a pull request."""
        form = {
            "title": proposal.title,
            "branch_from": proposal.branch,
            "branch_to": proposal.base,
            "initial_comment": proposal.body,
        }
        return open_once(
            lambda: _change(self._api.write("POST", f"{self._here}/pull-request/new", form=form).data),
            lambda: self.find_changes(proposal.branch),
            self._api,
            is_duplicate=lambda error: error.code == 409,
        )

    def update(self, number: int, body: str) -> None:
        """Give a pull request another first comment. The title has to be said again."""
        title = self._api.read(f"{self._here}/pull-request/{number}").data["title"]
        self._post(f"pull-request/{number}", title=title, initial_comment=body)

    def close(self, number: int, body: str) -> None:
        """Close a pull request, then mark it: marked and open it would pass for opened again by a person."""
        self._post(f"pull-request/{number}/close")
        self.update(number, body)

    def comment(self, number: int, text: str) -> None:
        """Say something; a lost answer is not worth saying it twice."""
        with contextlib.suppress(LostError):
            self._api.write("POST", f"{self._here}/pull-request/{number}/comment", form={"comment": text})

    def remove_label(self, number: int, label: str) -> None:
        """Do nothing: tags are the project's own."""

    def _post(self, path: str, **form: str) -> None:
        self._api.write("POST", f"{self._here}/{path}", form=form, repeatable=True)

    def _is_from(self, row: dict[str, Any], branch: str) -> bool:
        source = row.get("repo_from") or {}
        return bool(row["branch_from"] == branch and source.get("fullname") == self._path and not row["remote_git"])


def _change(row: dict[str, Any]) -> Change:
    return Change(row["id"], _STATES[row["status"]], row.get("initial_comment") or "", row.get("full_url") or "")
