"""Shells and wrapper scripts in front of a command: what they are given, and when they can go."""

from __future__ import annotations

from collections.abc import Collection
from posixpath import basename

from rewriter.images.model import Wrapper
from rewriter.record import record
from rewriter.semantics.shell.prefixes import SHELLS

_PLAIN_OPTIONS = frozenset(("-e", "-u", "-x", "+e", "+x", "--norc", "--noprofile", "--posix"))
_SOURCES = (".js", ".mjs", ".cjs", ".ts", ".py", ".rb", ".php", ".pl", ".jar")
_REASONS = {
    "variable": "a variable is expanded when the container starts",
    "list": "several commands run one after the other",
    "pipeline": "commands are joined by a pipe",
    "background": "a command is sent to the background",
    "redirection": "input or output is redirected",
    "here-document": "input comes from a here-document",
    "command substitution": "the output of a command is put into the line",
    "arithmetic": "the shell calculates",
    "pattern": "a pattern is matched against files",
    "tilde": "`~` stands for a home directory",
    "shell builtin": "the command is one of the shell's own",
    "compound command": "the script has branches or loops",
    "subshell": "commands run in a subshell",
    "group": "commands are grouped",
    "negation": "an exit code is turned round",
    "function": "the script defines a function",
    "process substitution": "a command's output is passed as a file",
    "login shell": "a login shell reads its profile first",
}


@record
class Scripted:
    """`shell` are the words up to the script, `extra` those after it ($0, $1 ...).

    `login` says that the shell reads its start-up files first, which may change the environment.
    """

    shell: tuple[str, ...]
    script: str
    extra: tuple[str, ...]
    login: bool


@record
class Names:
    """What is known of bare words: `programs` on PATH, `modules` of the work directory (None: not known)."""

    programs: Collection[str] = ()
    modules: Collection[str] | None = None


def scripted(words: tuple[str, ...]) -> Scripted | None:
    """Return the script in the words of `sh -c SCRIPT`, `bash -lc SCRIPT`, `env bash -c SCRIPT`; None if it is none."""
    first = 1 if words and basename(words[0]) in ("env", "busybox") else 0
    if len(words) < first + 3 or basename(words[first]) not in SHELLS:
        return None
    place, seen, login = first + 1, False, False
    while place < len(words) and len(words[place]) > 1 and words[place][0] in "-+":
        option = words[place]
        letters = "" if option.startswith("--") else option[1:]
        seen = seen or (option[0] == "-" and "c" in letters)
        login = login or option == "--login" or "l" in letters or "i" in letters
        place += 2 if letters.endswith("o") else 1
    if not seen or place >= len(words):
        return None
    return Scripted(words[:place], words[place], words[place + 1 :], login)


def script_place(words: tuple[str, ...]) -> int | None:
    """Return where the script file stands in the words of a command: `./run.sh a`, `sh -e run.sh`; None if nowhere."""
    if not words or scripted(words):
        return None
    if basename(words[0]) not in SHELLS:
        return 0 if words[0].endswith((".sh", ".bash")) else None
    place = 1
    while place < len(words) and words[place] in _PLAIN_OPTIONS:
        place += 1
    return place if place < len(words) and words[place][:1] not in ("-", "+") else None


def reason(why: str) -> str:
    """Return a sentence's worth of why a text is not one simple command."""
    first, comma, rest = why.partition(",")
    return _REASONS.get(first, first) + comma + rest


def is_entrypoint_of(wrapper: Wrapper, words: tuple[str, ...]) -> bool:
    """Whether an entrypoint is the wrapper of its base image."""
    return bool(words) and (words[0] in wrapper.names or words[0] == wrapper.path)


def without_wrapper(
    wrapper: Wrapper, words: tuple[str, ...], env: Collection[str], names: Names
) -> tuple[str, ...] | None:
    """Return the command a base image's wrapper would start with these arguments; None if it does more than that.

    A bare word that is no known program and looks like no source file is a command that was installed, unless the
    work directory has a module of that name; where its files are not known, it cannot be told.
    """
    busy = wrapper.always_acts or not wrapper.passes_through or any(name in env for name in wrapper.acts_on_env)
    if busy or not words or basename(words[0]) in wrapper.acts_on_commands:
        return None
    answers = [_holds(condition, words[0], names) for condition in wrapper.prepends_when]
    if True in answers:
        return (*wrapper.prepends, *words)
    return None if None in answers else words


def _holds(condition: str, word: str, names: Names) -> bool | None:
    kind, _, text = condition.partition(":")
    match kind:
        case "always":
            return True
        case "option":
            return word.startswith("-")
        case "suffix":
            return word.endswith(text)
        case "word":
            return word == text
        case "unknown-command":
            return _is_no_command(word, names)
        case "not-executable":
            return word.endswith(_SOURCES)
        case _:
            return None


def _is_no_command(word: str, names: Names) -> bool | None:
    if "/" in word or word in names.programs:
        return False
    if word.endswith(_SOURCES):
        return True
    return None if names.modules is None else word in names.modules
