"""The shapes in which source readers report: what a source names, what it starts, and the survey they add up to."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from rewriter.analysis.evidence import Evidence
from rewriter.record import record

_LONGEST_QUOTE = 160


class Topic(Enum):
    """What a finding is about; the comment says what its `value` is."""

    NATIVE = "native"  # a package that links or loads C code
    LIBRARY = "library"  # a shared library looked up by name at run time
    PLUGIN = "plugin"  # a plug-in opened at run time
    RESOLVER = "resolver"  # a package that uses the C resolver when it can
    ASSET = "asset"  # a path that is read
    WRITE = "write"  # a path that is written
    EMBED = "embed"  # a pattern compiled in, which needs no file at run time
    PARENT = "parent"  # the question for the parent's process id: "== 1" when compared with 1 on the spot
    PREFORK = "prefork"  # a switch that makes workers of the program
    SIGTERM = "sigterm"  # what installs a handler for SIGTERM
    ZONE = "zone"  # a time zone loaded by name, "" when the name is not literal
    TLS = "tls"  # what needs root certificates
    USER = "user"  # what looks up users
    PORT = "port"  # a port listened on
    FRAMEWORK = "framework"  # a framework whose object is made
    LOCALE = "locale"  # a locale set by name
    FONTS = "fonts"  # what draws text, for which fonts have to be there


@record
class Found:
    """Something a source names, and where."""

    topic: Topic
    value: str
    evidence: Evidence


@record
class Spawn:
    """A program that the source starts. `words` are its literal first words, `()` where even the program is not known.

    With `shell` a shell runs it: `words` is then the script alone, as far as it is literal.
    """

    words: tuple[str, ...]
    shell: bool
    evidence: Evidence


@record
class Survey:
    """What the sources of one language say. `problems` tell what could not be read, so that silence is not proof."""

    found: tuple[Found, ...] = ()
    spawns: tuple[Spawn, ...] = ()
    problems: tuple[str, ...] = ()

    def of(self, topic: Topic) -> tuple[Found, ...]:
        """Return the findings on one topic, in the order of the files."""
        return tuple(item for item in self.found if item.topic is topic)


SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})


def survey_of(items: Iterable[Found | Spawn], problems: Iterable[str] = ()) -> Survey:
    """Return the survey of what was found; what is found twice in one place is reported once."""
    unique = tuple(dict.fromkeys(items))
    found = tuple(item for item in unique if isinstance(item, Found))
    return Survey(found, tuple(item for item in unique if isinstance(item, Spawn)), tuple(problems))


def spawn(words: tuple[str, ...], evidence: Evidence) -> Spawn:
    """Return the start of a program by its words; `sh -c SCRIPT` is the script in a shell."""
    if len(words) > 1 and words[0].rpartition("/")[2] in SHELLS and _is_command_option(words[1]):
        return Spawn(words[2:3], True, evidence)  # noqa: FBT003 - S604 takes `shell=True` for a call of subprocess
    return Spawn(words, False, evidence)  # noqa: FBT003


def at_line(path: str, lines: list[str], line: int) -> Evidence:
    """Return the evidence of one line (1-based) of a file, quoted without indentation and cut to a readable length."""
    quote = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    return Evidence(f"{path}:{line}", quote if len(quote) <= _LONGEST_QUOTE else f"{quote[: _LONGEST_QUOTE - 1]}…")


def _is_command_option(word: str) -> bool:
    return word.startswith("-") and not word.startswith("--") and word.endswith("c")
