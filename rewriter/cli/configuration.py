"""Configuration files: which is nearest to a Dockerfile, what it sets, and what is then in force for that file.

`.dfmod.toml`, or `pyproject.toml` with a table `[tool.dfmod]`, in the Dockerfile's folder or above it up to the top of
the work tree. The nearest one counts, whole; what the command line says counts more. Converts nothing.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from dataclasses import replace as changed
from functools import cache
from pathlib import Path
from typing import Any

from rewriter.analysis import ignore
from rewriter.cli.faults import UsageError
from rewriter.cli.keys import BOT, KEYS, Key, Kind, value_of
from rewriter.cli.places import upwards, work_tree
from rewriter.cli.request import Request
from rewriter.cli.search import STDIN, Found, Skipped
from rewriter.record import record
from rewriter.report.pages import ignorable

FILE, SHARED = ".dfmod.toml", "pyproject.toml"
_LARGEST = 1024 * 1024
# Where tini comes from and that it is left out are one question: who answers either has answered both.
_INIT = frozenset({"no_init", "init_source"})


@record
class Config:
    """One configuration file: its path, "" where there is none, and the values it sets by the fields of `Request`.

    `bot` is the bot's table as it stands there, unchecked.
    """

    path: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    bot: object = None


NONE = Config()


def finder() -> Callable[[str], Config]:
    """Return a function from a file's path to the configuration nearest to it; it looks into each folder once.

    The function raises UsageError where a configuration cannot be read or says something unknown.
    """
    look = cache(_config_in)

    @cache
    def nearest(folder: str) -> Config:
        return next((found for place in upwards(Path(folder)) if (found := look(str(place)))), NONE)

    return lambda path: nearest(os.path.dirname(path) or ".")  # noqa: PTH120 (the spelling is kept)


def in_force(request: Request, config: Config) -> Request:
    """Return the request with what the file sets where the command line says nothing."""
    said = {key.field for key in KEYS.values() if getattr(request, key.field) not in (None, ())}
    said |= _INIT if said & _INIT else set()
    return changed(request, **{name: value for name, value in config.values.items() if name not in said})


def configured(
    found: Sequence[Found], request: Request
) -> tuple[tuple[Found, ...], tuple[Request, ...], list[Skipped]]:
    """Return the files that are not excluded, for each of them what is in force, and what a user named in vain.

    Raises:
        UsageError: a configuration cannot be read or says something unknown.
    """
    nearest = (lambda _: NONE) if request.no_config else finder()
    kept: list[tuple[Found, Request]] = []
    left: list[Skipped] = []
    for one in found:
        path = request.stdin_filename or "Dockerfile" if one.path == STDIN else one.path
        config = nearest(path)
        force = in_force(request, config)
        if not _is_excluded(path, force.exclude, "" if request.exclude else os.path.dirname(config.path)):  # noqa: PTH120
            kept.append((one, force))
        elif one.root is None:
            left.append(Skipped(one.path, f"excluded by {'--exclude' if request.exclude else config.path}"))
    return tuple(one for one, _ in kept), tuple(force for _, force in kept), left


def _config_in(folder: str) -> Config | None:
    """Return the configuration that a folder holds, if any; its own file goes before the shared one."""
    own, shared = (os.path.normpath(os.path.join(folder, name)) for name in (FILE, SHARED))  # noqa: PTH118
    if os.path.isfile(own):  # noqa: PTH113
        return _config(own, _table(own, _read(own)), bot=True)
    if not os.path.isfile(shared):  # noqa: PTH113
        return None
    data = _read(shared)
    # Most of these are not about us, and then neither the reader nor a fault of theirs is our concern.
    tool = _table(shared, data).get("tool", {}) if b"dfmod" in data else {}
    return _config(shared, tool["dfmod"]) if isinstance(tool, dict) and "dfmod" in tool else None


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from error
    if len(data) > _LARGEST:
        raise UsageError(f"{path}: larger than {_LARGEST // 1024} KiB")
    return data


def _table(path: str, data: bytes) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 (most runs have nothing to read)

    try:
        return tomllib.loads(data.decode())
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error


def _config(path: str, table: object, *, bot: bool = False) -> Config:
    if not isinstance(table, dict):
        raise UsageError(f"{path}: dfmod is no table")
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name == BOT and bot:
            continue
        key = KEYS.get(name)
        if key is None:
            raise UsageError(f"{path}: {_unknown(name)}")
        try:
            values[key.field] = _checked(key, value_of(key, value), path)
        except UsageError as error:
            raise UsageError(f"{path}: {error}") from error
    if values.get("no_init") and "init_source" in values:
        raise UsageError(f"{path}: no-init and init-source contradict each other")
    return Config(path, values, table.get(BOT))


def _unknown(name: str) -> str:
    if name == BOT:
        return f"the table {BOT} is read from {FILE} alone"
    close = difflib.get_close_matches(name.replace("_", "-"), KEYS, 1)
    return f"{name} is unknown; " + (f"did you mean {close[0]!r}?" if close else f"known are {', '.join(KEYS)}")


def _checked(key: Key, value: bool | str | tuple[str, ...], path: str) -> bool | str | tuple[str, ...]:  # noqa: FBT001
    """Return the value, a folder as the current folder has it.

    Raises:
        UsageError: it names what is not there, or a folder outside.
    """
    if key.kind is Kind.FOLDER:
        return _folder(key.name, str(value), os.path.dirname(path))  # noqa: PTH120
    if key.kind is Kind.NAMES and isinstance(value, tuple):
        check_names(value)
    return value


def check_names(names: Sequence[str]) -> None:
    """Check that each name is of a note or a refusal; a decision is a change, which is never hidden.

    Raises:
        UsageError: one is not.
    """
    for name in names:
        if name not in ignorable():
            raise UsageError(not_ignorable(name))


def not_ignorable(name: str) -> str:
    """Return the sentence that says why a name cannot be ignored, with the nearest one that can."""
    close = difflib.get_close_matches(name.lower(), ignorable(), 1)
    hint = f"did you mean {close[0]!r}?" if close else "`dfmod explain` lists all names."
    return f"no note or refusal is named {name!r}; {hint}"


def _folder(name: str, value: str, base: str) -> str:
    """Return a folder that a file names relative to its own; it may read what lies in its own work tree, no more."""
    folder = os.path.normpath(os.path.join(base, value))  # noqa: PTH118
    if not os.path.isdir(folder):  # noqa: PTH112
        raise UsageError(f"{name}: no such folder: {value}")
    top = work_tree(base or ".") or os.path.realpath(base or ".")
    if not Path(os.path.realpath(folder)).is_relative_to(top):
        raise UsageError(f"{name}: {value} leads out of the repository; name it on the command line")
    return folder


def _is_excluded(path: str, patterns: Sequence[str], base: str) -> bool:
    if not patterns:
        return False
    folder, name = os.path.split(path)
    inside = os.path.relpath(os.path.join(os.path.realpath(folder or "."), name), os.path.realpath(base or "."))  # noqa: PTH118
    rules = ignore.parse("\n".join(patterns).encode())
    parts = Path(inside).parts
    judged: ignore.Judged | None = None
    for length in range(1, len(parts) + 1):
        judged = ignore.judge(rules, "/".join(parts[:length]), judged)
    return judged is not None and judged.excluded
