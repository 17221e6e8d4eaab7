"""Forges on loopback with a state: real servers with real git behind them, and faults on demand.

One list of pull requests is shown in the words of GitHub, GitLab, Gitea or Bitbucket. What a forge refuses, these do:
a second pull request for a branch, a branch it does not have, a body that is too long, a request without a token. A
`judge` sees every request first; what it says is kept in `complaints`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.bot.hosting import TOKEN, Answer, Asked, git_answer, serve
from tests.bot.people import head_of

Json = dict[str, Any]
Judge = Callable[[str, str, Json, Any], list[str]]


@dataclass
class Fault:
    """Something that goes wrong `times` times, at requests of a method whose path ends like that.

    `after`: the request takes effect first.
    """

    method: str
    path: str
    answer: Answer
    after: bool = False
    times: int = 1


@dataclass
class Host:
    """A forge with one repository, `ann/shop`."""

    kind: str
    root: Path
    pulls: list[Json] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    requests: list[Asked] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    settings: Json = field(default_factory=dict)
    judge: Judge | None = None
    lag: int = 0
    per_page: int = 100
    origin: str = ""

    @property
    def bare(self) -> Path:
        return self.root / "ann" / "shop.git"

    @property
    def writes(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.requests if asked.method != "GET"]

    @property
    def api(self) -> str:
        paths = {"github": "/api/v3", "gitlab": "/api/v4", "gitea": "/api/v1", "bitbucket": "/2.0"}
        return self.origin + paths[self.kind]

    def only(self) -> Json:
        (pull,) = self.pulls
        return pull

    def answer(self, asked: Asked) -> Answer:
        if asked.path.startswith("/ann/shop.git/"):
            return git_answer(asked, self.root)
        self.requests.append(asked)
        path = asked.path.removeprefix(self.api.removeprefix(self.origin))
        query = {name: values if len(values) > 1 else values[0] for name, values in parse_qs(asked.query).items()}
        body = json.loads(asked.body) if asked.body else None
        if self.judge is not None and (wrong := self.judge(asked.method, path, query, body)):
            self.complaints += wrong
            return _say(422, {"message": wrong[0]})
        scheme = {"gitea": "token"}.get(self.kind, "Bearer")
        if asked.headers.get("Authorization") != f"{scheme} {TOKEN}":
            return _say(401, {"message": "Bad credentials"})
        fault = next((f for f in self.faults if f.times and f.method == asked.method and path.endswith(f.path)), None)
        if fault is not None:
            fault.times -= 1
            if not fault.after:
                return fault.answer
        given = DIALECTS[self.kind](self, asked.method, path, query, body)
        return fault.answer if fault is not None else given

    def create(self, title: str, body: str, head: str, base: str, **more: Any) -> Json | None:
        """Add a pull request; None where there is one. Raises LookupError without such a branch."""
        if not head_of(self.bare, head) or not head_of(self.bare, base):
            raise LookupError(head)
        if any(pull["head"] == head and pull["state"] == "open" for pull in self.pulls):
            return None
        number = len(self.pulls) + 1
        pull = {"number": number, "title": title, "body": body, "state": "open", "head": head, "base": base}
        self.pulls.append({**pull, "labels": [], "fork": False, **more})
        return self.pulls[-1]

    def listed(self, query: Json, size: str) -> tuple[list[Json], bool]:
        """Return a page of the list, newest first, and whether there is another; what is new lags behind."""
        rows = list(reversed(self.pulls))
        if self.lag and rows:
            self.lag -= 1
            rows = rows[1:]
        page, length = int(query.get("page", 1)), min(int(query.get(size, self.per_page)), self.per_page)
        return rows[(page - 1) * length : page * length], page * length < len(rows)


@contextmanager
def hosted(kind: str, root: Path) -> Iterator[Host]:
    """Serve a forge of a kind over the bare repositories below a folder."""
    host = Host(kind, root)
    with serve(host.answer) as origin:
        host.origin = origin
        yield host


def _say(status: int, data: object, **headers: str) -> Answer:
    body = b"" if data is None else json.dumps(data).encode()
    return Answer(status, body, {"Content-Type": "application/json; charset=utf-8", **headers})


def _next(host: Host, path: str, query: Json) -> dict[str, str]:
    words = "&".join(f"{name}={value}" for name, value in {**query, "page": int(query.get("page", 1)) + 1}.items())
    return {"Link": f'<{host.api}{path}?{words}>; rel="next", <{host.api}{path}>; rel="first"'}


def _github(host: Host, method: str, path: str, query: Json, body: Any) -> Answer:  # noqa: C901, PLR0912 (a route a case)
    def shown(pull: Json) -> Json:
        name = "other/shop" if pull["fork"] else "ann/shop"
        return {
            "number": pull["number"],
            "state": "open" if pull["state"] == "open" else "closed",
            "merged_at": "2024-01-01T00:00:00Z" if pull["state"] == "merged" else None,
            "title": pull["title"],
            "body": pull["body"],
            "html_url": f"{host.origin}/ann/shop/pull/{pull['number']}",
            "labels": [{"name": name} for name in pull["labels"]],
            "head": {"ref": pull["head"], "repo": {"full_name": name}},
        }

    match method, path.split("/")[4:]:
        case "GET", []:
            return _say(200, {"archived": False, "permissions": {"push": True}, **host.settings})
        case "GET", ["pulls"]:
            owner, _, branch = query["head"].partition(":")
            rows, more = host.listed(query, "per_page")
            found = [shown(row) for row in rows if row["head"] == branch and owner == "ann"]
            return _say(200, found, **(_next(host, path, query) if more else {}))
        case "POST", ["pulls"]:
            wrong: Json = {"message": "Validation Failed", "errors": []}
            if len(body["body"]) > 65536:
                wrong["errors"] = [{"field": "body", "message": "body is too long (maximum is 65536 characters)"}]
                return _say(422, wrong)
            try:
                made = host.create(body["title"], body["body"], body["head"], body["base"], draft=body["draft"])
            except LookupError:
                return _say(422, {**wrong, "errors": [{"resource": "PullRequest", "field": "head", "code": "invalid"}]})
            if made is None:
                told = f"A pull request already exists for ann:{body['head']}."
                return _say(422, {**wrong, "errors": [{"resource": "PullRequest", "code": "custom", "message": told}]})
            return _say(201, shown(made))
        case "PATCH", ["pulls", number]:
            pull = host.pulls[int(number) - 1]
            pull.update({name: value for name, value in body.items() if name in ("title", "body", "state")})
            return _say(200, shown(pull))
        case "POST", ["issues", _, "comments"]:
            host.comments.append(body["body"])
            return _say(201, {})
        case "POST", ["issues", number, "labels"]:
            host.pulls[int(number) - 1]["labels"] += body["labels"]
            return _say(200, [])
        case "DELETE", ["issues", number, "labels", label]:
            labels = host.pulls[int(number) - 1]["labels"]
            if unquote(label) not in labels:
                return _say(404, {"message": "Label does not exist"})
            labels.remove(unquote(label))
            return _say(200, [])
        case "POST", ["pulls", number, "requested_reviewers"]:
            host.pulls[int(number) - 1]["reviewers"] = body["reviewers"]
            return _say(201, {})
        case _:
            pass
    return _say(404, {"message": "Not Found"})


def _gitlab(host: Host, method: str, path: str, query: Json, body: Any) -> Answer:
    def shown(pull: Json) -> Json:
        return {
            "iid": pull["number"],
            "state": {"open": "opened"}.get(pull["state"], pull["state"]),
            "title": pull["title"],
            "description": pull["body"],
            "web_url": f"{host.origin}/ann/shop/-/merge_requests/{pull['number']}",
            "labels": pull["labels"],
            "source_project_id": 2 if pull["fork"] else 1,
            "target_project_id": 1,
        }

    match method, path.split("/")[3:]:
        case "GET", []:
            return _say(
                200, {"archived": False, "permissions": {"project_access": {"access_level": 30}}, **host.settings}
            )
        case "GET", ["merge_requests"]:
            rows, more = host.listed(query, "per_page")
            found = [shown(row) for row in rows if row["head"] == query["source_branch"]]
            return _say(200, found, **(_next(host, path, query) if more else {}))
        case "POST", ["merge_requests"]:
            labels = [name for name in body.get("labels", "").split(",") if name]
            try:
                made = host.create(
                    body["title"], body["description"], body["source_branch"], body["target_branch"], labels=labels
                )
            except LookupError:
                return _say(400, {"message": {"source_branch": ["does not exist"]}})
            if made is None:
                return _say(409, {"message": ["Another open merge request already exists for this source branch: !1"]})
            return _say(201, shown(made))
        case "PUT", ["merge_requests", number]:
            pull = host.pulls[int(number) - 1]
            pull["body"] = body.get("description", pull["body"])
            pull["labels"] = [name for name in pull["labels"] if name != body.get("remove_labels")]
            pull["state"] = "closed" if body.get("state_event") == "close" else pull["state"]
            return _say(200, shown(pull))
        case "POST", ["merge_requests", _, "notes"]:
            host.comments.append(body["body"])
            return _say(201, {})
        case _:
            pass
    return _say(404, {"message": "404 Not Found"})


def _gitea(host: Host, method: str, path: str, query: Json, body: Any) -> Answer:  # noqa: C901 (a route a case)
    names = ["dfmod", "dfmod:rebase", "other"]

    def shown(pull: Json) -> Json:
        return {
            "number": pull["number"],
            "state": "open" if pull["state"] == "open" else "closed",
            "merged": pull["state"] == "merged",
            "title": pull["title"],
            "body": pull["body"],
            "html_url": f"{host.origin}/ann/shop/pulls/{pull['number']}",
            "labels": [{"id": names.index(name) + 1, "name": name} for name in pull["labels"]],
            "head": {"ref": pull["head"], "repo_id": 2 if pull["fork"] else 1},
            "base": {"repo_id": 1},
        }

    match method, path.split("/")[4:]:
        case "GET", []:
            return _say(200, {"archived": False, "permissions": {"push": True}, **host.settings})
        case "GET", ["pulls"]:
            rows, more = host.listed(query, "limit")
            return _say(200, [shown(row) for row in rows], **(_next(host, path, query) if more else {}))
        case "GET", ["labels"]:
            return _say(200, [{"id": at, "name": name} for at, name in enumerate(names, 1)])
        case "POST", ["pulls"]:
            labels = [names[at - 1] for at in body.get("labels", ())]
            try:
                made = host.create(body["title"], body["body"], body["head"], body["base"], labels=labels)
            except LookupError:
                return _say(404, {"message": "head branch not found"})
            if made is None:
                return _say(409, {"message": "pull request already exists for these targets"})
            return _say(201, shown(made))
        case "PATCH", ["pulls", number]:
            pull = host.pulls[int(number) - 1]
            pull.update({name: value for name, value in body.items() if name in ("title", "body", "state")})
            return _say(201, shown(pull))
        case "POST", ["issues", _, "comments"]:
            host.comments.append(body["body"])
            return _say(201, {})
        case "DELETE", ["issues", number, "labels", label]:
            host.pulls[int(number) - 1]["labels"].remove(names[int(label) - 1])
            return _say(204, None)
        case "POST", ["pulls", number, "requested_reviewers"]:
            host.pulls[int(number) - 1]["reviewers"] = body["reviewers"]
            return _say(201, [])
        case _:
            pass
    return _say(404, {"message": "Not Found"})


def _bitbucket(host: Host, method: str, path: str, query: Json, body: Any) -> Answer:
    def shown(pull: Json) -> Json:
        states = {"open": "OPEN", "closed": "DECLINED", "merged": "MERGED"}
        return {
            "id": pull["number"],
            "state": states[pull["state"]],
            "title": pull["title"],
            "description": pull["body"],
            "links": {"html": {"href": f"{host.origin}/ann/shop/pull-requests/{pull['number']}"}},
            "source": {
                "branch": {"name": pull["head"]},
                "repository": {"full_name": "other/shop" if pull["fork"] else "ann/shop"},
            },
        }

    match method, path.split("/")[4:]:
        case "GET", ["pullrequests"]:
            found = re.fullmatch('source.branch.name = "(.*)"', query["q"])
            assert found
            rows, more = host.listed(query, "pagelen")
            values = [shown(row) for row in rows if row["head"] == found[1]]
            following = (
                {"next": f"{host.api}{path}?q={query['q']}&page={int(query.get('page', 1)) + 1}"} if more else {}
            )
            return _say(200, {"values": values, **following})
        case "GET", ["pullrequests", number]:
            return _say(200, shown(host.pulls[int(number) - 1]))
        case "POST", ["pullrequests"]:
            branches = body["source"]["branch"]["name"], body["destination"]["branch"]["name"]
            made = host.create(body["title"], body["description"], *branches)
            return _say(409, {"error": {"message": "exists"}}) if made is None else _say(201, shown(made))
        case "PUT", ["pullrequests", number]:
            pull = host.pulls[int(number) - 1]
            if pull["state"] != "open" or not body.get("title"):
                return _say(400, {"error": {"message": "title is required, and only an open one can be changed"}})
            pull.update(title=body["title"], body=body["description"])
            return _say(200, shown(pull))
        case "POST", ["pullrequests", number, "decline"]:
            host.pulls[int(number) - 1]["state"] = "closed"
            return _say(200, shown(host.pulls[int(number) - 1]))
        case "POST", ["pullrequests", _, "comments"]:
            host.comments.append(body["content"]["raw"])
            return _say(201, {})
        case _:
            pass
    return _say(404, {"error": {"message": "Not found"}})


DIALECTS: dict[str, Callable[[Host, str, str, Json, Any], Answer]] = {
    "github": _github,
    "gitlab": _gitlab,
    "gitea": _gitea,
    "bitbucket": _bitbucket,
}
