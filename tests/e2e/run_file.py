"""`run.toml` of a fixture: how its two images are run and which differences are expected. See fixtures/README.md."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parents[2] / "fixtures"


@dataclass(frozen=True, slots=True)
class Request:
    """A GET request and what its answer must be; `same` compares the bodies of both images too."""

    path: str
    status: int = 200
    contains: str = ""
    same: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """How an image is run. Without a port it is a program that ends by itself within `settle` seconds."""

    original: str = "Dockerfile"
    port: int | None = None
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    settle: float = 3.0
    grace: int = 10
    exit_code: int = 0
    healthy: bool = False
    volumes: tuple[str, ...] = ()
    requests: tuple[Request, ...] = ()
    differs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A fixture folder that is built and run."""

    name: str
    folder: Path
    run: Run

    @property
    def context(self) -> Path:
        """The build context both images are built from."""
        return self.folder / "context"

    def text(self, name: str) -> str:
        """Return a file of the fixture."""
        return (self.folder / name).read_text()


def cases(root: Path = FIXTURES) -> tuple[Case, ...]:
    """Return the fixtures that have a run.toml, by name."""
    return tuple(
        Case(path.parent.name, path.parent, read(path.read_text())) for path in sorted(root.glob("*/run.toml"))
    )


def case(name: str) -> Case:
    """Return one fixture."""
    return Case(name, FIXTURES / name, read((FIXTURES / name / "run.toml").read_text()))


def read(text: str) -> Run:
    """Return the run a `run.toml` describes.

    Raises:
        ValueError: it is not TOML, or has a key or a type that is not known here.
    """
    table = tomllib.loads(text)
    requests = tuple(Request(**_checked(Request, row)) for row in table.pop("requests", ()))
    return Run(**_checked(Run, {key: _frozen(value) for key, value in table.items()}), requests=requests)


def _frozen(value: Any) -> Any:
    match value:
        case dict():
            return tuple(sorted(value.items()))
        case list():
            return tuple(value)
        case _:
            return value


def _checked(shape: type[Request | Run], row: dict[str, Any]) -> dict[str, Any]:
    """Return the row, known to have only fields of this shape, each of the type declared for it."""
    known = {field.name: str(field.type) for field in fields(shape)}
    for key, value in row.items():
        if key not in known:
            raise ValueError(f"run.toml: unknown key {key!r}; known: {', '.join(known)}")
        if not _fits(known[key], value):
            raise ValueError(f"run.toml: {key} is {type(value).__name__}, not {known[key]}")
    return row


def _fits(declared: str, value: object) -> bool:
    wanted = declared.partition(" | ")[0].partition("[")[0]
    if wanted == "float":
        return type(value) in (int, float)
    return type(value).__name__ == wanted
