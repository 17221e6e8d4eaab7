"""What a launcher starts, as the readers of the project's files tell it."""

from __future__ import annotations

from rewriter.analysis.evidence import Evidence
from rewriter.images.model import Pairs
from rewriter.notes import Note
from rewriter.plan import Safety
from rewriter.record import record


@record
class Launched:
    """The program a launcher starts: its words, where it is started, the variables set for it, why we believe it.

    `develops` names the development server it is, if it is one.
    """

    words: tuple[str, ...]
    workdir: str
    env: Pairs
    why: str
    safety: Safety
    evidence: tuple[Evidence, ...]
    develops: str | None = None
    notes: tuple[Note, ...] = ()
