"""Which Go packages a context holds, what they import, and what `go build` would call their programs.

Reads go.mod and the head of each file (build constraints, package clause, imports), never what the code does.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from posixpath import basename, dirname, join, normpath

from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import at_line
from rewriter.analysis.go_constraint import is_built
from rewriter.analysis.tokens import GO, Token, scan
from rewriter.record import record


@record
class GoRequire:
    """A line of go.mod: a module the build needs."""

    path: str
    version: str
    indirect: bool
    evidence: Evidence


@record
class GoModule:
    """One go.mod. `replaces` are modules taken from a folder of the context, as (path, folder)."""

    directory: str
    path: str
    go: str | None
    toolchain: str | None
    requires: tuple[GoRequire, ...]
    replaces: tuple[tuple[str, str], ...]


@record
class GoImport:
    """An import: `name` as written (`_`, `.`, an alias) or as it follows from the path."""

    name: str
    path: str
    line: int


@record
class GoFile:
    """The head of a file that is built for Linux."""

    path: str
    package: str
    imports: tuple[GoImport, ...]
    text: str


@record
class GoPackage:
    """A folder of Go files; `program` is what `go build` calls its executable, None unless it is a `main`."""

    directory: str
    import_path: str
    name: str
    files: tuple[GoFile, ...]
    program: str | None


@record
class GoTree:
    """All of it. `folders` maps a folder to the names of its Go files, tests left out."""

    context: Context
    modules: tuple[GoModule, ...]
    folders: dict[str, tuple[str, ...]]
    tags: frozenset[str]


def read_tree(context: Context, tags: frozenset[str] = frozenset()) -> GoTree:
    """Return the modules and folders of a context; `tags` are the build tags given to `go build`."""
    folders: dict[str, list[str]] = {}
    for path in context.walk(suffixes=(".go",)):
        folder, _, name = path.rpartition("/")
        if not name.endswith("_test.go") and name[0] not in "_.":
            folders.setdefault(folder, []).append(name)
    paths = [path for path in context.walk(suffixes=("go.mod",)) if basename(path) == "go.mod" and is_own(path)]
    modules = tuple(parse_module(dirname(path), context.text(path) or "") for path in paths)
    return GoTree(context, modules, {folder: tuple(names) for folder, names in folders.items()}, tags)


def parse_module(directory: str, text: str) -> GoModule:
    """Return what a go.mod says; lines that are not understood are passed over."""
    values: dict[str, str] = {}
    requires: list[GoRequire] = []
    replaces: list[tuple[str, str]] = []
    lines = text.splitlines()
    for number, words, comment in _directives(lines):
        if words[0] in {"module", "go", "toolchain"} and len(words) > 1:
            values[words[0]] = words[1]
        elif words[0] == "require" and len(words) > 2:
            evidence = at_line(join(directory, "go.mod"), lines, number)
            requires.append(GoRequire(words[1], words[2], comment.startswith("indirect"), evidence))
        elif words[0] == "replace" and "=>" in words[2:-1] and words[-1].startswith("."):
            replaces.append((words[1], normpath(join(directory, words[-1])).removeprefix("./")))
    path = values.get("module", "")
    return GoModule(directory, path, values.get("go"), values.get("toolchain"), tuple(requires), tuple(replaces))


def read_package(tree: GoTree, directory: str) -> GoPackage | None:
    """Return the package in a folder, None where no file of it is built."""
    files = tuple(file for name in tree.folders.get(directory, ()) for file in _built(tree, join(directory, name)))
    if not files:
        return None
    path = import_path(tree, directory)
    name = files[0].package
    return GoPackage(directory, path, name, files, program_name(path) if name == "main" else None)


def programs(tree: GoTree) -> Iterator[GoPackage]:
    """Yield the packages that are programs, examples and the like included, vendored ones not."""
    for directory, names in tree.folders.items():
        first = next(chain.from_iterable(_built(tree, join(directory, name)) for name in names), None)
        if is_own(directory) and first is not None and first.package == "main":
            package = read_package(tree, directory)
            if package is not None:
                yield package


def is_own(path: str) -> bool:
    """Return whether `./...` covers a path: nothing vendored, no test data, no folder that starts with `_` or `.`."""
    parts = [part for part in path.split("/") if part != "."]
    return not any(part in {"vendor", "testdata"} or part.startswith(("_", ".")) for part in parts)


def module_of(tree: GoTree, directory: str) -> GoModule | None:
    """Return the module a folder belongs to: the one with the nearest go.mod."""
    inside = [m for m in tree.modules if m.directory in {"", directory} or directory.startswith(f"{m.directory}/")]
    return max(inside, key=lambda module: len(module.directory), default=None)


def import_path(tree: GoTree, directory: str) -> str:
    """Return the path under which a folder is imported; without a module, just the folder."""
    module = module_of(tree, directory)
    if module is None or not module.path:
        return directory
    below = directory[len(module.directory) :].strip("/")
    return f"{module.path}/{below}" if below else module.path


def folder_of(tree: GoTree, path: str) -> str | None:
    """Return the folder of the context that an import path names, vendored ones included; None if it is not there."""
    roots = [(module.path, module.directory) for module in tree.modules if module.path]
    roots += [pair for module in tree.modules for pair in module.replaces]
    fitting = [(root, folder) for root, folder in roots if path == root or path.startswith(f"{root}/")]
    fitting.sort(key=lambda pair: -len(pair[0]))
    candidates = [join(folder, path[len(root) :].strip("/")).rstrip("/") for root, folder in fitting]
    candidates += [join(module.directory, "vendor", path) for module in tree.modules]
    if not tree.modules:
        candidates += [f"vendor/{path}", *_endings(path)]
    return next((folder for folder in candidates if folder in tree.folders), None)


def program_name(path: str) -> str:
    """Return what `go build` calls the program of an import path.

    The last element, or the one before where the last is a major version (`example.com/tool/v2` makes `tool`); see
    `DefaultExecName` in the go command.
    """
    last = basename(path)
    if last != path and _is_version(last):
        return basename(dirname(path))
    return last


def local_name(path: str) -> str:
    """Return the name under which a package is most likely used in a file that imports it without a name."""
    return program_name(path.partition(".v")[0] if path.startswith("gopkg.in/") else path).removeprefix("go-")


def read_head(path: str, text: str) -> GoFile | None:
    """Return package and imports of a file, None where there is no package clause."""
    tokens = (token for token in scan(text, GO) if token.kind != "comment")
    for token in tokens:
        if token.text == "package":
            name = next(tokens, None)
            return None if name is None else GoFile(path, name.text, tuple(_imports(tokens)), text)
        return None
    return None


def _built(tree: GoTree, path: str) -> Iterator[GoFile]:
    text = tree.context.text(path)
    if text is not None and is_built(basename(path), text, tree.tags):
        file = read_head(path, text)
        if file is not None and file.package != "documentation":
            yield file


def _imports(tokens: Iterator[Token]) -> Iterator[GoImport]:
    name = ""
    inside = False
    for token in tokens:
        if token.kind == "text":
            yield GoImport(name or local_name(token.text), token.text, token.line)
            name = ""
        elif token.text in {"import", "("}:
            inside = True
        elif not inside or (token.kind == "name" and token.text in {"func", "type", "var", "const"}):
            return
        elif token.kind == "name" or token.text == ".":
            name = token.text


def _directives(lines: list[str]) -> Iterator[tuple[int, list[str], str]]:
    """Yield number, words and comment of each line, the lines of a block with its keyword put before them."""
    block: list[str] = []
    for number, line in enumerate(lines, 1):
        text, _, comment = line.partition("//")
        words = [word.strip('"`') for word in text.split()]
        if words == [")"]:
            block = []
        elif words[1:] == ["("]:
            block = words[:1]
        elif words:
            yield number, [*block, *words], comment.strip()


def _endings(path: str) -> Iterator[str]:
    """Without modules the path of the context itself is not known: its folders are looked for at the path's end."""
    parts = path.split("/")
    return ("/".join(parts[index:]) for index in range(1, len(parts))) if "." in parts[0] else iter(())


def _is_version(element: str) -> bool:
    digits = element[1:]
    return element[:1] == "v" and digits.isascii() and digits.isdigit() and digits[0] != "0" and digits != "1"
