"""What is left when the fault is ours: a report the user can send, and never a bare traceback."""

from __future__ import annotations

import os
import platform
import tempfile
import traceback
from collections.abc import Sequence

from rewriter import __version__


def details(error: BaseException) -> str:
    """Return the traceback of an error, as it goes into a report."""
    return "".join(traceback.format_exception(error))


def save_report(tracebacks: Sequence[str]) -> str:
    """Write the tracebacks to a file in the folder for temporary files; return the sentences that say so.

    Where no file can be made, the report is in what is returned.
    """
    text = "\n".join((f"dfmod {__version__}, Python {platform.python_version()}, {platform.platform()}", *tracebacks))
    ask = "This is a bug in dfmod. Please report it with"
    try:
        number, path = tempfile.mkstemp(prefix="dfmod-bug-", suffix=".txt")
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError:
        return f"{ask} the Dockerfile and this:\n{text}\n"
    return f"{ask} the Dockerfile and {path}\n"
