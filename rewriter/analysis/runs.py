"""What the RUN lines of a stage do, command by command: packages installed, users made, folders made, the rest.

Only says what a command is for; whether that matters is decided in the recipes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from posixpath import basename

from rewriter.analysis.evidence import Evidence
from rewriter.images.model import Packages, Shell
from rewriter.record import record
from rewriter.semantics.build import RunStep, Stage
from rewriter.semantics.shell import CannotTell, SimpleCommand, Word, commands_of, read


class Deed(Enum):
    """What a command of a RUN is for."""

    INSTALL = "install"
    CLEAN = "clean"
    USER = "user"
    FOLDER = "folder"
    SILENT = "silent"
    OTHER = "other"


@record
class Run:
    """One command of a RUN: its words (None where unknown; `raw` as written), where it runs, its environment, its deed.

    `packages` are the names an INSTALL names, `manager` its package manager.
    """

    step: RunStep
    words: tuple[str | None, ...]
    raw: tuple[str, ...]
    cwd: str | None
    env: Mapping[str, str]
    deed: Deed
    manager: Packages | None = None
    packages: tuple[str, ...] = ()
    conditional: bool = False

    @property
    def evidence(self) -> Evidence:
        """The RUN as a place that shows something."""
        return evidence_of(self.step)

    @property
    def argv(self) -> tuple[str, ...] | None:
        """All words, None where one of them is not known."""
        known = tuple(word for word in self.words if word is not None)
        return known if len(known) == len(self.words) else None


@record
class Opaque:
    """A RUN that cannot be read, and why."""

    step: RunStep
    why: str

    @property
    def evidence(self) -> Evidence:
        """The RUN as a place that shows something."""
        return evidence_of(self.step)


def evidence_of(step: RunStep) -> Evidence:
    """Return the instruction of a step as evidence: its first line, shortened."""
    first = step.instruction.text.strip()
    quote = first if len(first) <= 100 else f"{first[:97]}..."
    return Evidence(f"Dockerfile:{step.instruction.span.line}", quote)


def runs_of(stage: Stage) -> tuple[Run | Opaque, ...]:
    """Return the commands of every RUN of the stage and of the stages of this file it is built on, in build order."""
    steps = (step for step in stage.all_steps if isinstance(step, RunStep))
    return tuple(run for step in steps for run in runs_in(step))


def runs_in(step: RunStep) -> Iterator[Run | Opaque]:
    """Yield the commands of one RUN."""
    if isinstance(step.command, Shell):
        script = read(step.command.script)
        if isinstance(script, CannotTell):
            yield Opaque(step, script.why)
            return
    for command in commands_of(step.command, step.state.env, step.state.cwd):
        yield _from_shell(step, command)


def _from_shell(step: RunStep, command: SimpleCommand) -> Run:
    assigned = {name: word.text for name, word in command.assignments if word.text is not None}
    run = _classified(step, command.words, assigned, command.cwd, conditional=command.conditional)
    return replace(run, deed=Deed.OTHER) if run.deed is Deed.SILENT and _writes(command) else run


def _writes(command: SimpleCommand) -> bool:
    """Return whether the command's output goes into a file."""
    targets = (r.target.text for r in command.redirects if r.operator.startswith((">", "&>")))
    return any(text is None or not (text.startswith("/dev/") or text.isdecimal()) for text in targets)


def _classified(
    step: RunStep, words: tuple[Word, ...], assigned: Mapping[str, str], cwd: str | None, *, conditional: bool
) -> Run:
    env = {**dict(step.state.env), **assigned}
    texts, raw = tuple(word.text for word in words), tuple(word.raw for word in words)
    plain = _without_prefix(texts)
    name = basename(plain[0] or "") if plain else ""
    installed = _installed(name, plain)
    if installed is not None:
        manager, packages = installed
        return Run(step, texts, raw, cwd, env, Deed.INSTALL, manager, packages, conditional)
    deed = next((deed for deed, says in _DEEDS if says(name, plain)), Deed.OTHER)
    return Run(step, texts, raw, cwd, env, deed, conditional=conditional)


def _without_prefix(words: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """Return the words after `sudo`, `env V=x`, `exec` and the like."""
    rest = list(words)
    while rest and rest[0] in {"sudo", "env", "exec", "command", "time"}:
        rest.pop(0)
        while rest and rest[0] and ("=" in rest[0] or rest[0].startswith("-")):
            rest.pop(0)
    return tuple(rest)


# Package managers: program, sub-command, options that take a value in the next word.
_MANAGERS: Mapping[str, tuple[Packages, frozenset[str], frozenset[str]]] = {
    "apt-get": ("apt", frozenset({"install"}), frozenset({"-o", "-t", "-c", "--target-release", "-a"})),
    "apt": ("apt", frozenset({"install"}), frozenset({"-o", "-t", "-c"})),
    "aptitude": ("apt", frozenset({"install"}), frozenset({"-o", "-t"})),
    "apk": ("apk", frozenset({"add"}), frozenset({"-t", "--virtual", "--repository", "-X", "-p", "--root", "--arch"})),
    "yum": ("rpm", frozenset({"install", "localinstall", "groupinstall"}), frozenset({"-c"})),
    "dnf": ("rpm", frozenset({"install", "groupinstall"}), frozenset({"-c"})),
    "microdnf": ("rpm", frozenset({"install"}), frozenset()),
    "tdnf": ("rpm", frozenset({"install"}), frozenset()),
}


def _installed(name: str, words: tuple[str | None, ...]) -> tuple[Packages, tuple[str, ...]] | None:
    """Return the manager and the packages that a command installs; None when it installs none."""
    if name not in _MANAGERS:
        return None
    manager, verbs, valued = _MANAGERS[name]
    rest = iter(words[1:])
    plain: list[str] = []
    for word in rest:
        if word in valued:
            next(rest, None)
        elif word is not None and not word.startswith("-"):
            plain.append(word)
    if not plain or plain[0] not in verbs:
        return None
    return manager, tuple(plain[1:])


def _is_cleaning(name: str, words: tuple[str | None, ...]) -> bool:
    rest = tuple(word or "" for word in words[1:])
    if name in _MANAGERS:
        verbs = (
            "update",
            "clean",
            "autoclean",
            "autoremove",
            "makecache",
            "upgrade",
            "dist-upgrade",
            "remove",
            "purge",
            "del",
        )
        return any(word in verbs for word in rest)
    if name == "rm":
        paths = [word for word in rest if not word.startswith("-")]
        return bool(paths) and all(path.startswith(_CACHES) for path in paths)
    return name in {"update-ca-certificates", "apt-mark", "apt-key", "apt-cache", "add-apt-repository", "ldconfig"}


_CACHES = (
    "/var/lib/apt",
    "/var/cache",
    "/tmp/",
    "/var/tmp",
    "/root/.cache",
    "/usr/share/doc",
    "/usr/share/man",
    "~/.cache",
)


def _is_user(name: str, _: tuple[str | None, ...]) -> bool:
    return name in {"useradd", "adduser", "groupadd", "addgroup", "usermod", "groupmod", "passwd", "chpasswd"}


def _is_folder(name: str, _: tuple[str | None, ...]) -> bool:
    return name in {"mkdir", "install", "chown", "chmod", "chgrp", "touch"}


def _is_silent(name: str, words: tuple[str | None, ...]) -> bool:
    return not words or name in {
        "set",
        "echo",
        "true",
        ":",
        "cd",
        "test",
        "[",
        "export",
        "printf",
        "pwd",
        "ls",
        "env",
        "umask",
    }


_Says = Callable[[str, tuple[str | None, ...]], bool]
_DEEDS: tuple[tuple[Deed, _Says], ...] = (
    (Deed.CLEAN, _is_cleaning),
    (Deed.USER, _is_user),
    (Deed.FOLDER, _is_folder),
    (Deed.SILENT, _is_silent),
)
