"""Changes to a text, as values: a span and what stands there afterwards."""

from __future__ import annotations

from collections.abc import Iterable

from rewriter.record import record
from rewriter.syntax.document import Span


@record
class Edit:
    """Replace the characters of `span` by `text`; an empty span inserts."""

    span: Span
    text: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with all edits carried out; their order does not matter.

    Raises:
        ValueError: two edits overlap or insert at the same place, or a span lies outside the text.
    """
    pieces: list[str] = []
    position = 0
    previous: Edit | None = None
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        _check(text, position, previous, edit)
        pieces += (text[position : edit.span.start], edit.text)
        position, previous = edit.span.end, edit
    return "".join((*pieces, text[position:]))


def _check(text: str, position: int, previous: Edit | None, edit: Edit) -> None:
    start, end = edit.span.start, edit.span.end
    if not 0 <= start <= end <= len(text):
        raise ValueError(f"edit of {start}:{end} lies outside a text of {len(text)} characters")
    if previous is not None and (start < position or start == previous.span.start):
        raise ValueError(f"edits of {previous.span.start}:{previous.span.end} and {start}:{end} overlap")
