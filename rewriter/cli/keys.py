"""What a configuration file can say: the one table of the options that are settings too, with their help.

The command line takes its help from here, the published schema is made from it, and a file's values are checked by it.
Touches no files; where a file lies and what is nearest is `configuration`'s business.
"""

from __future__ import annotations

import re
from enum import Enum

from rewriter.cli.faults import UsageError
from rewriter.record import record


class Kind(Enum):
    """What a value is: the phrase in which a wrong one is told."""

    SWITCH = "true or false"
    TEXT = "a text"
    CHOICE = "one of the names"
    NAMES = "a list of names that `dfmod explain` lists"
    PATTERNS = "a list of patterns"
    FOLDER = "a folder"


@record
class Key:
    """An option that can stand in a file: `name` is both the key there and, after two dashes, the option."""

    name: str
    kind: Kind
    help: str
    choices: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """The field of `Request` that holds it."""
        return self.name.replace("-", "_")


_ROWS = (
    Key(
        "tier",
        Kind.CHOICE,
        "How far to go. Default: distroless, with a shell only where the command needs it.",
        ("distroless", "distroless+shell", "slim", "init"),
    ),
    Key("target", Kind.TEXT, "The stage to end in. Default: the last."),
    Key("context", Kind.FOLDER, "Build context. Default: the nearest folder with all COPY sources."),
    Key("nonroot", Kind.SWITCH, "Run as user 65532."),
    Key("no-init", Kind.SWITCH, "Leave tini out."),
    Key("init-source", Kind.TEXT, 'Where tini comes from: a mirror URL, an image, or "package".'),
    Key("registry-prefix", Kind.TEXT, "Put this before the names of new images (a mirror)."),
    Key("pin", Kind.SWITCH, "Name new images by the digests already known."),
    Key("debug-target", Kind.SWITCH, "Add a stage with a shell, not built by default."),
    Key("templates", Kind.FOLDER, "Templates that stand in for the packaged ones."),
    Key("select", Kind.NAMES, "Tell these notes only."),
    Key("ignore", Kind.NAMES, "Do not tell these notes; a refusal of such a name does not fail --strict."),
    Key("strict", Kind.SWITCH, "Exit 1 if a file is declined."),
    Key("exclude", Kind.PATTERNS, "Leave these files alone; patterns as in .dockerignore."),
)
KEYS = {key.name: key for key in _ROWS}
# The table of the same file that is the bot's; bot/settings checks it.
BOT = "bot"
# A name of a note or a refusal, as notes.py has them.
NAME = "^[a-z0-9]+(-[a-z0-9]+)*$"


def value_of(key: Key, value: object) -> bool | str | tuple[str, ...]:
    """Return a value of a file as `Request` has it.

    Raises:
        UsageError: it is none that the key can have; the message names the key.
    """
    if key.kind is Kind.SWITCH and isinstance(value, bool):
        return value
    if key.kind is Kind.CHOICE and value in key.choices:
        return str(value)
    if key.kind in (Kind.TEXT, Kind.FOLDER) and isinstance(value, str) and value:
        return value
    if key.kind in (Kind.NAMES, Kind.PATTERNS) and isinstance(value, list) and all(_fits(key, item) for item in value):
        return tuple(value)
    raise UsageError(f"{key.name} is " + (f"one of {', '.join(key.choices)}" if key.choices else key.kind.value))


def _fits(key: Key, item: object) -> bool:
    if not isinstance(item, str) or not item:
        return False
    return key.kind is Kind.PATTERNS or re.fullmatch(NAME, item) is not None
