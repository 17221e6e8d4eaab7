"""Which `# syntax=` lines have to change, and to what."""

from __future__ import annotations

import pytest

from rewriter.plan import Closure, InitStage, Refusal
from rewriter.recipes.frontend import raise_frontend
from rewriter.syntax.edits import apply
from rewriter.syntax.scanner import parse

TINI = InitStage("download", "tini", "/tini", "0.19.0")
PACKAGE = InitStage("package", "tini", "/usr/bin/tini-static", "")
CLOSURE = Closure("closure", "build", "debian:bookworm-slim")
DIGEST = "@sha256:" + "a" * 64


def raised(value: str, init: InitStage | None, closure: Closure | None) -> str:
    """Return what the line names afterwards."""
    document = parse(f"# syntax={value}\nFROM scratch\n")
    found = raise_frontend(document, init, closure)
    assert not isinstance(found, Refusal)
    assert len(found.edits) == len(found.decisions)
    return apply(document.text, found.edits).partition("\n")[0].removeprefix("# syntax=")


@pytest.mark.parametrize(
    ("value", "with_checksum", "with_heredoc"),
    [
        ("docker/dockerfile", "docker/dockerfile", "docker/dockerfile"),
        ("docker/dockerfile:1", "docker/dockerfile:1", "docker/dockerfile:1"),
        ("docker/dockerfile:latest", "docker/dockerfile:latest", "docker/dockerfile:latest"),
        ("docker/dockerfile:labs", "docker/dockerfile:labs", "docker/dockerfile:labs"),
        ("docker/dockerfile:1.6", "docker/dockerfile:1.6", "docker/dockerfile:1.6"),
        ("docker/dockerfile:1.10", "docker/dockerfile:1.10", "docker/dockerfile:1.10"),
        ("docker/dockerfile:1.5", "docker/dockerfile:1.6", "docker/dockerfile:1.5"),
        ("docker/dockerfile:1.5-labs", "docker/dockerfile:1.5-labs", "docker/dockerfile:1.5-labs"),
        ("docker/dockerfile:1.4-labs", "docker/dockerfile:1.6-labs", "docker/dockerfile:1.4-labs"),
        ("docker/dockerfile:1.3.1", "docker/dockerfile:1.6.0", "docker/dockerfile:1.4.0"),
        ("docker.io/docker/dockerfile:1.2", "docker.io/docker/dockerfile:1.6", "docker.io/docker/dockerfile:1.4"),
        ("docker/dockerfile:1.0-experimental", "docker/dockerfile:1", "docker/dockerfile:1"),
        ("docker/dockerfile-upstream:master", "docker/dockerfile-upstream:master", "docker/dockerfile-upstream:master"),
        ("example.com/frontend:1.0", "example.com/frontend:1.0", "example.com/frontend:1.0"),
        (f"docker/dockerfile:1.7{DIGEST}", f"docker/dockerfile:1.7{DIGEST}", f"docker/dockerfile:1.7{DIGEST}"),
    ],
)
def test_a_frontend_is_raised_only_where_it_is_too_old(value: str, with_checksum: str, with_heredoc: str) -> None:
    assert raised(value, TINI, None) == with_checksum
    assert raised(value, TINI, CLOSURE) == with_checksum
    assert raised(value, PACKAGE, CLOSURE) == with_heredoc
    assert raised(value, None, None) == value


@pytest.mark.parametrize(("init", "closure"), [(TINI, None), (None, CLOSURE)])
def test_a_digest_is_not_dropped(init: InitStage | None, closure: Closure | None) -> None:
    document = parse(f"# syntax=docker/dockerfile:1.3{DIGEST}\nFROM scratch\n")
    found = raise_frontend(document, init, closure)
    assert isinstance(found, Refusal)
    assert ("--init-source" in found.help) == (closure is None)


def test_a_file_without_the_line_has_the_builders_own_frontend() -> None:
    found = raise_frontend(parse("FROM scratch\n"), TINI, CLOSURE)
    assert not isinstance(found, Refusal)
    assert found.edits == ()
