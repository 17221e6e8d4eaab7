"""A ledger in numbers, as Markdown: what can be converted, why the rest is declined, what people decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rewriter.bot.ledger import latest
from rewriter.bot.record import Record
from rewriter.report.markup import cell, code


def tally(records: Sequence[Record]) -> str:
    """Return the report. Repositories count once, with what was last said of them."""
    surveyed, rolled, decided = (latest(records, step) for step in ("survey", "roll-out", "status"))
    seen = surveyed | rolled
    files = [file for row in seen.values() for file in row.get("files", ())]
    sections = (
        f"# {len(seen)} repositories, {len(files)} Dockerfiles\n",
        _table("Dockerfiles", "outcome", Counter(file["outcome"] for file in files)),
        _table("Converted", "tier", _about(files, "rewritten")),
        _table("Declined, by reason", "reason", _about(files, "declined")),
        _table("Repositories visited", "status", _words(rolled.values())),
        _table("What people decided", "status", _words(decided.values())),
        _table("Could not be visited", "status", _words(surveyed.values())),
    )
    return "\n".join(section for section in sections if section)


def _about(files: Iterable[Record], outcome: str) -> Counter[str]:
    return Counter(file["about"] for file in files if file["outcome"] == outcome)


def _words(rows: Iterable[Record]) -> Counter[str]:
    return Counter(change["status"] for row in rows for change in row["changes"])


def _table(title: str, column: str, counts: Mapping[str, int]) -> str:
    if not counts:
        return ""
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    lines = (f"| {cell(code(name))} | {count} |" for name, count in rows)
    return "\n".join((f"## {title}\n", f"| {column} | number |", "|---|---:|", *lines)) + "\n"
