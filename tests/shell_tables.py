"""Tables of shell texts: one `text => answer` a line, `#` begins a comment line, ⏎ stands for a newline."""

from __future__ import annotations

from pathlib import Path

TABLES = Path(__file__).parent / "tables"


def rows(name: str) -> list[tuple[str, str]]:
    """Return the rows of a table."""
    lines = [line for line in (TABLES / name).read_text("utf-8").splitlines() if line and not line.startswith("# ")]
    pairs = [line.rsplit(" => ", 1) for line in lines]
    return [(text.replace("⏎", "\n"), answer) for text, answer in pairs]
