"""Values written into a Dockerfile or a shell script so that they are read back unchanged. Pure functions.

The quoting is the same for every escape character: nothing written here relies on a backslash or a backquote. What
cannot be written on one line is refused with a ValueError that names it.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable

from rewriter.images.model import Command, Exec, Healthcheck, Pairs, Shell
from rewriter.plan import Copy

# Characters that mean themselves in an unquoted word of a Dockerfile, whatever the escape character is.
_PLAIN = re.compile(r"[\w@%+=:,./~-]+", re.ASCII)
# Characters that keep a meaning between double quotes: an expansion, an escape of either kind, the quote itself.
_LIVELY = re.compile(r'["$\\`]')
_PATH = re.compile(r"[\w@%+=:,./~*?\[\]-]+", re.ASCII)
_FLAG = re.compile(r"[\w.:+=,/@-]+", re.ASCII)
_UNITS = (
    (3_600_000_000_000, "h"),
    (60_000_000_000, "m"),
    (1_000_000_000, "s"),
    (1_000_000, "ms"),
    (1_000, "us"),
    (1, "ns"),
)


def shell_words(words: Iterable[str]) -> str:
    """Return the words as a POSIX shell reads them back.

    Raises:
        ValueError: a word holds a line break or a NUL.
    """
    return " ".join(shlex.quote(_line(word, "shell word")) for word in words)


def shell_patterns(patterns: Iterable[str]) -> str:
    """Return patterns as a POSIX shell reads them back: `*` stands for any characters, everything else for itself.

    Raises:
        ValueError: a pattern holds a line break or a NUL.
    """
    pieces = ((shlex.quote(_line(piece, "pattern")) if piece else "" for piece in one.split("*")) for one in patterns)
    return " ".join("*".join(quoted) for quoted in pieces)


def exec_form(argv: Iterable[str]) -> str:
    r"""Return the words as the JSON array of an exec form: `["node", "app.js"]`. A line break is written `\n`.

    For instructions that do not expand variables (CMD, ENTRYPOINT, SHELL, HEALTHCHECK).

    Raises:
        ValueError: a word holds a NUL or is not valid UTF-8, which JSON cannot say.
    """
    return json.dumps([_unicode(word) for word in argv], ensure_ascii=False)


def word(value: str) -> str:
    """Return the one word of a WORKDIR, USER or STOPSIGNAL, quoted where needed, without an expansion in it.

    Raises:
        ValueError: the value is empty or holds a line break or a NUL.
    """
    if not value:
        raise ValueError("an empty word cannot be written")
    written = _quoted(_line(value, "word"))
    return f'"{written}"' if written.startswith("--") else written  # a flag is none when quoted


def env_pairs(pairs: Pairs) -> str:
    """Return the pairs of an ENV line: `A=b C="d e"`.

    Raises:
        ValueError: there are none, a name is none that ENV can hold, a value holds a line break or a NUL.
    """
    for name, _ in pairs:
        if not re.fullmatch(r"[^\s=\"'$\\`<>]+", name):
            raise ValueError(f"no name of a variable: {name!r}")
    return _pairs(pairs, "ENV")


def label_pairs(pairs: Pairs) -> str:
    """Return the pairs of a LABEL line; keys are quoted as values are.

    Raises:
        ValueError: there are none, a key is empty or holds `=`, a key or value holds a line break or a NUL.
    """
    for key, _ in pairs:
        if not key or "=" in key:
            raise ValueError(f"no key of a label: {key!r}")
    return _pairs(pairs, "LABEL")


def copy_line(copy: Copy) -> str:
    """Return what follows COPY: the flags, the sources, the target; the JSON form where a path has a blank.

    In a source `*` and `?` are patterns, as COPY takes them, and `[` is itself (folders called `[id]` are common).

    Raises:
        ValueError: no source is given, a path is empty, looks like a flag, or holds a line break or a NUL.
    """
    if not copy.sources:
        raise ValueError(f"nothing is copied to {copy.target}")
    paths = [*(source.replace("[", "[[]") for source in copy.sources), copy.target]
    written = [_path(path) for path in paths]
    flags = [f"--{name}={_flag(value)}" for name, value in _flags(copy) if value]
    if any(re.search(r"\s", path) for path in paths):
        return " ".join([*flags, exec_form(written)])
    return " ".join([*flags, *written])


def healthcheck(check: Healthcheck) -> str:
    """Return what follows HEALTHCHECK: `NONE`, or the options and the command.

    Raises:
        ValueError: the command is missing, or is a script that one line cannot hold or that would be read otherwise.
    """
    if check.kind == "NONE":
        return "NONE"
    times = (
        ("interval", check.interval),
        ("timeout", check.timeout),
        ("start-period", check.start_period),
        ("start-interval", check.start_interval),
    )
    options = [f"--{name}={_duration(value)}" for name, value in times if value]
    retries = [f"--retries={check.retries}"] if check.retries else []
    return " ".join([*options, *retries, "CMD", _command(check.command)])


def _pairs(pairs: Pairs, keyword: str) -> str:
    if not pairs:
        raise ValueError(f"{keyword} without a pair")
    return " ".join(f"{_quoted(_line(key, keyword))}={_quoted(_line(value, keyword))}" for key, value in pairs)


def _quoted(value: str) -> str:
    """Quote as BuildKit's lexer reads it: between single quotes nothing is special, not even the escape character."""
    if _PLAIN.fullmatch(value):
        return value
    if not _LIVELY.search(value):
        return f'"{value}"'
    return "".join(f'"{part}"' if part == "'" else f"'{part}'" for part in re.split("(')", value) if part)


def _path(path: str) -> str:
    if not path or path.startswith("--"):
        raise ValueError(f"no path that COPY can take: {path!r}")
    line = _line(path, "path")
    return line if _PATH.fullmatch(line) else _quoted(line)


def _flags(copy: Copy) -> tuple[tuple[str, str], ...]:
    return (("from", copy.stage), ("chown", copy.chown), ("chmod", copy.chmod))


def _flag(value: str) -> str:
    if not _FLAG.fullmatch(value):
        raise ValueError(f"no value of a flag: {value!r}")
    return value


def _command(command: Command | None) -> str:
    match command:
        case None:
            raise ValueError("a health check without a command")
        case Exec(argv):
            return exec_form(argv)
        case Shell(script):
            return _script(script.strip())


def _script(script: str) -> str:
    """Refuse what would be joined with the next line, or taken for the exec form."""
    if not script or script[-1] in "\\`" or _is_array(script):
        raise ValueError(f"no script for one line: {script!r}")
    return _line(script, "script")


def _is_array(script: str) -> bool:
    try:
        return isinstance(json.loads(script), list)
    except ValueError:
        return False


def _duration(nanoseconds: int) -> str:
    parts = []
    for size, unit in _UNITS:
        count, nanoseconds = divmod(nanoseconds, size)
        parts.append(f"{count}{unit}" if count else "")
    return "".join(parts)


def _line(text: str, what: str) -> str:
    if re.search(r"[\n\r\0]", text):
        raise ValueError(f"a {what} cannot hold a line break or a NUL: {text!r}")
    return text


def _unicode(word: str) -> str:
    if re.search("[\0\ud800-\udfff]", word):
        raise ValueError(f"JSON cannot hold {word!r}")
    return word
