"""The ledger of a fleet: a file of JSON Lines that is only ever appended to, so that a run can end anywhere."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from rewriter.bot.record import Record


def read_ledger(file: Path) -> list[Record]:
    """Return the records of a ledger, none where there is no file. A last line that was cut short is left out.

    Raises:
        ValueError: another line is no record.
    """
    if not file.exists():
        return []
    *lines, last = file.read_bytes().split(b"\n")
    rows = [(_record(line), number) for number, line in enumerate(lines, 1) if line.strip()]
    broken = [number for row, number in rows if row is None]
    if broken:
        raise ValueError(f"{file}: line {broken[0]} is no record")
    return [row for row in (*(row for row, _ in rows), _record(last)) if row is not None]


def append(file: Path, record: Record) -> None:
    """Add a record, on the disk before this returns; what is left of a line that was cut short goes."""
    with file.open("a+b") as ledger:
        ledger.seek(0)
        *_, last = ledger.read().rpartition(b"\n")
        whole = _record(last) is not None
        if last and not whole:
            ledger.truncate(ledger.tell() - len(last))
        ledger.write((b"\n" if whole else b"") + json.dumps(record, sort_keys=True).encode() + b"\n")
        ledger.flush()
        os.fsync(ledger.fileno())


def latest(records: Iterable[Record], step: str) -> dict[str, Record]:
    """Return the last record of each repository that a step made."""
    return {record["repository"]: record for record in records if record.get("step") == step}


def _record(line: bytes) -> Record | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and isinstance(record.get("repository"), str) else None
