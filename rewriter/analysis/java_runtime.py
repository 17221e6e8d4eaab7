"""What Java, Kotlin and Scala sources ask of the runtime they get: a compiler, the default locale, JAVA_HOME.

Looks for words that stand for these, in all sources of the context; libraries do as they like unseen.
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import at_line
from rewriter.record import record

_SOURCES = (".java", ".kt", ".scala", ".groovy")
_MOST_TEXT = 8 << 20
# Modules that a JDK has and a JRE lacks: the compiler, the debugger, the tools that look into other processes.
_JDK = ("javax.tools", "com.sun.tools", "com.sun.source", "com.sun.jdi", "jdk.jshell", "jdk.jlink", "jdk.attach")
_LOCALE = ("Locale.getDefault", "Currency", "WeekFields", "getFirstDayOfWeek", "getISO3Country", "getCountry")
_HOME = ("JAVA_HOME",)


@record
class Asked:
    """The places that ask for a JDK, for the country of the default locale, for JAVA_HOME; `seen`: all were read."""

    jdk: tuple[Evidence, ...] = ()
    locale: tuple[Evidence, ...] = ()
    home: tuple[Evidence, ...] = ()
    seen: bool = False


def asked_of_runtime(context: Context) -> Asked:
    """Return what the sources of the context ask for; tests are passed over."""
    paths = [path for path in context.walk(suffixes=_SOURCES) if "/test/" not in f"/{path}"]
    texts = [(path, context.text(path)) for path in paths]
    read = [(path, text) for path, text in texts if text is not None]
    size = sum(len(text) for _, text in read)
    is_seen = bool(read) and len(read) == len(paths) and size <= _MOST_TEXT and not context.is_cut()
    properties = (path for path in context.walk(suffixes=(".properties",)) if "_en_US" in path)
    regional = tuple(Evidence(path, path.rpartition("/")[2]) for path in properties)
    found = {marks: tuple(_places(read, marks)) for marks in (_JDK, _LOCALE, _HOME)}
    return Asked(found[_JDK], (*found[_LOCALE], *regional), found[_HOME], seen=is_seen)


def _places(read: list[tuple[str, str]], marks: tuple[str, ...]) -> Iterator[Evidence]:
    for path, text in read:
        if not any(mark in text for mark in marks):
            continue
        lines = text.split("\n")
        number = next(n for n, line in enumerate(lines, 1) if any(mark in line for mark in marks))
        yield at_line(path, lines, number)
