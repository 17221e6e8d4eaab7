"""What JavaScript and TypeScript sources say about run time: programs and shells they start, signals, ports.

Looks at imports, calls and literals with the light scanner; installed packages, built bundles and tests are passed
over. What it reports is evidence, never proof that nothing else happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import Found, Spawn, Survey, Topic, at_line, spawn, survey_of
from rewriter.analysis.node_known import SPAWNERS
from rewriter.analysis.tokens import JAVASCRIPT, Argument, Group, Token, groups, literal_names, scan

_SUFFIXES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx")
_ASIDE = frozenset(
    "node_modules bower_components dist build out coverage .next .nuxt public static vendor test tests __tests__ "
    "__mocks__ e2e cypress".split()
)
_MOST_TEXT = 8 << 20
_LONGEST_CLAUSE = 80
_LONGEST_LINE = 5_000  # a longer one was written by a bundler
_MARKS = (*SPAWNERS, "SIGTERM", "ppid", ".listen", "cluster")


def survey(context: Context, roots: tuple[str, ...] = ()) -> Survey:
    """Return what the sources say in the folders (or files) `roots`, in all of the context if none is given."""
    items: list[Found | Spawn] = []
    problems: list[str] = ["the context has too many files to read them all"] if context.is_cut() else []
    left = _MOST_TEXT
    for path in (path for root in roots or ("",) for path in _sources(context, root)):
        text = context.text(path) or ""
        if not any(mark in text for mark in _MARKS):
            continue
        lines = text.split("\n")
        left -= len(text)
        if left < 0:
            problems.append("the sources are too large to read them all")
            break
        if max(map(len, lines)) <= _LONGEST_LINE:
            items += _inspect(path, text, lines)
    return survey_of(items, problems)


def _sources(context: Context, root: str) -> Iterator[str]:
    if root.endswith(_SUFFIXES):
        yield from (root,) if context.is_file(root) else ()
        return
    for path in context.walk(root, _SUFFIXES):
        *folders, name = path[len(root) :].split("/")
        kinds = name.split(".")[1:-1]
        if not _ASIDE & set(folders) and not {"test", "spec", "min", "config", "d", "stories"} & set(kinds):
            yield path


def _inspect(path: str, text: str, lines: list[str]) -> Iterator[Found | Spawn]:
    tokens = [token for token in scan(text, JAVASCRIPT) if token.kind != "comment"]
    names = spawners(tokens)
    for group in groups(tokens, JAVASCRIPT, literal_names(tokens), "("):
        place = at_line(path, lines, group.line)
        how = names.get(group.name) or names.get(f"{group.name}@{group.line}")
        if how is not None:
            yield _started(how, group, place)
        yield from _from_call(group, place)
    for index, token in enumerate(tokens):
        if token.text == "ppid" and [t.text for t in tokens[max(0, index - 2) : index]] == ["process", "."]:
            after = "".join(t.text for t in tokens[index + 1 : index + 5])
            compared = after.lstrip("=!").startswith("1") and after.startswith(("==", "!="))
            yield Found(Topic.PARENT, "== 1" if compared else "", at_line(path, lines, token.line))


def _from_call(group: Group, place: Evidence) -> Iterator[Found]:
    first = group.arguments[0] if group.arguments else Argument(None, False, "", ())  # noqa: FBT003
    if group.name in {"process.on", "process.once", "process.addListener"} and first.text == "SIGTERM":
        yield Found(Topic.SIGTERM, group.name, place)
    if group.method == "listen" and "." in group.name and first.name.isdigit():
        yield Found(Topic.PORT, first.name, place)
    if group.name == "cluster.fork":
        yield Found(Topic.PREFORK, group.name, place)


def _started(how: str, group: Group, place: Evidence) -> Spawn:
    first = group.arguments[0] if group.arguments else None
    text = first.text if first is not None else None
    if how == "shell" or dict(group.pairs).get("shell", "false") != "false":
        return Spawn((text,) if text else (), True, place)  # noqa: FBT003
    if text is None or first is None or not first.whole:
        return spawn((), place)
    if how == "line":
        return spawn(tuple(text.split()), place)
    return spawn((text, *(group.arguments[1].items if len(group.arguments) > 1 else ())), place)


def spawners(tokens: list[Token]) -> dict[str, str]:
    """Return the names by which a file starts programs, and how each does ("shell", "words" or "line").

    Follows `require` and `import` of the modules in question, destructuring and new names included, and `promisify`.
    A function used on the spot (`require("child_process").exec(...)`) is named with its line: ".exec@12".
    """
    found: dict[str, str] = {}
    for index, token in enumerate(tokens):
        functions = SPAWNERS.get(token.text.removeprefix("node:")) if token.kind == "text" else None
        if functions is None:
            continue
        if _texts(tokens, index - 1, 1) == ["from"]:
            found |= _bound(_clause(tokens, index - 2), functions)
        elif _texts(tokens, index - 2, 2) == ["require", "("]:
            found |= _required(tokens, index, functions)
    return found | _promisified(tokens, found)


def _required(tokens: list[Token], index: int, functions: dict[str, str]) -> dict[str, str]:
    """Return what a `require` gives a name to; `index` is where the module's name stands."""
    after = _texts(tokens, index + 1, 3)
    method = after[2] if after[:2] == [")", "."] and len(after) > 2 else ""
    if method:
        functions = {"default": functions[method]} if method in functions else {}
    if _texts(tokens, index - 3, 1) == ["="]:
        return _bound(_clause(tokens, index - 4), functions)
    if method and functions:
        return {f".{method}@{tokens[index].line}": functions["default"]}
    return {}


def _texts(tokens: list[Token], start: int, count: int) -> list[str]:
    return [token.text for token in tokens[max(0, start) : max(0, start + count)]]


def _clause(tokens: list[Token], end: int) -> list[str]:
    """Return the words between the keyword of a declaration and the position `end`: `{ exec, spawn as s }`, `cp`."""
    words = _texts(tokens, end - _LONGEST_CLAUSE, _LONGEST_CLAUSE + 1)
    return list(takewhile(lambda word: word not in {"import", "const", "let", "var"}, reversed(words)))[::-1]


def _bound(words: list[str], functions: dict[str, str]) -> dict[str, str]:
    """Return what a clause names: destructured functions, or the module under a name of its own."""
    found: dict[str, str] = {}
    if "{" in words:
        inner = words[words.index("{") + 1 :]
        for index, word in enumerate(inner):
            renamed = inner[index + 1 : index + 2] in (["as"], [":"])
            if word in functions and (index == 0 or inner[index - 1] == ","):
                found[inner[index + 2] if renamed and len(inner) > index + 2 else word] = functions[word]
        words = words[: words.index("{")]
    names = [word for word in words if word.isidentifier() and word not in {"as", "type"}]
    for name in names[-1:]:
        found |= {f"{name}.{function}": how for function, how in functions.items() if function != "default"}
        found |= {name: functions["default"]} if "default" in functions else {}
    return found


def _promisified(tokens: list[Token], names: dict[str, str]) -> dict[str, str]:
    """Return the names given to promisified functions: `const run = util.promisify(exec)`."""
    found: dict[str, str] = {}
    for index, token in enumerate(tokens):
        if token.text == "promisify" and token.kind == "name":
            start = index - 2 if _texts(tokens, index - 1, 1) == ["."] else index
            target, equals = [*_texts(tokens, start - 2, 2), "", ""][:2]
            inner = _texts(tokens, index + 2, 6)
            name = "".join(takewhile(lambda word: word != ")", inner))
            if inner[:1] == ["require"]:
                name = f".{inner[5]}@{token.line}" if len(inner) > 5 else ""
            if equals == "=" and name in names:
                found[target] = names[name]
    return found
