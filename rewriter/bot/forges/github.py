"""GitHub, and GitHub Enterprise Server: the REST API of 2022-11-28."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from rewriter.bot.api import Api, HttpError, LostError
from rewriter.bot.forge import Change, Proposal
from rewriter.bot.forges.opening import open_once
from rewriter.bot.state import State
from rewriter.bot.status import BotError, Status


class GitHub:
    """A repository on GitHub. Keeps the protocol Forge."""

    # The limit is 65,536; what the interface adds when it is edited must fit, too.
    body_limit = 58_000
    folds = True
    reference = "#"

    def __init__(self, api: Callable[..., Api], path: str) -> None:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        self._api = api(**headers)
        self._path = path
        self._here = f"/repos/{quote(path)}"

    def obstacle(self) -> Status | None:
        """Return why no pull request can be opened there."""
        data = self._api.read(self._here).data
        if data.get("archived") or data.get("disabled"):
            return Status.ARCHIVED
        if data.get("has_pull_requests") is False:
            return Status.NO_CHANGES
        return Status.READ_ONLY if (data.get("permissions") or {}).get("push") is False else None

    def find_changes(self, branch: str) -> tuple[Change, ...]:
        """Return the pull requests from a branch, newest first."""
        head = f"{self._path.partition('/')[0]}:{branch}"
        pages = self._api.pages(f"{self._here}/pulls", {"state": "all", "head": head, "per_page": 100})
        rows = [row for page in pages for row in page if self._is_from(row, branch)]
        return tuple(map(_change, sorted(rows, key=lambda row: -row["number"])))

    def open(self, proposal: Proposal) -> Change:
        """Open a pull request, with its labels and reviewers."""
        change = open_once(
            lambda: self._send(proposal, draft=proposal.draft),
            lambda: self.find_changes(proposal.branch),
            self._api,
            is_duplicate=lambda error: error.code == 422 and "already exists" in error.said,
            is_lag=lambda error: error.code == 422 and _names_head(error.said),
        )
        with contextlib.suppress(BotError):
            self._extras(change.number, proposal)
        return change

    def update(self, number: int, body: str) -> None:
        """Give a pull request another body."""
        self._api.write("PATCH", f"{self._here}/pulls/{number}", json={"body": body}, repeatable=True)

    def close(self, number: int, body: str) -> None:
        """Close a pull request and change its body, in one step."""
        data = {"body": body, "state": "closed"}
        self._api.write("PATCH", f"{self._here}/pulls/{number}", json=data, repeatable=True)

    def comment(self, number: int, text: str) -> None:
        """Say something; a lost answer is not worth saying it twice."""
        with contextlib.suppress(LostError):
            self._api.write("POST", f"{self._here}/issues/{number}/comments", json={"body": text})

    def remove_label(self, number: int, label: str) -> None:
        """Take a label off."""
        try:
            self._api.write("DELETE", f"{self._here}/issues/{number}/labels/{quote(label, safe='')}", repeatable=True)
        except HttpError as error:
            if error.code != 404:
                raise

    def _send(self, proposal: Proposal, *, draft: bool) -> Change:
        data = {"title": proposal.title, "head": proposal.branch, "base": proposal.base, "body": proposal.body}
        try:
            return _change(self._api.write("POST", f"{self._here}/pulls", json={**data, "draft": draft}).data)
        except HttpError as error:
            if draft and error.code == 422 and "draft" in error.said.lower():
                return self._send(proposal, draft=False)
            raise

    def _extras(self, number: int, proposal: Proposal) -> None:
        if proposal.labels:
            path = f"{self._here}/issues/{number}/labels"
            self._api.write("POST", path, json={"labels": list(proposal.labels)}, repeatable=True)
        if proposal.reviewers:
            path = f"{self._here}/pulls/{number}/requested_reviewers"
            self._api.write("POST", path, json={"reviewers": list(proposal.reviewers)}, repeatable=True)

    def _is_from(self, row: dict[str, Any], branch: str) -> bool:
        """Return whether a row is from this very repository: a fork can have a branch of the same name."""
        head = row["head"]
        return head["ref"] == branch and ((head.get("repo") or {}).get("full_name") or "").lower() == self._path.lower()


def _change(row: dict[str, Any]) -> Change:
    state = State.MERGED if row.get("merged_at") else State.OPEN if row["state"] == "open" else State.CLOSED
    labels = tuple(label["name"] for label in row.get("labels", ()))
    return Change(row["number"], state, row.get("body") or "", row["html_url"], labels)


def _names_head(said: str) -> bool:
    return '"field":"head"' in said.replace(" ", "") and "invalid" in said
