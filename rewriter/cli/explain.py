"""`dfmod explain`: prints the page of a name, or the list of names."""

from __future__ import annotations

import difflib

from rewriter.cli.faults import UsageError
from rewriter.cli.screen import Screen
from rewriter.report.pages import names, page, title


def run(name: str | None, screen: Screen) -> int:
    """Print the page of a name, or without one every name with its summary; return the exit code.

    Raises:
        UsageError: there is no page of that name; the message offers the nearest.
    """
    if name is None:
        known = names()
        width = max(map(len, known), default=0)
        screen.data("".join(f"{n:{width}}  {title(n)}".rstrip() + "\n" for n in known).encode())
        return 0
    text = page(name)
    if text is None:
        raise UsageError(unknown(name))
    screen.data(text.encode())
    return 0


def unknown(name: str) -> str:
    """Return the sentence that says a name is unknown, with the nearest known one where one is near."""
    close = difflib.get_close_matches(name.lower(), names(), 1)
    hint = f"did you mean {close[0]!r}?" if close else "`dfmod explain` lists all names."
    return f"no page named {name!r}; {hint}"
