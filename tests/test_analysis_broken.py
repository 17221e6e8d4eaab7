"""Every reader of the context, on files no one would write: nothing raises, and what is quoted is there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.analysis import (
    go_source,
    java_project,
    java_source,
    node_project,
    node_source,
    outside,
    python_project,
    python_source,
)
from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.script import read_script
from tests.contexts import fill

NAMES = (
    ".dockerignore .github/workflows/ci.yml app.py build.gradle compose.yml fly.toml go.mod main.go main.js Main.java "
    "Makefile package-lock.json package.json Pipfile pom.xml pyproject.toml README.md requirements.txt run.sh setup.cfg"
).split()
PIECES = (
    "\" ' ` ( ) { } [ ] /* // # \n \r\n \0 \t ${ $ : = , ; - | > \\ <a> </a> & * ! ** ? -> == 1 x import from "
    'const def package main require("child_process") promisify subprocess os.system( os.getppid() exec.Command( '
    '//go:build "scripts": "start": docker exec sh services: build: command: image: id version <plugin> ${x} '
    "-r [project] \xff"
).split(" ")
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40).map(lambda pieces: " ".join(pieces).encode("latin-1"))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), TEXTS, min_size=1, max_size=8), st.sampled_from(("", "a/")))
def test_no_reader_raises_and_all_evidence_can_be_found(files: dict[str, bytes], where: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        context = Context.open(fill(Path(folder), {where + name: data for name, data in files.items()}))
        here = context.unfiltered()
        for place in places(context, where.rstrip("/")):
            path, _, line = place.where.partition(":")
            assert here.is_file(path)
            assert 1 <= int(line or 1) <= len((here.text(path) or "").split("\n"))


def places(context: Context, folder: str) -> Iterator[Evidence]:
    surveys = [python_source.survey(context), node_source.survey(context), java_source.survey(context)]
    for survey in (*surveys, go_source.survey(context).code):
        yield from (item.evidence for item in survey.found)
        yield from (item.evidence for item in survey.spawns)
    for override in outside.survey(context, folder, f"{folder}/Dockerfile".lstrip("/")).overrides:
        yield override.evidence
    project = python_project.read_project(context, folder)
    yield from (item.evidence for item in (*project.dependencies, *project.locked))
    yield from (item.evidence for item in project.commands)
    jar = java_project.read_project(context, folder)
    yield from jar.evidence if jar else ()
    command = node_project.resolve_command(context, folder, ("npm", "start"))
    yield from command.evidence
    yield from (script.evidence for path in context.walk() if (script := read_script(context, path)))
