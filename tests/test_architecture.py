"""The invariants of rewriter/README.md that can be read off the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "rewriter").rglob("*.py"))
# Lower may import higher in this list, never the reverse (rewriter/README.md, "Who may import whom").
LAYERS = (
    ("record",),
    ("syntax", "images"),
    ("semantics",),
    ("notes",),
    ("analysis",),
    ("plan",),
    ("recipes",),
    ("quoting", "render", "contract"),
    ("pipeline",),
    ("report",),
    ("engine", "bot", "review"),
    ("cli", "__main__"),
)
APART = {("syntax", "images"), ("images", "syntax"), ("render", "contract"), ("contract", "render")}
DOORS = {
    "typer": "rewriter/cli/",
    "jinja2": "rewriter/render.py",
    "libcst": "rewriter/analysis/python_source.py",
    "dockerfile_parse": "rewriter/syntax/witness.py",
    "httpx": "rewriter/bot/api.py",
}
LONGEST_FUNCTION = 60
FORBIDDEN_NAMES = ("Manager", "Helper", "Handler", "Processor", "Engine", "Utils")


def _layer(module: str) -> int:
    names = [level for level, layer in enumerate(LAYERS) if module in layer]
    assert names, f"{module} is in no layer of rewriter/README.md"
    return names[0]


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _functions() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield path, node


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_lower_layers_import_higher_ones_never_the_reverse(path: Path) -> None:
    module = path.relative_to(ROOT / "rewriter").parts[0].removesuffix(".py")
    if module == "__init__":
        return
    for name in _imports(path):
        parts = name.split(".")
        if parts[0] == "rewriter" and len(parts) > 1 and (ROOT / "rewriter" / parts[1]).exists():
            assert _layer(parts[1]) <= _layer(module), f"{module} may not import {name}"
            assert (module, parts[1]) not in APART, f"{module} and {parts[1]} know nothing of each other"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_each_third_party_package_has_one_door(path: Path) -> None:
    where = path.relative_to(ROOT).as_posix()
    for name in _imports(path):
        door = DOORS.get(name.split(".")[0])
        assert door is None or where.startswith(door), f"{name} is imported in {door} only"


def test_no_function_body_is_longer_than_sixty_lines() -> None:
    long = [(p.name, f.name) for p, f in _functions() if (f.end_lineno or 0) - f.body[0].lineno >= LONGEST_FUNCTION]
    assert long == []


def test_no_class_hides_behind_a_name_that_says_nothing() -> None:
    names = [n.name for p in SOURCES for n in ast.walk(ast.parse(p.read_text())) if isinstance(n, ast.ClassDef)]
    assert [name for name in names if name.endswith(FORBIDDEN_NAMES)] == []


def test_only_the_rim_touches_files() -> None:
    """Invariant 2: what lies between the rim and the package's own data is pure."""
    allowed = ("cli", "__main__.py", "analysis/context.py", "images", "render.py", "report", "engine", "bot", "review")
    for path in SOURCES:
        where = path.relative_to(ROOT / "rewriter").as_posix()
        if not where.startswith(allowed):
            roots = {name.split(".")[0] for name in _imports(path)}
            assert not roots & {"os", "subprocess", "socket", "shutil", "tempfile", "urllib", "http"}, where
