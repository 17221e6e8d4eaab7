"""Names of what the tool can say, and one finding under such a name.

A `Rule` is declared in the module that raises it and documented in `rewriter/pages/<name>.md`; a test keeps the
two sets equal. Names are kebab-case and name the pattern found, never the cure.
"""

from __future__ import annotations

from enum import Enum

from rewriter.record import record


class Severity(Enum):
    """How loud a note is."""

    INFO = "info"
    WARNING = "warning"


@record
class Rule:
    """A name under which a note or a refusal is raised; `hazard` is the check it carries out ("H01"), if any."""

    name: str
    summary: str
    hazard: str = ""


@record
class Note:
    """A finding: what was found (`message`), where (`line`, 1-based, None for the whole file), what to do (`help`)."""

    rule: Rule
    severity: Severity
    message: str
    line: int | None
    help: str
