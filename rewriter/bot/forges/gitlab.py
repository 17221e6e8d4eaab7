"""GitLab: merge requests of the REST API, version 4."""

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

_STATES = {"opened": State.OPEN, "locked": State.OPEN, "closed": State.CLOSED, "merged": State.MERGED}
_DEVELOPER = 30


class GitLab:
    """A project on GitLab. Keeps the protocol Forge."""

    body_limit = 1_000_000
    folds = True
    reference = "!"

    def __init__(self, api: Callable[..., Api], path: str) -> None:
        self._api = api()
        self._here = f"/projects/{quote(path, safe='')}"

    def obstacle(self) -> Status | None:
        """Return why no merge request can be opened there."""
        data = self._api.read(self._here).data
        if data.get("archived"):
            return Status.ARCHIVED
        if data.get("merge_requests_access_level") == "disabled" or data.get("merge_requests_enabled") is False:
            return Status.NO_CHANGES
        rights = data.get("permissions") or {}
        levels = [right["access_level"] for right in rights.values() if right]
        return Status.READ_ONLY if levels and max(levels) < _DEVELOPER else None

    def find_changes(self, branch: str) -> tuple[Change, ...]:
        """Return the merge requests from a branch, newest first."""
        query: Params = {"source_branch": branch, "state": "all", "per_page": 100}
        pages = self._api.pages(f"{self._here}/merge_requests", query)
        rows = [row for page in pages for row in page if row["source_project_id"] == row["target_project_id"]]
        return tuple(map(_change, sorted(rows, key=lambda row: -row["iid"])))

    def open(self, proposal: Proposal) -> Change:
        """Open a merge request; GitLab knows a draft by its title, and takes labels only whole."""
        data: dict[str, object] = {
            "source_branch": proposal.branch,
            "target_branch": proposal.base,
            "title": f"Draft: {proposal.title}" if proposal.draft else proposal.title,
            "description": proposal.body,
        }
        if proposal.labels:
            data["labels"] = ",".join(proposal.labels)
        return open_once(
            lambda: _change(self._api.write("POST", f"{self._here}/merge_requests", json=data).data),
            lambda: self.find_changes(proposal.branch),
            self._api,
            is_duplicate=lambda error: error.code == 409,
            is_lag=lambda error: error.code == 400 and "source_branch" in error.said,
        )

    def update(self, number: int, body: str) -> None:
        """Give a merge request another description."""
        self._put(number, description=body)

    def close(self, number: int, body: str) -> None:
        """Close a merge request and change its description, in one step."""
        self._put(number, description=body, state_event="close")

    def comment(self, number: int, text: str) -> None:
        """Say something; a lost answer is not worth saying it twice."""
        with contextlib.suppress(LostError):
            self._api.write("POST", f"{self._here}/merge_requests/{number}/notes", json={"body": text})

    def remove_label(self, number: int, label: str) -> None:
        """Take a label off."""
        self._put(number, remove_labels=label)

    def _put(self, number: int, **data: str) -> None:
        self._api.write("PUT", f"{self._here}/merge_requests/{number}", json=data, repeatable=True)


def _change(row: dict[str, Any]) -> Change:
    labels = tuple(row.get("labels", ()))
    return Change(row["iid"], _STATES[row["state"]], row.get("description") or "", row["web_url"], labels)
