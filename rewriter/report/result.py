"""What became of one file: the value every report is made from."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from rewriter.plan import Declined, Outcome, Rewritten, Unchanged
from rewriter.record import record
from rewriter.syntax.document import encode


class Fault(Enum):
    """Whose fault it is that a file could not be done: INPUT is the file's (or its folder's), BUG is ours."""

    INPUT = "input"
    BUG = "bug"


@record
class Failed:
    """A file that could not be read, parsed or written, or that met a bug of ours, whose traceback is in `details`."""

    fault: Fault
    message: str
    help: str
    details: str = ""


@record
class Result:
    """One file of a run. `path` is the file as the user named it, `diff` the patch of a rewritten one.

    `ignored`: it is declined, and the user asked not to be told of it. `strict`: declined, it fails the run.
    """

    path: str
    before: bytes
    outcome: Outcome | Failed
    diff: bytes = b""
    ignored: bool = False
    strict: bool = False

    @property
    def after(self) -> bytes:
        """The file as it should be: the new text, or the bytes that were read."""
        return encode(self.outcome.text) if isinstance(self.outcome, Rewritten) else self.before

    @property
    def status(self) -> str:
        """The outcome in one word, as the JSON report says it."""
        match self.outcome:
            case Rewritten():
                return "rewritten"
            case Declined():
                return "declined"
            case Unchanged():
                return "unchanged"
            case Failed():
                return "failed"


STATUSES = ("rewritten", "unchanged", "declined", "failed")


def totals(results: Sequence[Result]) -> dict[str, int]:
    """Return how many files had each outcome, all four always named."""
    statuses = [result.status for result in results]
    return {status: statuses.count(status) for status in STATUSES}
