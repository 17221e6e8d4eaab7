"""Files beside the Dockerfile: what they override, and that unrelated ones are left alone."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rewriter.analysis.context import Context
from rewriter.analysis.outside import Outside, survey
from rewriter.analysis.yaml_lines import Node, read_documents
from tests.contexts import context_of


def plain(node: Node) -> object:
    if not node.children:
        return node.value
    if all(not child.key for child in node.children):
        return [plain(child) for child in node.children]
    return {child.key: plain(child) for child in node.children}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b\nc: 'd # e' # f\n", {"a": "b", "c": "d # e"}),
        ("a:\n  b: c\n  d:\n    e: f\ng: h\n", {"a": {"b": "c", "d": {"e": "f"}}, "g": "h"}),
        ("a:\n- b\n- c: d\n  e: f\n- - g\n  - h\ni: j\n", {"a": ["b", {"c": "d", "e": "f"}, ["g", "h"]], "i": "j"}),
        ("a:\n  - b\n  -\n    c: d\n", {"a": ["b", {"c": "d"}]}),
        ("a: [b, 'c, d', \"e\"] # x\n", {"a": ["b", "c, d", "e"]}),
        ("a: [b,\n  c]\nd: e\n", {"a": ["b", "c"], "d": "e"}),
        ("a: {b: c, d: {e: f}, g: [h]}\n", {"a": {"b": "c", "d": {"e": "f"}, "g": ["h"]}}),
        ("a: |\n  b\n    c: d\n\n  e\nf: g\n", {"a": "b\n  c: d\n\ne", "f": "g"}),
        ("a: >-\n  b\n  c\nd: e\n", {"a": "b c", "d": "e"}),
        ("- |\n  a\n- b\n", ["a", "b"]),
        ("a: b\n  c d\n", {"a": "b c d"}),
        ('\'a b\': "c \\"d\\""\n', {"a b": 'c "d"'}),
        ("a: 'it''s'\n", {"a": "it's"}),
        ("a: http://b:80/c\n", {"a": "http://b:80/c"}),
        ('{{- if .x }}\na: {{ .b }}\n{{- end }}\nc: "{{ .d }}"\n', {"a": "{{ .b }}", "c": "{{ .d }}"}),
        ("a: !!str &x b\n", {"a": "b"}),
        ("a:\r\n  b: c\r\n", {"a": {"b": "c"}}),
        ("# only\n", None),
    ],
)
def test_yaml_lines(text: str, expected: object) -> None:
    documents = read_documents(text)
    assert (plain(documents[0]) if documents else None) == expected


def test_yaml_lines_numbers_documents_and_anchors() -> None:
    text = "x: &base\n  a: b\n  list: &l [p, q]\ny:\n  <<: *base\n  c: *l\nz: *base\n---\nd: e\n"
    first, second = read_documents(text)
    assert first.text("y", "a") == "b"
    assert [item.value for item in first.items("y", "c")] == ["p", "q"]
    assert first.text("z", "a") == "b"
    found = first.get("y", "c")
    assert found is not None
    assert found.line == 6
    assert second.text("d") == "e"
    assert second.get("x") is None


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 50_000,
        "[" * 50_000 + "]" * 60_000,
        "- " * 50_000,
        "a: &x\n  <<: *x\n  b: *x",
        "".join(" " * n + "a:\n" for n in range(700)),
        "a: '",
        'a: "' + '\\"' * 20_000,
        ": : :",
        "&a &b &c",
        "|",
        "\t\t- a",
    ],
)
def test_broken_yaml_is_no_trouble(text: str) -> None:
    started = time.process_time()
    for document in read_documents(text):
        for node in document.below():
            node.get("a", "b", "c")
    assert time.process_time() - started < 2


def shown(found: Outside) -> list[str]:
    return [
        f"{o.kind.value} {o.name}: {' '.join(o.words)}{' [shell]' if o.shell else ''} {o.evidence.where}".replace(
            ":  ", ": "
        )
        for o in found.overrides
    ]


COMPOSE = """x-common: &common
  init: true
  pid: host
services:
  web:
    <<: *common
    build: ./app
    image: registry.example/team/shop-web:1
    command: sh -c "npm run migrate && npm start"
    entrypoint: ["/entry.sh", "x"]
    user: "1000"
    healthcheck:
      test: curl -f http://localhost/
    volumes:
      - ./app:/srv/app:ro
      - data:/data
      - type: bind
        source: .
        target: /src
  worker:
    build:
      context: app
      dockerfile: Dockerfile
      target: prod
    command:
      - celery
      - -A
      - x
    healthcheck:
      test: ["CMD", "celery", "ping"]
  off:
    build: app
    healthcheck: {test: [NONE]}
  checked:
    build: app
    healthcheck:
      test: ["CMD-SHELL", "wget -q x || exit 1"]
  other:
    build: ./other
    command: sh
  db:
    image: postgres
    command: postgres -c x
  again:
    image: team/shop-web
    command: bash run.sh
"""


def test_compose(tmp_path: Path) -> None:
    context = context_of(tmp_path / "shop", {"docker-compose.yml": COMPOSE})
    found = survey(context, "app", "app/Dockerfile")
    assert found.names == ("shop", "shop-web")
    assert shown(found) == [
        "entrypoint web: /entry.sh x docker-compose.yml:10",
        "command web: npm run migrate && npm start [shell] docker-compose.yml:9",
        "healthcheck web: curl -f http://localhost/ [shell] docker-compose.yml:13",
        "init web: docker-compose.yml:2",
        "shared-pid web: host docker-compose.yml:3",
        "user web: 1000 docker-compose.yml:11",
        "mount web: /srv/app docker-compose.yml:15",
        "mount web: /src docker-compose.yml:17",
        "command worker: celery -A x docker-compose.yml:25",
        "healthcheck worker: celery ping docker-compose.yml:30",
        "target worker: prod docker-compose.yml:24",
        "healthcheck checked: wget -q x || exit 1 [shell] docker-compose.yml:37",
        "command again: bash run.sh [shell] docker-compose.yml:46",
    ]
    assert found.overrides[0].evidence.quote == 'entrypoint: ["/entry.sh", "x"]'


def test_compose_of_another_dockerfile_is_left_alone(tmp_path: Path) -> None:
    files = {
        "deploy/compose.yaml": "services:\n  a:\n    build: {context: .., dockerfile: b.Dockerfile}\n    command: sh\n"
    }
    context = context_of(tmp_path, files)
    assert shown(survey(context, "", "Dockerfile")) == []
    assert shown(survey(context, "", "b.Dockerfile")) == ["command a: sh [shell] deploy/compose.yaml:4"]


def test_an_overlay_of_the_same_folder_counts(tmp_path: Path) -> None:
    files = {
        "a/compose.yml": "services:\n  web:\n    build: .\n  nginx:\n    image: nginx\n    command: sh\n",
        "a/compose.override.yml": "services:\n  web:\n    command: sh\n",
        "b/compose.override.yml": "services:\n  web:\n    command: sh\n",
        "a/README.md": "docker compose exec web bash\ndocker compose exec db bash\ndocker exec x sh\n",
        "b/README.md": "docker compose exec web bash\ndocker exec x sh\n",
    }
    assert shown(survey(context_of(tmp_path, files), "a", "a/Dockerfile")) == [
        "shell web: bash [shell] a/README.md:1",
        "shell : sh [shell] a/README.md:3",
        "command web: sh [shell] a/compose.override.yml:3",
    ]


def test_a_folder_named_as_a_public_image_gives_no_name(tmp_path: Path) -> None:
    files = {"compose.yml": "services:\n  proxy:\n    image: nginx\n    command: sh\n", "nginx/Dockerfile": ""}
    assert survey(context_of(tmp_path, files), "nginx", "nginx/Dockerfile") == Outside((), ())


MANIFEST = """apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      shareProcessNamespace: true
      securityContext:
        runAsUser: 1000
      initContainers:
        - name: migrate
          image: registry.example/shop:2
          command: ["sh", "-c", "python manage.py migrate"]
      containers:
        - name: shop
          image: registry.example/shop@sha256:abc
          args: [serve]
          securityContext: {readOnlyRootFilesystem: true}
          livenessProbe:
            exec:
              command:
                - /bin/grpc_health_probe
                - -addr=:80
          lifecycle:
            preStop:
              exec: {command: ["/bin/sh", "-c", "sleep 5"]}
        - name: proxy
          image: envoy
          command: [envoy]
---
kind: ConfigMap
data:
  image: shop
"""


def test_kubernetes(tmp_path: Path) -> None:
    found = survey(context_of(tmp_path, {"k8s/app.yaml": MANIFEST}), images=("example.org/shop:1",))
    assert shown(found) == [
        "command shop: serve k8s/app.yaml:16",
        "probe shop: /bin/grpc_health_probe -addr=:80 k8s/app.yaml:20",
        "hook shop: sleep 5 [shell] k8s/app.yaml:25",
        "read-only shop: k8s/app.yaml:17",
        "shared-pid pod: k8s/app.yaml:6",
        "user pod: 1000 k8s/app.yaml:8",
        "entrypoint migrate: python manage.py migrate [shell] k8s/app.yaml:12",
    ]


def test_helm(tmp_path: Path) -> None:
    template = (
        "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: {{ .Chart.Name }}\n"
        '          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n'
        "          {{- with .Values.args }}\n          command: [bash, run.sh]\n          {{- end }}\n"
    )
    values = "shop:\n  image:\n    repository: x/shop\n  command: [./shop]\nother:\n  image: y\n  args: [z]\n"
    files = {"chart/templates/app.yaml": template, "chart/values.yaml": values}
    assert shown(survey(context_of(tmp_path, files), images=("shop",))) == [
        "entrypoint {{ .Chart.Name }}: bash run.sh [shell] chart/templates/app.yaml:9",
        "entrypoint shop: ./shop chart/values.yaml:4",
    ]


def test_in_a_repository_of_many_images_a_chart_has_to_name_its_own(tmp_path: Path) -> None:
    template = 'kind: Pod\nspec:\n  containers:\n    - name: x\n      image: "{{ .Values.x }}"\n      args: [y]\n'
    files = {"a/Dockerfile": "", "b/Dockerfile": "", "chart/a.yaml": template, "chart/b.yaml": template}
    assert shown(survey(context_of(tmp_path, files), "a", "a/Dockerfile")) == ["command x: y chart/a.yaml:6"]


WORKFLOW = ".github/workflows/ci.yml"
DEVELOPING = ".devcontainer/devcontainer.json"


@pytest.mark.parametrize(
    ("path", "text", "line", "expected"),
    [
        ("Makefile", "shell:\n\tdocker run -it shop bash\n", 2, "shell shop: bash [shell]"),
        ("Makefile", "\t@docker run --rm shop ls\n", 0, ""),
        ("Makefile", "\tdocker run other bash\n", 0, ""),
        ("README.md", "Run `docker exec -it web /bin/sh`. And.\n", 1, "shell : /bin/sh [shell]"),
        ("run.sh", 'docker run x/shop:1 sh -c "a && b"\n', 1, "shell shop: a && b [shell]"),
        ("notes.txt", "docker exec web sh\n", 0, ""),
        ("Procfile", "web: x\nrelease: manage migrate\n", 2, "release release: manage migrate [shell]"),
        ("fly.toml", '[deploy]\n  release_command = "bin/x y"\n', 2, "release release: bin/x y"),
        ("heroku.yml", "release:\n  command: [x]\n", 1, "release release: [shell]"),
        (WORKFLOW, "jobs:\n  a:\n    container: x/shop:1\n", 3, "job container: [shell]"),
        (WORKFLOW, "jobs:\n  a:\n    container:\n      options: x\n      image: x/shop\n", 5, "job image: [shell]"),
        (".gitlab-ci.yml", "a:\n  image: {name: x/shop}\n", 2, "job image: [shell]"),
        (".gitlab-ci.yml", "a:\n  image: python\n", 0, ""),
        ("Jenkinsfile", "docker.image('shop').inside {\n", 1, "job inside: [shell]"),
        (DEVELOPING, '{"build": {\n"dockerfile": "../Dockerfile"}}', 2, "job devcontainer: [shell]"),
        ("skaffold.yaml", "build:\n  artifacts:\n    - image: shop\n      sync: {infer: ['*']}\n", 4, "sync sync:"),
        ("Tiltfile", "docker_build('shop', '.', live_update=[\n  sync('.', '/app')])", 2, "sync live_update:"),
    ],
)
def test_texts(tmp_path: Path, path: str, text: str, line: int, expected: str) -> None:
    found = survey(context_of(tmp_path, {path: text}), images=("shop",))
    assert shown(found)[-1:] == ([f"{expected} {path}:{line}"] if expected else [])


def test_ignored_files_are_read_too(tmp_path: Path) -> None:
    files = {".dockerignore": "*\n", "compose.yml": "services:\n  a:\n    build: .\n    init: true\n"}
    assert shown(survey(context_of(tmp_path, files))) == ["init a: compose.yml:4"]


def test_nothing_there() -> None:
    assert survey(Context.empty()) == Outside((), ())
