"""What Python sources say about run time: programs and shells they start, libraries they load by name, signals.

The only door to libcst, which is imported when a file holds something of interest and not before. It recurses in
native code, so a file that nests deeper than people write is not handed to it but named as a problem.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rewriter.analysis import python_known as known
from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import Found, Spawn, Survey, Topic, at_line, spawn, survey_of
from rewriter.analysis.tokens import PYTHON, scan
from rewriter.record import record

if TYPE_CHECKING:
    import libcst

_MOST_TEXT = 400 << 10  # of source that libcst is given; it reads some 200 KB a second
_DEEPEST = 60
_LONGEST = 400
_ASIDE = frozenset({"tests", "test", "venv", ".venv", "env", "node_modules", "site-packages", "__pycache__"})


def survey(context: Context, roots: tuple[str, ...] = ()) -> Survey:
    """Return what the Python files say in the folders (or files) `roots`, in all of the context if none is given.

    Tests and virtual environments are passed over.
    """
    paths = [path for root in roots or ("",) for path in _python_files(context, root)]
    items: list[Found | Spawn] = []
    problems: list[str] = ["the context has too many files to read them all"] if context.is_cut() else []
    left = _MOST_TEXT
    for path in paths:
        data = context.read(path) or b""
        items += _frameworks(path, data)
        if not any(mark in data for mark in known.MARKS):
            continue
        left -= len(data)
        if left < 0:
            problems.append("the Python sources are too large to read them all")
            break
        found, problem = _inspect(path, data.decode("utf-8-sig", "replace"))
        items += found
        problems += [problem] if problem else []
    return survey_of(items, problems)


def _python_files(context: Context, root: str) -> Iterator[str]:
    if root.endswith(".py"):
        yield from (root,) if context.is_file(root) else ()
        return
    for path in context.walk(root, (".py",)):
        parts = path.split("/")
        is_test = parts[-1].startswith("test_") or parts[-1] in {"conftest.py", "setup.py"}
        if not is_test and not _ASIDE & set(parts[:-1]):
            yield path


def _frameworks(path: str, data: bytes) -> Iterator[Found]:
    """Find `app = Flask(...)` line by line: cheap, and nothing is decided on it alone."""
    for name, framework in known.FRAMEWORKS.items():
        if b"%s(" % name.encode() not in data:
            continue
        lines = data.decode("utf-8-sig", "replace").split("\n")
        for number, line in enumerate(lines, 1):
            before, made, _ = line.partition(f"{name}(")
            if made and before.rstrip().rstrip("abcdefghijklmnopqrstuvwxyz._").rstrip().endswith("="):
                yield Found(Topic.FRAMEWORK, framework, at_line(path, lines, number))


def _inspect(path: str, text: str) -> tuple[list[Found | Spawn], str | None]:
    if not _is_shallow(text):
        return [], f"{path} nests too deeply to be read"
    try:
        return list(_from_calls(path, text.split("\n"), _calls(text))), None
    except _UnreadableError as error:
        return [], f"{path}: {error}"


def _is_shallow(text: str) -> bool:
    """Return whether brackets, chains of operators and of `elif` stay within what people write by hand."""
    depth = run = branches = line = 0
    joined = False
    for token in scan(text, PYTHON):
        opened, closed = token.kind == "mark" and token.text in "([{", token.kind == "mark" and token.text in ")]}"
        depth += opened - closed
        branches += token.text == "elif"
        run = 0 if token.text in {",", ";"} or (depth <= 0 and token.line != line and not joined) else run + 1
        joined = token.kind == "mark" and token.text == "\\"
        line = token.line
        inner = token.text.count("{") if token.kind == "text" else 0
        if depth > _DEEPEST or run > _LONGEST or branches > _LONGEST or (inner > _DEEPEST and ":{" in token.text):
            return False
    return True


class _UnreadableError(Exception):
    """libcst cannot parse the file; the message says why."""


@record
class _Call:
    """A call: its full name, arguments and keywords as literals (a list as a tuple, None for anything else)."""

    name: str
    arguments: tuple[_Value, ...]
    keywords: dict[str, _Value]
    names: tuple[str, ...]
    compared: bool
    line: int


@record
class _Text:
    """A string literal; `whole` is False for an f-string, of which `value` is the part before its first brace."""

    value: str
    whole: bool


_Value = _Text | tuple[str, ...] | bool | None


def _from_calls(path: str, lines: list[str], calls: Iterable[_Call]) -> Iterator[Found | Spawn]:
    for call in calls:
        place = at_line(path, lines, call.line)
        method = call.name.rpartition(".")[2]
        first = call.arguments[0] if call.arguments else call.keywords.get("args")
        started = _started(call, first, place)
        if started is not None:
            yield started
        if call.name in known.LIBRARY or (method in known.LIBRARY_METHODS and "." in call.name):
            yield Found(Topic.LIBRARY, _literal(first), place)
        if call.name in known.USER:
            yield Found(Topic.USER, call.name, place)
        if call.name in known.ZONE:
            yield Found(Topic.ZONE, _literal(first), place)
        if call.name == known.LOCALE and len(call.arguments) > 1:
            yield Found(Topic.LOCALE, _literal(call.arguments[1]), place)
        if call.name == known.PARENT:
            yield Found(Topic.PARENT, "== 1" if call.compared else "", place)
        if method in known.SIGTERM_METHODS and known.SIGTERM in call.names:
            yield Found(Topic.SIGTERM, call.name, place)


def _started(call: _Call, first: _Value, place: Evidence) -> Spawn | None:
    if call.name in known.SHELL or (call.name in known.SPAWN and call.keywords.get("shell") is True):
        script = first.value if isinstance(first, _Text) else "".join(first[:1]) if isinstance(first, tuple) else ""
        return Spawn((script,) if script else (), True, place)  # noqa: FBT003
    if call.name in known.SPAWN:
        return spawn(_words(first), place)
    if call.name in known.WORDS:
        rest = call.arguments[known.WORDS[call.name] :]
        words = tuple(word for value in rest for word in _words(value)) if rest and _words(rest[0]) else ()
        return spawn(words, place)
    return None


def _words(value: _Value) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return (value.value,) if isinstance(value, _Text) and value.whole else ()


def _literal(value: _Value) -> str:
    return value.value if isinstance(value, _Text) and value.whole else ""


def _calls(text: str) -> list[_Call]:
    """Return the calls of a module.

    Raises:
        _UnreadableError: it is no Python that libcst knows, or too intricate for it.
    """
    import libcst as cst  # noqa: PLC0415 - costs more than a whole conversion, and few projects need it
    from libcst.metadata import MetadataWrapper, PositionProvider  # noqa: PLC0415

    try:
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        places = wrapper.resolve(PositionProvider)
    except cst.ParserSyntaxError as error:
        raise _UnreadableError(f"line {error.raw_line} is not understood") from error
    except (RecursionError, ValueError, TypeError) as error:
        raise _UnreadableError(type(error).__name__) from error
    aliases: dict[str, str] = {}
    calls: list[_Call] = []
    compared: set[libcst.CSTNode] = set()
    todo: list[libcst.CSTNode] = [wrapper.module]
    while todo:
        node = todo.pop()
        todo += reversed(node.children)
        if isinstance(node, cst.Import | cst.ImportFrom):
            aliases.update(_aliases(node))
        elif isinstance(node, cst.Comparison) and isinstance(node.comparisons[0].comparator, cst.Integer):
            compared.update({node.left} if node.comparisons[0].comparator.value == "1" else ())
        elif isinstance(node, cst.Call):
            calls.append(_call(node, aliases, compared=node in compared, line=places[node].start.line))
    return calls


def _aliases(node: libcst.Import | libcst.ImportFrom) -> Iterator[tuple[str, str]]:
    import libcst as cst  # noqa: PLC0415

    if isinstance(node.names, cst.ImportStar):
        return
    prefix = f"{_dotted(node.module)}." if isinstance(node, cst.ImportFrom) and node.module else ""
    for alias in node.names:
        full = _dotted(alias.name)
        name = _dotted(alias.asname.name) if alias.asname else ""
        if name or prefix:
            yield name or full, prefix + full


def _dotted(node: libcst.CSTNode | None) -> str:
    """Return a dotted name; what is not a name is left empty (`f().read` is ".read")."""
    import libcst as cst  # noqa: PLC0415

    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    parts.append(node.value if isinstance(node, cst.Name) else "")
    return ".".join(reversed(parts))


def _call(node: libcst.Call, aliases: dict[str, str], *, compared: bool, line: int) -> _Call:
    names = tuple(_resolved(_dotted(arg.value), aliases) for arg in node.args)
    positional = tuple(_value(arg.value) for arg in node.args if arg.keyword is None and not arg.star)
    keywords = {arg.keyword.value: _value(arg.value) for arg in node.args if arg.keyword is not None}
    return _Call(_resolved(_dotted(node.func), aliases), positional, keywords, names, compared, line)


def _resolved(name: str, aliases: dict[str, str]) -> str:
    first, dot, rest = name.partition(".")
    return f"{aliases[first]}{dot}{rest}" if first in aliases else name


def _value(node: libcst.BaseExpression) -> _Value:
    import libcst as cst  # noqa: PLC0415

    match node:
        case cst.Name(value="True" | "False"):
            return node.value == "True"
        case cst.List() | cst.Tuple():
            return tuple(_leading(_value(element.value) for element in node.elements))
        case cst.Call(func=func, args=[argument]) if _dotted(func) == "shlex.split":
            return _shell_words(_value(argument.value))
        case cst.SimpleString() | cst.ConcatenatedString():
            value = node.evaluated_value
            return _Text(value, True) if isinstance(value, str) else None  # noqa: FBT003
        case cst.FormattedString(parts=[cst.FormattedStringText() as text, *_]):
            return _Text(text.value, False)  # noqa: FBT003
        case _:
            return None


def _leading(values: Iterable[_Value]) -> Iterator[str]:
    for value in values:
        if not isinstance(value, _Text) or not value.whole:
            return
        yield value.value


def _shell_words(value: _Value) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(_literal(value)))
    except ValueError:
        return ()
