"""Which files a folder gives, in which order, from which folder they are built and what a patch calls them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rewriter.cli.places import context_of, patch_path
from rewriter.cli.search import Found, find, is_dockerfile
from rewriter.syntax.scanner import parse
from tests.command_line import dfmod

NAMES = """
    yes  Dockerfile
    yes  dockerfile
    yes  DOCKERFILE
    yes  Dockerfile.prod
    yes  Dockerfile-dev
    yes  Dockerfile_test
    yes  Dockerfile.prod.alpine
    yes  app.Dockerfile
    yes  app.dockerfile
    yes  my-app.Dockerfile
    yes  Containerfile
    yes  Containerfile.debug
    yes  build.containerfile
    no   Dockerfile.dockerignore
    no   .dockerignore
    no   Dockerfile.j2
    no   Dockerfile.jinja
    no   Dockerfile.in
    no   Dockerfile.tmpl
    no   Dockerfile.py
    no   Dockerfile.md
    no   Dockerfiles
    no   MyDockerfile
    no   Dockerfile2
    no   docker-compose.yml
    no   dockerfile-parse.py
    no   README.md
"""


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def lay(*paths: str, data: bytes = b"FROM a\n") -> None:
    for path in map(Path, paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def paths(*named: str) -> list[str]:
    return [found.path for found in find(named)[0]]


@pytest.mark.parametrize("row", NAMES.strip().splitlines())
def test_which_names_a_search_takes(row: str) -> None:
    taken, name = row.split()
    assert is_dockerfile(name) == (taken == "yes")


def test_a_folder_is_searched_in_the_order_of_names() -> None:
    lay("b/Dockerfile", "a/x/Dockerfile", "Dockerfile.z", "Dockerfile", "a-b/Dockerfile", "a/Dockerfile", "a/main.go")
    everything = ["Dockerfile", "Dockerfile.z", "a-b/Dockerfile", "a/Dockerfile", "a/x/Dockerfile", "b/Dockerfile"]
    assert paths(".") == everything
    assert paths("b", "a") == ["a/Dockerfile", "a/x/Dockerfile", "b/Dockerfile"]
    assert paths("a/", "./a", "a/Dockerfile") == ["a/Dockerfile", "a/x/Dockerfile"]
    assert paths(str(Path.cwd() / "b")) == [str(Path.cwd() / "b/Dockerfile")]


@pytest.mark.parametrize(
    "folder", [".git", "node_modules", "vendor", ".venv", "x/third_party/y", "site-packages", ".hg"]
)
def test_what_others_wrote_is_left_alone_unless_it_is_named(folder: str) -> None:
    lay(f"{folder}/Dockerfile", "Dockerfile")
    assert paths(".") == ["Dockerfile"]
    assert paths(f"{folder}/Dockerfile") == [f"{folder}/Dockerfile"]


def test_a_folder_that_is_named_like_a_dockerfile_is_searched_and_not_read() -> None:
    lay("Dockerfile/Dockerfile.prod")
    assert paths(".") == ["Dockerfile/Dockerfile.prod"]


def test_links_are_not_descended_into_and_each_file_comes_once() -> None:
    lay("real/Dockerfile")
    Path("alias").symlink_to("real")
    Path("loop").symlink_to(".")
    Path("Dockerfile").symlink_to("real/Dockerfile")
    assert paths(".") == ["real/Dockerfile"]
    assert paths("Dockerfile") == ["Dockerfile"]
    assert paths("alias") == ["alias/Dockerfile"]


def test_a_folder_without_a_dockerfile_is_told_of_and_no_fault() -> None:
    lay("a/main.go", "b/Dockerfile")
    ran = dfmod("convert", "a", "b")
    assert ran.code == 0
    assert "a: skipped: no Dockerfile here (searched for Dockerfile, Containerfile, *.dockerfile ...)\n" in ran.err
    empty = dfmod("convert", "--format", "json", "a")
    assert (empty.code, b'"results": []' in empty.out) == (0, True)


CONTEXTS: dict[str, tuple[str, tuple[str, ...], str, str | None, str]] = {
    "its own folder": ("COPY . .", ("svc/x",), "svc/Dockerfile", ".", "svc"),
    "its own folder, when all is there": ("COPY go.mod ./", ("svc/go.mod", "go.mod"), "svc/Dockerfile", ".", "svc"),
    "the folder above": ("COPY go.mod ./", ("go.mod",), "docker/Dockerfile", ".", "."),
    "two above": ("COPY go.mod ./\nCOPY a/b /b", ("go.mod", "a/b"), "deploy/docker/Dockerfile", ".", "."),
    "the nearest with everything": ("COPY x y /", ("a/x", "a/y", "x", "y"), "a/b/Dockerfile", ".", "a"),
    "a pattern": ("COPY package*.json ./", ("package.json",), "docker/Dockerfile", ".", "."),
    "JSON form": ('COPY ["go.mod", "./"]', ("go.mod",), "docker/Dockerfile", ".", "."),
    "ADD too": ("ADD app.tar /", ("app.tar",), "docker/Dockerfile", ".", "."),
    "nothing anywhere": ("COPY gone ./", ("go.mod",), "docker/Dockerfile", ".", "docker"),
    "other stages do not count": ("COPY --from=x /gone /", (), "docker/Dockerfile", ".", "docker"),
    "nor downloads": ("ADD https://a.example/b /", (), "docker/Dockerfile", ".", "docker"),
    "nor variables": ("COPY $X ./\nCOPY go.mod ./", ("go.mod",), "docker/Dockerfile", ".", "."),
    "nor heredocs": ("COPY <<E /f\nhello\nE\nCOPY go.mod ./", ("go.mod",), "docker/Dockerfile", ".", "."),
    "never above what was searched": ("COPY go.mod ./", ("go.mod",), "docker/Dockerfile", "docker", "docker"),
    "a named file, below the current folder": ("COPY go.mod ./", ("go.mod",), "docker/Dockerfile", None, "."),
}


@pytest.mark.parametrize("case", CONTEXTS)
def test_the_context_is_the_nearest_folder_with_all_sources(case: str) -> None:
    lines, files, path, root, folder = CONTEXTS[case]
    lay(*files)
    lay(path, data=f"FROM a\n{lines}\n".encode())
    context = context_of(parse(Path(path).read_text()), Found(path, root))
    assert context.root == Path(folder).resolve()


def test_the_look_for_a_context_ends_at_the_work_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    lay("go.mod", "repo/.git/HEAD", "repo/docker/Dockerfile", "repo/other/x")
    document = parse("FROM a\nCOPY go.mod ./\n")
    monkeypatch.chdir("repo/docker")
    assert context_of(document, Found("Dockerfile")).root == Path.cwd()
    lay("../go.mod")
    assert context_of(document, Found("Dockerfile")).root == Path("..").resolve()


def test_the_context_can_be_named_and_its_own_ignore_file_counts() -> None:
    lay("docker/Dockerfile", data=b"# case: context\nFROM a\n")
    lay("src/kept", "src/left")
    lay("docker/Dockerfile.dockerignore", data=b"left\n")
    ran = dfmod("convert", "--context", "src", "docker/Dockerfile")
    assert [line for line in ran.err.splitlines() if "sent: " in line] == ["  info: unpinned-base: sent: kept"]


def test_standard_input_is_built_from_the_folder_of_its_name() -> None:
    lay("app/main.go")
    text = b"# case: context\nFROM a\n"
    assert "sent: main.go" in dfmod("convert", "--stdin-filename", "app/Dockerfile", "-", stdin=text).err
    assert "sent: app" in dfmod("convert", "-", stdin=text).err
    assert dfmod("convert", "--stdin-filename", "gone/Dockerfile", "-", stdin=text).code == 0


PATCH_PATHS = """
    .     Dockerfile                Dockerfile
    .     ./a/../a/Dockerfile       a/Dockerfile
    .     {here}/a/Dockerfile       a/Dockerfile
    a     Dockerfile                a/Dockerfile
    a     ../b/Dockerfile           b/Dockerfile
    a     {here}/a/Dockerfile       a/Dockerfile
    .     {here}/../o/Dockerfile    {above}/o/Dockerfile
    .     ../o/Dockerfile           o/Dockerfile
"""


@pytest.mark.parametrize("row", PATCH_PATHS.strip().splitlines())
def test_a_patch_names_a_file_as_git_does(row: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    monkeypatch.chdir(tmp_path)
    lay("tree/.git/HEAD", "tree/Dockerfile", "tree/a/Dockerfile", "tree/b/Dockerfile", "o/Dockerfile")
    folder, path, name = (word.format(here=tree, above=str(tmp_path).lstrip("/")) for word in row.split())
    monkeypatch.chdir(tree / folder)
    assert patch_path(path) == name


@pytest.mark.parametrize("folder", [".", "svc"])
def test_a_patch_applies_from_anywhere_in_the_work_tree(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(("git", "init", "-q"), check=True)
    lay("svc/Dockerfile")
    monkeypatch.chdir(folder)
    subprocess.run(("git", "apply"), input=dfmod("convert").out, check=True)
    assert dfmod("convert").out == b""
