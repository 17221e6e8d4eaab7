"""The published JSON schema of a configuration file, made from the table of keys and the bot's settings.

Draft 7, which is what editors of TOML read. `rewriter/config.schema.json` is what `dfmod config --schema` prints.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from rewriter.bot.settings import CHOICES, Settings
from rewriter.cli.keys import BOT, KEYS, NAME, Key, Kind


def schema() -> dict[str, Any]:
    """Return the schema of `.dfmod.toml`; `[tool.dfmod]` in `pyproject.toml` is the same without the bot's table."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "dfmod configuration",
        "description": "What .dfmod.toml, or pyproject.toml under [tool.dfmod], can say. The command line counts more.",
        "type": "object",
        "additionalProperties": False,
        "properties": {**{key.name: _property(key) for key in KEYS.values()}, BOT: _bot()},
    }


def text() -> str:
    """Return the schema as it is published."""
    return json.dumps(schema(), indent=2) + "\n"


def _property(key: Key) -> dict[str, Any]:
    return {"description": key.help, **_type(key)}


def _type(key: Key) -> dict[str, Any]:
    match key.kind:
        case Kind.SWITCH:
            return {"type": "boolean", "default": False}
        case Kind.CHOICE:
            return {"enum": list(key.choices)}
        case Kind.TEXT | Kind.FOLDER:
            return {"type": "string", "minLength": 1}
        case Kind.NAMES:
            return {"type": "array", "items": {"type": "string", "pattern": NAME}}
        case Kind.PATTERNS:
            return {"type": "array", "items": {"type": "string", "minLength": 1}}


def _bot() -> dict[str, Any]:
    known = {one.name.replace("_", "-"): getattr(Settings(), one.name) for one in fields(Settings)}
    return {
        "description": "What a repository says about the pull requests of `dfmod bot`.",
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _wish(name, default) for name, default in known.items()},
    }


def _wish(name: str, default: object) -> dict[str, Any]:
    """Return the schema of one of the bot's settings: of the type of its default."""
    match default:
        case bool():
            return {"type": "boolean", "default": default}
        case int():
            return {"type": "integer", "default": default}
        case tuple():
            return {"type": "array", "items": {"type": "string", "minLength": 1}, "default": list(default)}
        case _ if name in CHOICES:
            return {"enum": list(CHOICES[name]), "default": default}
        case _:
            return {"type": "string", "default": default}
