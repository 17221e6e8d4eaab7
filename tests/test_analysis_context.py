"""The build context: what the engine would be sent, and nothing outside the root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rewriter.analysis import context as context_module
from rewriter.analysis.context import Context
from tests.contexts import fill


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    fill(
        root,
        {
            ".dockerignore": "secret\nnode_modules\n!node_modules/kept.js\ndocs\n",
            ".git/HEAD": "ref",
            "Dockerfile": "FROM scratch",
            "main.go": "package main",
            "web/a.html": "a",
            "web/b.html": "b",
            "web/css/c.css": "c",
            "docs/x.md": "x",
            "node_modules/kept.js": "k",
            "node_modules/other.js": "o",
            "secret": "s",
        },
    )
    (tmp_path / "outside").write_text("outside")
    return root


def test_sent_and_kept_out(folder: Path) -> None:
    context = Context.open(folder)
    assert context.known
    assert context.read("main.go") == b"package main"
    assert context.read("./web//../main.go") == b"package main"
    assert not context.exists("secret")
    assert context.read("secret") is None
    assert not context.exists("docs")
    assert context.is_dir("node_modules")
    assert context.names("node_modules") == ("kept.js",)
    assert context.unfiltered().exists("docs/x.md")


def test_walk_is_sorted_and_skips_git(folder: Path) -> None:
    context = Context.open(folder)
    expected = [".dockerignore", "Dockerfile", "main.go", "node_modules/kept.js"]
    assert list(context.walk()) == [*expected, "web/a.html", "web/b.html", "web/css/c.css"]
    assert list(context.walk("web", (".css",))) == ["web/css/c.css"]
    assert list(context.walk("nowhere")) == []
    assert list(context.glob("**/*.html")) == ["web/a.html", "web/b.html"]
    assert not context.is_cut()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("web", ["web"]),
        ("./web/", ["web"]),
        ("/web/a.html", ["web/a.html"]),
        ("../../web", ["web"]),
        ("web/*", ["web/a.html", "web/b.html", "web/css"]),
        ("w*/[a-z].html", ["web/a.html", "web/b.html"]),
        ("*.go", ["main.go"]),
        ("**/*.html", ["web/a.html", "web/b.html"]),
        ("**/*.css", []),
        ("*/css/?.css", ["web/css/c.css"]),
        ("docs", []),
        ("doc*", []),
        ("web/[", []),
        (".", [""]),
        ("", [""]),
    ],
)
def test_copy_sources(folder: Path, source: str, expected: list[str]) -> None:
    assert list(Context.open(folder).matches(source)) == expected


def test_the_dockerfile_may_have_its_own_ignore_file(folder: Path) -> None:
    fill(folder, {"build/app.Dockerfile": "", "build/app.Dockerfile.dockerignore": "web\n[\n"})
    context = Context.open(folder, folder / "build" / "app.Dockerfile")
    assert not context.exists("web")
    assert context.exists("secret")
    assert context.problems == ("app.Dockerfile.dockerignore: line 2: a character class is not closed",)


def test_links_stay_below_the_root(folder: Path) -> None:
    for name, target in (
        ("in", "web/a.html"),
        ("absolute", "/web/a.html"),
        ("out", "../outside"),
        ("far", "/etc/passwd"),
        ("loop", "loop"),
        ("tree", "web"),
        ("hidden", "secret"),
        ("up", "../root/web"),
    ):
        (folder / name).symlink_to(target)
    context = Context.open(folder)
    assert context.read("in") == context.read("absolute") == b"a"
    assert context.read("tree/css/c.css") == b"c"
    assert list(context.walk("tree")) == ["web/a.html", "web/b.html", "web/css/c.css"]
    assert [context.exists(name) for name in ("out", "far", "loop", "hidden", "up")] == [False] * 5
    assert "in" in context.walk()
    assert "tree/a.html" not in context.walk()
    assert context.matches("tree/*.html") == ("tree/a.html", "tree/b.html")


def test_an_ignored_link_leads_nowhere(folder: Path) -> None:
    (folder / "docs2").symlink_to("web")
    fill(folder, {".dockerignore": "docs2\n"})
    assert not Context.open(folder).exists("docs2/a.html")


def test_odd_files_are_not_there(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "large").write_bytes(b"x" * 100)
    context = Context.open(folder)
    assert context.exists("pipe")
    assert context.read("pipe") is None
    assert context.read("large", limit=99) is None
    assert context.read("large", limit=100) == b"x" * 100
    assert context.read("web") is None
    assert context.read("main.go/x") is None
    assert context.read("a\0b") is None
    assert context.read("x/" * 5000) is None
    assert context.text("x" * 5000) is None
    assert "pipe" not in context.walk()


def test_text_is_lenient(folder: Path) -> None:
    (folder / "bom").write_bytes(b"\xef\xbb\xbfa\xff")
    assert Context.open(folder).text("bom") == "a\ufffd"


def test_executable(folder: Path) -> None:
    (folder / "main.go").chmod(0o755)
    context = Context.open(folder)
    assert context.is_executable("main.go")
    assert not context.is_executable("Dockerfile")
    assert not context.is_executable("web")


def test_deep_trees_are_no_trouble(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 1500)
    folders = [tmp_path / deep[:end] for end in range(1, len(deep) + 1, 2)]
    for folder in folders:
        folder.mkdir()
    (tmp_path / ".dockerignore").write_text("x\n")
    context = Context.open(tmp_path)
    assert context.is_dir(deep)
    assert list(context.walk()) == [".dockerignore"]
    for folder in reversed(folders):  # shutil.rmtree would recurse
        folder.rmdir()


def test_a_cut_is_told_and_takes_the_deepest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context_module, "MOST_FILES", 3)
    fill(tmp_path, {"node_modules/a": "", "x/y": "", "b": "", "c": ""})
    context = Context.open(tmp_path)
    assert list(context.walk()) == ["b", "c", "x/y"]
    assert context.is_cut()
    assert not context.is_cut("x")


def test_the_empty_context_answers_no() -> None:
    context = Context.empty()
    assert not context.known
    assert not context.exists("")
    assert context.read("a") is None
    assert list(context.walk()) == []
    assert context.matches("*") == context.names() == ()


def test_a_context_must_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        Context.open(tmp_path / "none")
