"""A place that shows why something is believed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """`where` is `Dockerfile:12`, `main.go:3` (below the context) or `facts: golang`; `quote` what stands there."""

    where: str
    quote: str
