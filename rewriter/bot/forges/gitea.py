"""Gitea and Forgejo: their API, version 1."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from rewriter.bot.api import Api, HttpError, LostError
from rewriter.bot.forge import Change, Proposal
from rewriter.bot.forges.opening import open_once
from rewriter.bot.state import State
from rewriter.bot.status import BotError, Status


class Gitea:
    """A repository on Gitea or Forgejo. Keeps the protocol Forge."""

    body_limit = 1_000_000
    folds = True
    reference = "#"

    def __init__(self, api: Callable[..., Api], path: str) -> None:
        self._api = api()
        self._here = f"/repos/{quote(path)}"

    def obstacle(self) -> Status | None:
        """Return why no pull request can be opened there."""
        data = self._api.read(self._here).data
        if data.get("archived"):
            return Status.ARCHIVED
        if data.get("has_pull_requests") is False:
            return Status.NO_CHANGES
        return Status.READ_ONLY if (data.get("permissions") or {}).get("push") is False else None

    def find_changes(self, branch: str) -> tuple[Change, ...]:
        """Return the pull requests from a branch, newest first. The list has no filter for it."""
        rows = [row for page in self._list() for row in page if _is_from(row, branch)]
        return tuple(map(_change, sorted(rows, key=lambda row: -row["number"])))

    def open(self, proposal: Proposal) -> Change:
        """Open a pull request; Gitea knows a draft by its title."""
        data: dict[str, object] = {
            "title": f"WIP: {proposal.title}" if proposal.draft else proposal.title,
            "head": proposal.branch,
            "base": proposal.base,
            "body": proposal.body,
        }
        if proposal.labels:
            data["labels"] = self._label_ids(proposal.labels)
        change = open_once(
            lambda: _change(self._api.write("POST", f"{self._here}/pulls", json=data).data),
            lambda: self.find_changes(proposal.branch),
            self._api,
            is_duplicate=lambda error: error.code == 409,
            is_lag=lambda error: error.code == 404 and "branch" in error.said.lower(),
        )
        if proposal.reviewers:
            path = f"{self._here}/pulls/{change.number}/requested_reviewers"
            with contextlib.suppress(BotError):
                self._api.write("POST", path, json={"reviewers": list(proposal.reviewers)}, repeatable=True)
        return change

    def update(self, number: int, body: str) -> None:
        """Give a pull request another body."""
        self._patch(number, body=body)

    def close(self, number: int, body: str) -> None:
        """Close a pull request and change its body, in one step."""
        self._patch(number, body=body, state="closed")

    def comment(self, number: int, text: str) -> None:
        """Say something; a lost answer is not worth saying it twice."""
        with contextlib.suppress(LostError):
            self._api.write("POST", f"{self._here}/issues/{number}/comments", json={"body": text})

    def remove_label(self, number: int, label: str) -> None:
        """Take a label off."""
        for known in self._label_ids((label,)):
            try:
                self._api.write("DELETE", f"{self._here}/issues/{number}/labels/{known}", repeatable=True)
            except HttpError as error:
                if error.code not in (404, 422):
                    raise

    def _list(self) -> Iterator[Any]:
        return self._api.pages(f"{self._here}/pulls", {"state": "all", "sort": "recentupdate", "limit": 50})

    def _label_ids(self, names: tuple[str, ...]) -> list[int]:
        """Return the numbers of the labels that exist; there are none by name here."""
        pages = self._api.pages(f"{self._here}/labels", {"limit": 50})
        return [label["id"] for page in pages for label in page if label["name"] in names]

    def _patch(self, number: int, **data: str) -> None:
        self._api.write("PATCH", f"{self._here}/pulls/{number}", json=data, repeatable=True)


def _is_from(row: dict[str, Any], branch: str) -> bool:
    head, base = row["head"], row["base"]
    return bool(head["ref"] == branch and head.get("repo_id") == base.get("repo_id"))


def _change(row: dict[str, Any]) -> Change:
    state = State.MERGED if row.get("merged") else State.OPEN if row["state"] == "open" else State.CLOSED
    labels = tuple(label["name"] for label in row.get("labels") or ())
    return Change(row["number"], state, row.get("body") or "", row["html_url"], labels)
