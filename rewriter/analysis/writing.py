"""What it means that a command of a build writes somewhere; the readers of commands are in `writers`."""

from __future__ import annotations

from rewriter.record import record


class Cannot(Exception):  # noqa: N818 - it is an answer ("cannot tell, because"), not an error
    """It cannot be told where something writes; the text says why."""


@record
class Writes:
    """Paths that are made, and folders that have to be there and are written into."""

    paths: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
