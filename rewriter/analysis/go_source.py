"""What Go sources say about run time: cgo, files that are opened, programs that are started, signals.

Follows the imports of the programs in question through the context, into vendored packages, too, and looks at calls and
literals of the project's own packages. What it reports is evidence for a person and for recipes, never proof that
nothing else happens.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from rewriter.analysis import go_known as known
from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import Found, Spawn, Survey, Topic, at_line, spawn, survey_of
from rewriter.analysis.go_module import (
    GoFile,
    GoModule,
    GoPackage,
    GoTree,
    folder_of,
    is_own,
    module_of,
    programs,
    read_package,
    read_tree,
)
from rewriter.analysis.tokens import GO, Group, Token, groups, literal_names, scan
from rewriter.record import record

_MOST_TEXT = 16 << 20  # whose imports are followed
_MOST_SCANNED = 4 << 20  # that is looked into; some 2 MB a second
_MARKS = tuple(
    {
        *(name.rpartition(".")[2] for table in (known.CALLS, known.SPAWNS, known.DEFAULTS) for name in table),
        *(name.rpartition(".")[2] for name in (*known.TEMPORARY, *known.TLS_CALLS)),
        *known.SIGTERM_METHODS,
        *known.PREFORK_KEYS,
        "Getppid",
        "signal",
        "LoadLocation",
        "go:embed",
    }
)


@record
class GoSurvey:
    """`programs` are all main packages of the context, `packages` those reached from the surveyed ones."""

    modules: tuple[GoModule, ...]
    programs: tuple[GoPackage, ...]
    packages: tuple[GoPackage, ...]
    embeds_zones: bool
    code: Survey

    @property
    def mains(self) -> dict[str, str]:
        """The folders of all programs ("" for the root of the context) and what `go build` calls each."""
        return {main.directory: main.program or "" for main in self.programs}


def survey(context: Context, roots: tuple[str, ...] = (), tags: frozenset[str] = frozenset()) -> GoSurvey:
    """Return what the programs in the folders `roots` say, all programs of the context if none is given.

    `tags` are the build tags of the `go build` in question.
    """
    tree = read_tree(context, tags)
    mains = tuple(programs(tree))
    packages, problems = _reached(tree, roots or tuple(main.directory for main in mains))
    files = [file for package in packages for file in package.files]
    used = {imported.path for file in files for imported in file.imports}
    items, skipped = _inspected(files)
    items += _required(tree, packages, used)
    problems += skipped
    if context.is_cut():
        problems.append("the context has too many files to read them all")
    return GoSurvey(tree.modules, mains, packages, known.EMBEDDED_ZONES in used, survey_of(items, problems))


def _reached(tree: GoTree, roots: tuple[str, ...]) -> tuple[tuple[GoPackage, ...], list[str]]:
    """Follow imports breadth-first; without a module, where they cannot be followed, all own packages are taken."""
    todo = deque(roots if tree.modules else [*roots, *(f for f in tree.folders if is_own(f))])
    seen = set(todo)
    reached: list[GoPackage] = []
    read = 0
    while todo:
        package = read_package(tree, todo.popleft())
        if package is None:
            continue
        read += sum(len(file.text) for file in package.files)
        if read > _MOST_TEXT:
            return tuple(reached), ["the Go sources are too large to read them all"]
        reached.append(package)
        folders = {folder_of(tree, imported.path) for file in package.files for imported in file.imports} - {None}
        fresh = sorted(folder for folder in folders if folder is not None and folder not in seen)
        seen.update(fresh)
        todo += fresh
    return tuple(reached), []


def _required(tree: GoTree, packages: tuple[GoPackage, ...], used: set[str]) -> Iterator[Found]:
    """Modules known to need cgo that go.mod names although no source that was read imports them."""
    modules = dict.fromkeys(module_of(tree, package.directory) for package in packages)
    for require in (require for module in modules if module is not None for require in module.requires):
        native = _native(require.path)
        if native and not any(_is_below(path, native.path) for path in used):
            yield Found(Topic.NATIVE, native.path, require.evidence)


def _native(path: str) -> known.Native | None:
    return next((row for row in known.NATIVE if _is_below(path, row.path)), None)


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith((f"{root}/", f"{root}.v"))


def _inspected(files: list[GoFile]) -> tuple[list[Found | Spawn], list[str]]:
    """Look at the imports of all files, and into those of the project itself that have something of interest."""
    items: list[Found | Spawn] = []
    left = _MOST_SCANNED
    for file in files:
        lines = file.text.split("\n")
        items += _from_imports(file, lines)
        if is_own(file.path) and any(mark in file.text for mark in _MARKS):
            left -= len(file.text)
            items += _from_code(file, lines) if left >= 0 else ()
    return items, ["the Go sources are too large to look into all of them"] if left < 0 else []


def _from_code(file: GoFile, lines: list[str]) -> Iterator[Found | Spawn]:
    tokens = list(scan(file.text, GO))
    aliases = {imported.name: imported.path for imported in file.imports}
    for group in groups(tokens, GO, literal_names(tokens), "({"):
        place = at_line(file.path, lines, group.line)
        if group.opener == "(":
            yield from _from_call(group, _canonical(group.name, aliases), place)
        else:
            for key, value in group.pairs:
                if key in known.PREFORK_KEYS and value != "false":
                    yield Found(Topic.PREFORK, f"{group.name}.{key}", place)
    yield from _from_tokens(file, tokens, lines)


def _canonical(name: str, aliases: dict[str, str]) -> str:
    first, dot, rest = name.partition(".")
    return f"{aliases[first]}.{rest}" if dot and first in aliases else name


def _from_imports(file: GoFile, lines: list[str]) -> Iterator[Found]:
    for imported in file.imports:
        place = at_line(file.path, lines, imported.line)
        native = _native(imported.path)
        if imported.path == "C" or native:
            yield Found(Topic.NATIVE, native.path if native else "C", place)
        if imported.path in known.RESOLVER_PACKAGES:
            yield Found(Topic.RESOLVER, imported.path, place)
        if imported.path in known.TLS_PACKAGES:
            yield Found(Topic.TLS, imported.path, place)
        if imported.path == "os/user":
            yield Found(Topic.USER, imported.path, place)
        if imported.path in known.PREFORK_PACKAGES:
            yield Found(Topic.PREFORK, imported.path, place)


def _from_call(group: Group, name: str, place: Evidence) -> Iterator[Found | Spawn]:
    topic, position = known.CALLS.get(name) or known.CALLS.get(f".{group.method}") or (None, None)
    if topic is not None and "." in name:
        for value in _values(group, position):
            yield from _about(topic, value, place)
        if name.startswith("github.com/joho/godotenv.") and not group.arguments:
            yield Found(Topic.ASSET, ".env", place)
    if name in known.SPAWNS:
        yield spawn(_leading(group, known.SPAWNS[name]), place)
    if name == "time.LoadLocation":
        yield Found(Topic.ZONE, "".join(_values(group, 0)), place)
    if name in known.TEMPORARY:
        yield Found(Topic.WRITE, "/tmp", place)
    if name in known.TLS_CALLS:
        yield Found(Topic.TLS, name, place)
    if _handles_sigterm(group, name):
        yield Found(Topic.SIGTERM, name, place)
    position = known.DEFAULTS.get(name, known.DEFAULTS.get(f".{group.method}"))
    if position is not None and "." in name:
        yield from (Found(Topic.ASSET, value, place) for value in _values(group, position) if _is_path(value))


def _about(topic: Topic, value: str, place: Evidence) -> Iterator[Found]:
    if topic is Topic.PORT:
        port = value.rpartition(":")[2]
        if ":" in value and port.isdigit():
            yield Found(topic, port, place)
    elif value.startswith("file://"):
        yield Found(topic, value.removeprefix("file://"), place)
    elif value and "://" not in value and not value.startswith(("/proc", "/sys", "/dev", ":")):
        yield Found(topic, value, place)


def _values(group: Group, position: int | None) -> tuple[str, ...]:
    if position is None:
        return group.literals
    arguments = group.arguments[position:][:1]
    return tuple(a.text for a in arguments if a.text is not None and a.whole)


def _leading(group: Group, position: int) -> tuple[str, ...]:
    words: list[str] = []
    for argument in group.arguments[position:]:
        if argument.text is None or not argument.whole:
            break
        words.append(argument.text)
    return tuple(words)


def _handles_sigterm(group: Group, name: str) -> bool:
    if name in known.SIGTERM_CALLS:
        names = {argument.name for argument in group.arguments[1:]}
        return bool(names & known.SIGTERM_NAMES) or len(group.arguments) == 1
    return group.method in known.SIGTERM_METHODS


def _is_path(value: str) -> bool:
    """Return whether a default value reads like a file of the project; a URL, an address or a flag does not."""
    end = value.rpartition(".")[2]
    return "://" not in value and not value.startswith((":", "-")) and (end in _SUFFIXES or value.startswith("./"))


_SUFFIXES = frozenset({"yaml", "yml", "json", "toml", "ini", "conf", "env", "pem", "crt", "key", "html", "tmpl", "csv"})


def _from_tokens(file: GoFile, tokens: list[Token], lines: list[str]) -> Iterator[Found]:
    aliases = {imported.name: imported.path for imported in file.imports}
    code = [token for token in tokens if token.kind != "comment"]
    for index, token in enumerate(code):
        if token.text != "Getppid" and token.text not in known.PREFORK_KEYS:
            continue
        place = at_line(file.path, lines, token.line)
        after = "".join(following.text for following in code[index + 1 : index + 6])
        owner = code[index - 2].text if index > 1 else ""
        if token.text == "Getppid" and f"{aliases.get(owner, owner)}.Getppid" in known.PARENT:
            yield Found(Topic.PARENT, "== 1" if after.startswith(("()==1", "()<=1", "()!=1")) else "", place)
        elif token.text in known.PREFORK_KEYS and after.startswith("=") and not after.startswith(("==", "=false")):
            yield Found(Topic.PREFORK, token.text, place)
    for token in tokens:
        if token.kind == "comment" and token.text.startswith("//go:embed "):
            for pattern in token.text.split()[1:]:
                yield Found(Topic.EMBED, pattern.strip('"`'), at_line(file.path, lines, token.line))
