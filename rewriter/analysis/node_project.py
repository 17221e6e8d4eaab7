"""What a Node project's package.json says, and what `npm start` and its like really run.

Reads package.json and package-lock.json; nothing is run and nothing is looked up in node_modules.
"""

from __future__ import annotations

import json
from dataclasses import replace
from posixpath import basename, join, normpath

from rewriter.analysis import node_known as known
from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import at_line
from rewriter.images.model import Pairs
from rewriter.record import record
from rewriter.semantics.shell import NotSimple, Simple, simple

_DEEPEST = 5
_LOCK_LIMIT = 8 << 20
_LOCKFILES = (
    ("pnpm-lock.yaml", "pnpm"),
    ("yarn.lock", "yarn"),
    ("bun.lockb", "bun"),
    ("bun.lock", "bun"),
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
)
MANAGERS = frozenset({"npm", "yarn", "pnpm", "bun"})
_FOLDER_OPTIONS = frozenset({"--prefix", "--cwd", "-C", "--dir"})
_NPM_SHORT = frozenset({"start", "test", "restart", "stop"})  # the scripts that npm runs without `run`
_NO_SCRIPTS = frozenset({"exec", "x", "dlx", "install", "add", "ci", "workspace", "node", "create"})
_QUIET = frozenset({"-s", "--silent", "--quiet", "--if-present", "--no-audit", "--prefer-offline"})


@record
class NodePackage:
    """A package.json. `manager` is told by the lock file ("npm" where there is none); `path` is the file's."""

    path: str
    name: str
    main: str | None
    type: str
    engine: str | None
    bin: Pairs
    scripts: Pairs
    dependencies: Pairs
    dev_dependencies: Pairs
    manager: str
    lines: tuple[str, ...]

    def script(self, name: str) -> str | None:
        """Return a script's text."""
        return dict(self.scripts).get(name)

    def depends_on(self, name: str) -> bool:
        """Return whether a package is a dependency, for development or not."""
        return name in dict(self.dependencies) or name in dict(self.dev_dependencies)

    def evidence(self, name: str) -> Evidence:
        """Return the line where a key of the file stands."""
        quoted = f'"{name}"'
        number = next((n for n, line in enumerate(self.lines, 1) if line.lstrip(" {,\t").startswith(quoted)), None)
        return Evidence(self.path, quoted) if number is None else at_line(self.path, list(self.lines), number)


@record
class NodeCommand:
    """What a launcher ends up running: the words, variables set for it, and the folder of the context it runs in.

    `directory` is an absolute path where a script changes to one. `scripts` are the scripts passed through, outermost
    first. `developing` says that it is a server or watcher for development, `several` that it keeps several processes.
    """

    words: tuple[str, ...]
    env: Pairs
    directory: str
    scripts: tuple[str, ...] = ()
    developing: bool = False
    several: bool = False
    evidence: tuple[Evidence, ...] = ()


@record
class Unresolved:
    """Why a launcher cannot be replaced by what it runs."""

    why: str
    evidence: tuple[Evidence, ...] = ()


def read_package(context: Context, directory: str = "") -> NodePackage | None:
    """Return the package.json of a folder; None where there is none or it is no JSON object."""
    path = join(directory, "package.json")
    text = context.text(path)
    data = _json(text) if text is not None else None
    if text is None or data is None:
        return None
    names = set(context.names(directory))
    manager = next((manager for lock, manager in _LOCKFILES if lock in names), _declared_manager(data))
    engines = _pairs(data.get("engines"))
    return NodePackage(
        path=path,
        name=_text(data.get("name")) or "",
        main=_text(data.get("main")),
        type=_text(data.get("type")) or "commonjs",
        engine=dict(engines).get("node"),
        bin=_bins(data),
        scripts=_pairs(data.get("scripts")),
        dependencies=_pairs(data.get("dependencies")),
        dev_dependencies=_pairs(data.get("devDependencies")),
        manager=manager,
        lines=tuple(text.split("\n")),
    )


def native_packages(package: NodePackage) -> tuple[tuple[known.Package, Evidence], ...]:
    """Return the dependencies that are known to be more than JavaScript, each with its line."""
    names = [name for name, _ in package.dependencies if name in known.PACKAGES]
    return tuple((known.PACKAGES[name], package.evidence(name)) for name in names)


def resolve_command(context: Context, directory: str, words: tuple[str, ...]) -> NodeCommand | Unresolved:
    """Return what the words of a command run in the end when they start with a launcher (`npm start`, `yarn serve`).

    A command that starts with no launcher is returned as it is, its program looked up among the project's packages.
    """
    return _follow(context, NodeCommand(words, (), directory))


def resolve_script(
    context: Context, directory: str, name: str, arguments: tuple[str, ...] = (), manager: str = "npm"
) -> NodeCommand | Unresolved:
    """Return what a script of package.json runs, or why that cannot be said.

    A script has to be one simple command without hooks; scripts that run scripts are followed. What npm adds to the
    environment (`npm_*`, node_modules/.bin in PATH) is not in the result: the program is named by its path instead.
    """
    return _follow(context, NodeCommand((manager, "run", name, "--", *arguments), (), directory))


def is_dev_server(words: tuple[str, ...]) -> bool:
    """Return whether a command serves or watches for development (`vite`, `next dev`, `node --watch`)."""
    words = words[1:] if words[:1] in {("npx",), ("bunx",)} else words
    program = basename(words[0]) if words else ""
    rest = [word for word in words[1:] if not word.startswith("-")]
    if program in {"node", "nest", "tsc", "bun", "deno"}:
        return any(word.partition("=")[0] in known.WATCH_OPTIONS for word in words[1:])
    if program not in known.DEV_SERVERS:
        return False
    wanted = known.DEV_SERVERS[program]
    return not wanted or bool(wanted & set(rest[:1])) or (not rest and program in known.BARE_DEV_SERVERS)


def _follow(context: Context, command: NodeCommand) -> NodeCommand | Unresolved:
    while command.words and command.words[0] in MANAGERS:
        asked = _asked_script(command.words)
        if isinstance(asked, str):
            return Unresolved(asked, command.evidence)
        folder, name, arguments = asked
        directory = _below(command.directory, folder)
        if len(command.scripts) == _DEEPEST or name in command.scripts:
            return Unresolved(f"the scripts run each other: {' -> '.join((*command.scripts, name))}", command.evidence)
        inner = _script(context, directory, name, command.words[0])
        if isinstance(inner, Unresolved):
            return inner
        command = replace(
            inner,
            words=(*inner.words, *arguments),
            env=tuple((dict(command.env) | dict(inner.env)).items()),
            scripts=(*command.scripts, *inner.scripts),
            evidence=(*command.evidence, *inner.evidence),
        )
    return _with_program(context, command)


def _asked_script(words: tuple[str, ...]) -> tuple[str, str, tuple[str, ...]] | str:
    """Return folder, name and arguments of the script a launcher's words ask for, or why that is unclear."""
    manager, *rest = words
    folder = verb = ""
    while rest:
        word = rest.pop(0)
        option, equals, value = word.partition("=")
        if option in _FOLDER_OPTIONS:
            folder = value if equals else rest.pop(0) if rest else ""
        elif not verb and word in {"run", "run-script"}:
            verb = word
        elif word.startswith("-") and word not in _QUIET:
            return f"{manager} is given the option {word}"
        elif word not in _QUIET:
            runs = bool(verb) or (word in _NPM_SHORT if manager == "npm" else word not in _NO_SCRIPTS)
            arguments = _arguments(manager, rest) if runs else f"`{manager} {word}` runs no script"
            return arguments if isinstance(arguments, str) else (folder, word, arguments)
    return f"{manager} is not told what to run"


def _arguments(manager: str, rest: list[str]) -> tuple[str, ...] | str:
    """Return what the script is given: npm keeps options before `--` for itself, the others hand everything on."""
    at = rest.index("--") if "--" in rest else len(rest)
    own = [word for word in rest[:at] if manager != "npm" or word not in _QUIET]
    options = [word for word in own if manager == "npm" and word.startswith("-")]
    return f"npm is given the option {options[0]}" if options else (*own, *rest[at + 1 :])


def _below(directory: str, path: str) -> str:
    folder = normpath(join(directory, path))
    return "" if folder == "." else folder


def _script(context: Context, directory: str, name: str, manager: str) -> NodeCommand | Unresolved:
    package = read_package(context, directory)
    if package is None:
        return Unresolved(f"there is no readable package.json in {directory or 'the context'}")
    text = package.script(name)
    hooks = [hook for hook in (f"pre{name}", f"post{name}") if package.script(hook) is not None]
    if hooks:
        return Unresolved(f"{hooks[0]} runs, too", (package.evidence(hooks[0]),))
    if (
        text is None
        and name == "start"
        and manager in {"npm", "pnpm"}
        and context.is_file(join(directory, "server.js"))
    ):
        text = "node server.js"  # what npm and pnpm do where there is no such script
    if text is None:
        return Unresolved(f"package.json has no script {name}", (Evidence(package.path, '"scripts"'),))
    read = _without_cross_env(simple(text))
    evidence = (package.evidence(name),)
    if isinstance(read, NotSimple):
        return Unresolved(f"the script {name} is more than one simple command ({read.why})", evidence)
    folder = _below(directory, read.cwd) if read.cwd else directory
    return NodeCommand(read.words, read.env, folder, (name,), evidence=evidence)


def _without_cross_env(read: Simple | NotSimple) -> Simple | NotSimple:
    """Take `cross-env A=b` off, which only sets variables."""
    if isinstance(read, NotSimple) or read.words[0] not in {"cross-env", "env"}:
        return read
    rest = list(read.words[1:])
    env: dict[str, str] = dict(read.env)
    while rest and "=" in rest[0] and not rest[0].startswith("-"):
        name, _, value = rest.pop(0).partition("=")
        env[name] = value
    if not rest or rest[0].startswith("-") or any("$" in value for value in env.values()):
        return NotSimple("cross-env")
    return replace(read, env=tuple(env.items()), words=tuple(rest))


def _with_program(context: Context, command: NodeCommand) -> NodeCommand | Unresolved:
    """Name the program by its file where it is one of the project's packages, and say what sort it is."""
    words = command.words
    if words[:1] == ("npx",):
        words = words[1:]
        if not words or words[0].startswith("-"):
            return Unresolved("npx is given options", command.evidence)
    command = replace(command, developing=is_dev_server(words), several=_is_supervisor(words))
    if not words or "/" in words[0] or words[0] == "node":
        return replace(command, words=words)
    package = read_package(context, command.directory)
    owner = known.COMMAND_PACKAGES.get(words[0], words[0])
    file = _locked_bin(context, command.directory, words[0]) if package else None
    if file is not None:
        return replace(command, words=("node", file, *words[1:]))
    if package is not None and package.depends_on(owner):
        return replace(command, words=(f"node_modules/.bin/{words[0]}", *words[1:]))
    if command.words[0] == "npx":
        return Unresolved(f"npx fetches {words[0]}, which is no dependency", command.evidence)
    return replace(command, words=words)


def _is_supervisor(words: tuple[str, ...]) -> bool:
    return bool(words) and basename(words[0]) in known.SUPERVISORS


def _locked_bin(context: Context, directory: str, name: str) -> str | None:
    """Return the file of a command, from package-lock.json (version 2 and 3 list the commands of each package)."""
    text = context.text(join(directory, "package-lock.json"), _LOCK_LIMIT)
    if text is None or f'"{name}"' not in text:
        return None
    packages = (_json(text) or {}).get("packages")
    for path, package in packages.items() if isinstance(packages, dict) else ():
        bins = dict(_bins(package)) if isinstance(package, dict) and path.startswith("node_modules/") else {}
        # A command of a package nested in another one is not in node_modules/.bin of the project.
        if name in bins and path.count("node_modules/") == 1:
            return join(path, normpath(bins[name]))
    return None


def _bins(data: dict[str, object]) -> Pairs:
    bins = data.get("bin")
    if isinstance(bins, str):
        return ((basename(_text(data.get("name")) or ""), bins),)
    return _pairs(bins)


def _pairs(value: object) -> Pairs:
    items = value.items() if isinstance(value, dict) else ()
    return tuple((name, text) for name, text in items if isinstance(text, str))


def _declared_manager(data: dict[str, object]) -> str:
    declared = (_text(data.get("packageManager")) or "").partition("@")[0]
    return declared if declared in MANAGERS else "npm"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _json(text: str) -> dict[str, object] | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
