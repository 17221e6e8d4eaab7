"""What a repository says about its own pull requests: the `[bot]` table of `.dfmod.toml`.

It comes from the repository, so it can name what is proposed and how, never a key, a token, a host or a limit of the
run. An unknown key or value is an error.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from rewriter.bot.state import Rebase, Recreate

FILE = ".dfmod.toml"
_LARGEST = 256 * 1024
_BRANCH = re.compile(r"(?!/)(?!.*//)(?!.*\.\.)(?!.*\.lock(/|$))[A-Za-z0-9._/-]*", re.ASCII)
CHOICES = {
    "group": ("auto", "repo", "directory", "file"),
    "rebase": ("conflicted", "behind", "never"),
    "recreate": ("on-file-change", "on-new-plan", "never", "always"),
}
Group = Literal["auto", "repo", "directory", "file"]


class SettingsError(ValueError):
    """A table that says something it cannot; the message names the key."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The table, with what holds where it says nothing."""

    enabled: bool = True
    base: str = ""
    branch_prefix: str = "dfmod/"
    group: Group = "auto"
    rebase: Rebase = "conflicted"
    recreate: Recreate = "on-file-change"
    draft: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    max_open: int = 3
    commit_message: str = "build: {summary}"


def read_settings(folder: Path) -> Settings:
    """Return the settings of a work tree.

    Raises:
        SettingsError: the file is no TOML, or says something unknown.
    """
    file = folder / FILE
    if file.is_symlink() or not file.is_file() or file.stat().st_size > _LARGEST:
        return Settings()
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8")).get("bot", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{FILE}: {error}") from error
    if not isinstance(table, dict):
        raise SettingsError(f"{FILE}: `bot` is no table")
    return settings_of(table)


def settings_of(table: dict[str, Any]) -> Settings:
    """Return the settings that a table holds.

    Raises:
        SettingsError: a key or a value is unknown.
    """
    known = {field.name.replace("_", "-"): field.name for field in fields(Settings)}
    for key in table:
        if key not in known:
            close = difflib.get_close_matches(key, known, 1)
            raise SettingsError(f"{FILE}: bot.{key} is unknown" + (f"; did you mean {close[0]!r}?" if close else ""))
    return Settings(**{known[key]: _value(key, value) for key, value in table.items()})


def _value(key: str, value: object) -> Any:
    """Return a value as its field has it."""
    default = getattr(Settings(), key.replace("-", "_"))
    if isinstance(default, tuple):
        if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
            return tuple(value)
        raise SettingsError(f"{FILE}: bot.{key} is a list of names")
    if type(value) is not type(default):
        raise SettingsError(f"{FILE}: bot.{key} is of another type")
    if key in CHOICES and value not in CHOICES[key]:
        raise SettingsError(f"{FILE}: bot.{key} is one of {', '.join(CHOICES[key])}")
    if key in ("base", "branch-prefix") and not _BRANCH.fullmatch(str(value)):
        raise SettingsError(f"{FILE}: bot.{key} cannot be part of a branch's name")
    if key == "commit-message" and (not str(value).isprintable() or not 1 <= len(str(value)) <= 100):
        raise SettingsError(f"{FILE}: bot.{key} is one line of at most 100 characters")
    return value
