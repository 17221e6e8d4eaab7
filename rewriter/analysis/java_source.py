"""What Java and Kotlin sources say about run time: programs they start, libraries they load, text they draw.

Looks at imports, calls and literals with the light scanner. Libraries of the project do as they like unseen.
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import Found, Spawn, Survey, Topic, at_line, spawn, survey_of
from rewriter.analysis.tokens import JAVA, Group, Token, groups, scan

_MOST_TEXT = 4 << 20
_MARKS = ("ProcessBuilder", "getRuntime", "loadLibrary", "java.awt", "javax.swing", "addShutdownHook", "ZoneId")
_DRAWING = ("java.awt.Font", "java.awt.Graphics", "java.awt.image", "javax.swing", "java.awt.*")
_RUNTIMES = frozenset({"runtime.exec", "rt.exec"})
_LOADING = frozenset({"System.loadLibrary", "System.load", "Native.load", "Native.loadLibrary"})


def survey(context: Context, roots: tuple[str, ...] = ()) -> Survey:
    """Return what the sources say in the folders `roots`, in all of the context if none is given.

    Tests are passed over.
    """
    items: list[Found | Spawn] = []
    problems: list[str] = ["the context has too many files to read them all"] if context.is_cut() else []
    left = _MOST_TEXT
    for path in (path for root in roots or ("",) for path in context.walk(root, (".java", ".kt"))):
        text = "" if "/test/" in f"/{path}" else context.text(path) or ""
        if not any(mark in text for mark in _MARKS):
            continue
        left -= len(text)
        if left < 0:
            problems.append("the sources are too large to read them all")
            break
        items += _inspect(path, text)
    return survey_of(items, problems)


def _inspect(path: str, text: str) -> Iterator[Found | Spawn]:
    lines = text.split("\n")
    tokens = [token for token in scan(text, JAVA) if token.kind != "comment"]
    yield from _drawing(path, tokens, lines)
    for group in groups(tokens, JAVA, only="("):
        place = at_line(path, lines, group.line)
        if group.name == "ProcessBuilder":
            yield spawn(_words(group), place)
        elif group.name in _RUNTIMES or (group.name == ".exec" and "getRuntime().exec(" in place.quote):
            yield _executed(group, place)
        elif group.name in _LOADING:
            yield Found(Topic.LIBRARY, "".join(group.literals[:1]), place)
        elif group.method == "addShutdownHook":
            yield Found(Topic.SIGTERM, "addShutdownHook", place)
        elif group.name == "ZoneId.of":
            yield Found(Topic.ZONE, "".join(group.literals[:1]), place)


def _drawing(path: str, tokens: list[Token], lines: list[str]) -> Iterator[Found]:
    for index, token in enumerate(tokens):
        if token.text == "import" and token.kind == "name":
            name = "".join(following.text for following in tokens[index + 1 : index + 8]).partition(";")[0]
            if name.startswith(_DRAWING):
                yield Found(Topic.FONTS, name, at_line(path, lines, token.line))


def _words(group: Group) -> tuple[str, ...]:
    words: list[str] = []
    for argument in group.arguments:
        if argument.text is None or not argument.whole:
            break
        words.append(argument.text)
    return tuple(words)


def _executed(group: Group, place: Evidence) -> Spawn:
    """A single string is taken apart at blanks (`Runtime.exec`), with no shell involved."""
    words = _words(group)
    return spawn(tuple(words[0].split()) if len(words) == 1 else words, place)
