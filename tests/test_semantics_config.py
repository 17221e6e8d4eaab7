"""Every row of `conformance/config.jsonl`: the image configuration BuildKit makes of a Dockerfile and its bases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rewriter.images.model import (
    Command,
    Exec,
    Healthcheck,
    ImageConfig,
    ImageRef,
    KnownImage,
    Pairs,
    Shell,
    Unknown,
    argv,
)
from rewriter.images.reference import parse_reference
from rewriter.semantics.build import Build, CopyStep, Resolved, RunStep
from rewriter.semantics.resolve import images_of, resolve
from rewriter.syntax.document import Problem
from rewriter.syntax.scanner import parse

Row = dict[str, Any]

ROWS: list[Row] = [
    json.loads(line)
    for line in (Path(__file__).parent / "conformance" / "config.jsonl").read_text("utf-8").splitlines()
]

UPPER_CASE = 'failed to parse stage name "{}": invalid reference format: repository name must be lowercase'
# Messages are compared as well, so that a user can search for what we print. These are shorter than BuildKit's.
OWN_WORDS = {
    "from/platform-bad": "failed to parse platform linux/a/b/c/d: invalid argument",
    "from/uppercase-image": UPPER_CASE.format("Base"),
    "from/stage-name-case-upper-reference": UPPER_CASE.format("BUILD"),
    "healthcheck/no-unit": 'time: invalid duration "5"',
    "misc/empty-file": "file with no instructions",
}


def row_id(row: Row) -> str:
    return "@".join(str(row[key]) for key in ("name", "since") if key in row)


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_row(row: Row) -> None:
    found = resolved(row)
    if "error" in row:
        assert isinstance(found, Problem)
        assert found.message == OWN_WORDS.get(row["name"], row["error"])
        assert found.line == row.get("error_line", found.line)
        return
    assert isinstance(found, Build)
    config = found.target.config
    assert as_json(config) == row["config"]
    assert config.author == row.get("author")
    assert list(images_of(found)) == row["resolves"]
    if "run" in row:
        assert list(runs(found)) == row["run"]
    if "files" in row:
        assert sorted(files(found).items()) == [(file["path"], file["content"]) for file in row["files"]]


def resolved(row: Row) -> Resolved:
    images = {key(name): known(name, config) for name, config in row["images"].items()}

    def lookup(ref: ImageRef) -> KnownImage | Unknown:
        return images.get(key(ref.written)) or Unknown(ref.written, "not among the images of this row")

    options = {"target": row.get("target"), "args": row.get("args", {}), "platform": row.get("platform", "linux/amd64")}
    return resolve(parse(row["dockerfile"]), lookup, **options)


def key(name: str) -> tuple[object, ...]:
    ref = parse_reference(name)
    assert ref, name
    return ref.registry, ref.repository, ref.tag or "latest", ref.digest


def known(name: str, config: Row) -> KnownImage:
    ref = parse_reference(name)
    assert ref, name
    return KnownImage(ref, from_json(config), "base", None, None, None, None, has_shell=True)


def from_json(config: Row) -> ImageConfig:
    entries = (entry.partition("=") for entry in config.get("Env", ()))
    return ImageConfig(
        user=config.get("User"),
        workdir=config.get("WorkingDir"),
        env=tuple((name, value) for name, _, value in entries),
        entrypoint=listed(config.get("Entrypoint")),
        cmd=listed(config.get("Cmd")),
        shell=tuple(config["Shell"]) if "Shell" in config else None,
        ports=tuple(config.get("ExposedPorts", ())),
        volumes=tuple(config.get("Volumes", ())),
        labels=tuple(config.get("Labels", {}).items()),
        stopsignal=config.get("StopSignal"),
        healthcheck=check_from_json(config["Healthcheck"]) if "Healthcheck" in config else None,
        onbuild=tuple(config.get("OnBuild", ())),
    )


def listed(words: list[str] | None) -> Command | None:
    return Exec(tuple(words)) if words else None


def check_from_json(check: Row) -> Healthcheck:
    kind, *words = check["Test"]
    command = Shell(words[0]) if kind == "CMD-SHELL" else Exec(tuple(words))
    return Healthcheck(kind, command, interval=check.get("Interval", 0), retries=check.get("Retries", 0))


def as_json(config: ImageConfig) -> Row:
    """The configuration in the form of the rows; what is not set is absent."""
    values = {
        "User": config.user,
        "ExposedPorts": list(config.ports),
        "Env": [f"{name}={value}" for name, value in config.env],
        "Entrypoint": list(argv(config.entrypoint)),
        "Cmd": list(argv(config.cmd)),
        "Volumes": list(config.volumes),
        "WorkingDir": config.workdir,
        "Labels": dict(config.labels),
        "StopSignal": config.stopsignal,
        "Healthcheck": config.healthcheck and check_as_json(config.healthcheck),
        "Shell": config.shell and list(config.shell),
        "OnBuild": list(config.onbuild),
    }
    return {name: value for name, value in values.items() if value}


def check_as_json(check: Healthcheck) -> Row:
    command = [check.command.script] if isinstance(check.command, Shell) else argv(check.command)
    values = {
        "Test": [check.kind, *command],
        "Interval": check.interval,
        "Timeout": check.timeout,
        "StartPeriod": check.start_period,
        "StartInterval": check.start_interval,
        "Retries": check.retries,
    }
    return {name: value for name, value in values.items() if value}


def runs(build: Build) -> Iterator[Row]:
    for step in build.target.all_steps:
        if isinstance(step, RunStep):
            yield {
                "argv": list(shown(step)),
                "cwd": step.state.cwd,
                "env": [f"{name}={value}" for name, value in step.state.env if name != "PATH"],
                "user": step.state.user or "",
            }


def shown(step: RunStep) -> tuple[str, ...]:
    """BuildKit gives a script with a shebang to the shell as a file."""
    *shell, script = argv(step.command)
    has_shebang = step.instruction.heredocs and script.startswith("#!")
    return (*shell, f"/dev/pipes/{step.instruction.heredocs[0].name}" if has_shebang else script)


def files(build: Build) -> dict[str, str]:
    """The files made from heredocs, by the name of the heredoc as BuildKit makes them before it copies them."""
    found: dict[str, str] = {}
    for step in build.target.all_steps:
        names = dict.fromkeys(heredoc.name for heredoc in step.instruction.heredocs)
        pairs: Pairs = ()
        if isinstance(step, CopyStep):
            pairs = step.inline
        elif isinstance(step, RunStep) and names and argv(step.command)[-1].startswith("#!"):
            pairs = (("", argv(step.command)[-1]),)
        if pairs:
            found |= {f"/{name}": content for name, (_, content) in zip(names, pairs, strict=True)}
    return found
