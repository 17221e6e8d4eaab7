"""A comparison as JSON, for programs: sorted as the checks are, bytes that are not UTF-8 escaped."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from rewriter import __version__
from rewriter.engine.judge import Found, Result, Status
from rewriter.engine.table import sentence
from rewriter.engine.verify import NotBuilt, Verified
from rewriter.report.printable import decodable

SCHEMA = 1


def document(found: Verified | NotBuilt, path: str, against: str | None, engine: str) -> bytes:
    """Return the comparison of one file as a JSON document."""
    value: dict[str, Any] = {
        "schema": SCHEMA,
        "version": __version__,
        "path": decodable(path),
        "against": decodable(against) if against is not None else None,
        "engine": engine,
        **(_not_built(found) if isinstance(found, NotBuilt) else _verified(found)),
    }
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def _verified(found: Verified) -> dict[str, Any]:
    differs = any(result.status is Status.DIFFERS for result in found.results)
    return {
        "outcome": "differs" if differs else "same",
        "ports": list(found.setup.ports),
        "checks": [_result(result) for result in found.results],
        "images": {name: asdict(one) for name, one in zip(("before", "after"), found.inventories, strict=True)},
        "log": [],
    }


def _not_built(found: NotBuilt) -> dict[str, Any]:
    return {
        "outcome": "original does not build" if found.original else "conversion does not build",
        "ports": [],
        "checks": [],
        "images": None,
        "log": [decodable(line) for line in found.error.lines],
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "id": result.check.id,
        "title": result.check.title,
        "status": result.status.value,
        "differences": [_found(found) for found in result.found],
    }


def _found(found: Found) -> dict[str, Any]:
    difference = found.difference
    return {
        "field": decodable(difference.field),
        "before": decodable(difference.before),
        "after": decodable(difference.after),
        "says": decodable(sentence(found)),
        "announced_by": decodable(found.announced.name) if found.announced is not None else None,
    }
