"""Which places a stage writes, or why that cannot be told: rows of (lines below FROM, expected)."""

from __future__ import annotations

import pytest

from rewriter.analysis.written import Untold, written
from rewriter.images.catalog import lookup
from rewriter.semantics.build import Build
from rewriter.semantics.resolve import resolve
from rewriter.syntax.scanner import parse

TOLD = (
    ("WORKDIR /app\nCOPY . .\nRUN npm ci", "/app"),
    ("COPY target/app.jar /app.jar", "/app.jar"),
    ("COPY app.jar /opt/", "/opt/app.jar"),
    ("WORKDIR /app\nCOPY --chown=node:node . .", "/app mixed"),
    ("COPY --chown=node:node src /app", "/app node:node"),
    ("WORKDIR /app\nRUN chown node:node .\nUSER node\nCOPY --chown=node:node . .", "/app node:node"),
    ("WORKDIR /app\nCOPY . .\nRUN chown node:node /app", "/app mixed"),
    ("RUN mkdir /app && chown node:node /app\nCOPY --chown=node:node . /app", "/app node:node"),
    ("WORKDIR /app\nCOPY . .\nRUN chown -R node:node /app", "/app node:node"),
    ("WORKDIR /app\nRUN mkdir -p /data && npm ci", "/app /data"),
    ("WORKDIR /app\nRUN npm install -g npm && npm run build && rm -rf src", "/app"),
    ("WORKDIR /app\nRUN apt-get update && apt-get install -y make", "/app"),
    ("WORKDIR /app\nRUN curl -o agent.jar https://example.com/agent.jar", "/app"),
)
UNTOLD = (
    "COPY . .",
    "COPY ca.crt /usr/local/share/ca-certificates/",
    "COPY tool /usr/local/bin/tool",
    "RUN keytool -importcert -file ca.crt",
    "RUN ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime",
    "RUN curl -sL https://example.com/setup | bash -",
    "WORKDIR /app\nRUN npm install -g nodemon",
    "WORKDIR /app\nRUN chmod 777 /app",
    "WORKDIR /app\nRUN apt-get install -y libpq-dev",
    "RUN echo 1 > /etc/answer",
)


@pytest.mark.parametrize(("lines", "expected"), TOLD)
def test_what_is_written_is_told(lines: str, expected: str) -> None:
    build = resolve(parse(f"FROM node:22\n{lines}\n"), lookup)
    assert isinstance(build, Build)
    found = written(build.target, lambda _, name: name == "make")
    assert not isinstance(found, Untold), found
    shown = (f"{one.path} {one.owner if one.whole else 'mixed'}".strip() for one in found.places)
    assert " ".join(shown) == expected


@pytest.mark.parametrize("lines", UNTOLD)
def test_what_is_not_understood_is_not_told(lines: str) -> None:
    build = resolve(parse(f"FROM node:22\n{lines}\n"), lookup)
    assert isinstance(build, Build)
    assert isinstance(written(build.target, lambda _, name: name == "make"), Untold)
