"""A place that shows why something is believed."""

from __future__ import annotations

from rewriter.record import record


@record
class Evidence:
    """`where` is `Dockerfile:12`, `main.go:3` (below the context) or `facts: golang`; `quote` what stands there."""

    where: str
    quote: str
