"""npm, yarn, pnpm and npx: the program that a script of package.json starts (hazard H14)."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, isabs, join, normpath, relpath

from rewriter.analysis.artefacts import source_of
from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import at_line
from rewriter.analysis.go_stage import context_folder
from rewriter.analysis.node_project import NodeCommand, Unresolved, read_package, resolve_command
from rewriter.plan import Safety
from rewriter.recipes.launched import Launched
from rewriter.semantics.build import Stage

NODE_LAUNCHERS = frozenset(("npm", "npx", "yarn", "pnpm", "pnpx", "bunx"))
# Variables that only a package manager sets, as a source would name them.
_NPM_VARIABLES = (b"npm_package_", b"npm_config_", b"npm_lifecycle_", b"npm_execpath", b"INIT_CWD")
_SOURCES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx")
_MOST_TEXT = 8 << 20


def node_program(words: tuple[str, ...], stage: Stage, context: Context, workdir: str) -> Launched | Unresolved:
    """Return the program a launcher starts in `workdir`, or why that cannot be told."""
    folder = package_folder(stage, context, workdir)
    if folder is None:
        return Unresolved("the package.json it reads is not in the build context")
    if plug := _plug_and_play(context, folder):
        return Unresolved("yarn's Plug'n'Play has to be loaded before the program", (plug,))
    found = resolve_command(context, folder, words)
    if isinstance(found, Unresolved):
        return found
    where = _place(found.directory, folder, workdir)
    if where is None or found.words == words:
        return Unresolved(f"the script works in {found.directory}", found.evidence)
    return _launched(found, where, tuple(_readers(context, folder)), known=context.known and not context.is_cut())


def _launched(found: NodeCommand, workdir: str, readers: tuple[Evidence, ...], *, known: bool) -> Launched:
    scripts = " > ".join(found.scripts)
    why = f"the script {scripts} starts just this" if scripts else "it is a command of the project's own packages"
    if readers:
        why += "; npm also set npm_* variables, and a source reads them"
    else:
        why += "; npm_* variables and node_modules/.bin in PATH, which npm also set, are gone"
    return Launched(
        words=found.words,
        workdir=workdir,
        env=found.env,
        why=why,
        safety=Safety.SAFE if known and not readers else Safety.REVIEW,
        evidence=(*found.evidence, *readers) or (Evidence("package.json", found.words[0]),),
        develops=" ".join(found.words[:2]) if found.developing else None,
    )


def package_folder(stage: Stage, context: Context, workdir: str) -> str | None:
    """Return the folder of the context that the work directory is a copy of; None where that cannot be told."""
    file = source_of(stage, context, join(workdir, "package.json"))
    return dirname(file) if file else context_folder(stage, workdir, context)


def script_texts(context: Context, folder: str, words: tuple[str, ...]) -> Iterator[str]:
    """Yield the texts of the scripts that these words may start, hooks and scripts that they run in turn included."""
    package = read_package(context, folder)
    scripts = dict(package.scripts) if package else {}
    todo, seen = list(words), set[str]()
    while todo:
        name = todo.pop()
        for hooked in (f"pre{name}", name, f"post{name}"):
            if hooked in scripts and hooked not in seen:
                seen.add(hooked)
                yield scripts[hooked]
                todo += scripts[hooked].split()


def _plug_and_play(context: Context, folder: str) -> Evidence | None:
    """Return what shows that yarn installs no node_modules: its loader, or settings that do not ask for the folder."""
    name = next((name for name in (".pnp.cjs", ".pnp.js") if context.is_file(join(folder, name))), None)
    if name:
        return Evidence(join(folder, name), name)
    is_berry = "__metadata:" in (context.text(join(folder, "yarn.lock")) or "")
    settings = context.text(join(folder, ".yarnrc.yml")) or ""
    return Evidence(join(folder, "yarn.lock"), "__metadata:") if is_berry and "nodeLinker:" not in settings else None


def _place(directory: str, folder: str, workdir: str) -> str | None:
    """Return where in the image a folder of the context lies, seen from the one that is the work directory."""
    if isabs(directory):
        return normpath(directory)
    path = normpath(join(workdir, relpath(directory or ".", folder or ".")))
    return None if directory.startswith("..") else path


def _readers(context: Context, folder: str) -> Iterator[Evidence]:
    """Yield the first source that reads a variable of the package manager's."""
    left = _MOST_TEXT
    for path in context.walk(folder, _SOURCES):
        if "node_modules/" in path:
            continue
        data = context.read(path) or b""
        left -= len(data)
        if left < 0:
            return
        if any(name in data for name in _NPM_VARIABLES):
            lines = data.decode("utf-8", "replace").split("\n")
            marks = [name.decode() for name in _NPM_VARIABLES]
            number = next(n for n, line in enumerate(lines, 1) if any(mark in line for mark in marks))
            yield at_line(path, lines, number)
            return
