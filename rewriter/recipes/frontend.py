"""The `# syntax=` line: the frontend it names has to know what the new stages use.

`ADD --checksum` came with frontend 1.6 (1.5-labs), heredocs with 1.4 (moby/buildkit: frontend/dockerfile/docs,
CHANGELOG of docker/dockerfile). A frontend that is not Docker's own is left alone: nothing is known of it.
"""

from __future__ import annotations

import re

from rewriter.analysis.evidence import Evidence
from rewriter.images.reference import parse_reference
from rewriter.notes import Rule
from rewriter.plan import Closure, Decision, InitStage, Refusal, Safety
from rewriter.record import record
from rewriter.syntax.document import Directive, Document, Span
from rewriter.syntax.edits import Edit

PINNED_FRONTEND = Rule("frontend-pinned-by-digest", "the file pins a frontend that is older than what is needed")

_CHECKSUM = (1, 6)
_CHECKSUM_LABS = (1, 5)
_HEREDOC = (1, 4)
_VERSION = re.compile(r"(\d+)\.(\d+)(\.\d+)?(-labs)?")
# Tags that stand for the newest release of a series, and those of the time before 1.2.
_NEWEST = frozenset({None, "latest", "1", "labs", "1-labs", "master", "master-labs"})
_EARLY = re.compile(r"(.*-)?experimental")


@record
class Frontend:
    """The edits that raise the frontend, and the decision that says so; both empty where nothing has to change."""

    edits: tuple[Edit, ...] = ()
    decisions: tuple[Decision, ...] = ()


def raise_frontend(document: Document, init: InitStage | None, closure: Closure | None) -> Frontend | Refusal:
    """Return the change of the `# syntax=` line that the new stages need; a refusal where a digest pins it."""
    line = next((i for i in document.items if isinstance(i, Directive) and i.name == "syntax"), None)
    needed = _CHECKSUM if init and init.kind == "download" else _HEREDOC if closure else None
    written = parse_reference(line.value) if line else None
    if line is None or needed is None or written is None or not _is_dockers(written.repository):
        return Frontend()
    new = _raised(written.tag, needed)
    if new is None:
        return Frontend()
    place = Evidence(f"Dockerfile:{line.span.line}", document.text[line.span.start : line.span.end].strip())
    feature = "ADD --checksum" if needed == _CHECKSUM else "here-documents"
    if written.digest:
        why = f"{line.value} does not know {feature}, and which digest a newer one has is not known"
        help_ = "raise the frontend"
        if needed == _CHECKSUM and closure is None:
            help_ += ", or use --init-source package or an image, which do without ADD --checksum"
        return Refusal(PINNED_FRONTEND, why, (place,), help_)
    name = line.value.rpartition(":")[0]
    what = f"the frontend is {name}:{new}, not {line.value}"
    decision = Decision("frontend", what, f"{feature} came with {needed[0]}.{needed[1]}", Safety.REVIEW, (place,))
    return Frontend((_edit(document, line, f"{name}:{new}"),), (decision,))


def _is_dockers(repository: str) -> bool:
    return repository in {"docker/dockerfile", "docker/dockerfile-upstream"}


def _raised(tag: str | None, needed: tuple[int, int]) -> str | None:
    """Return the tag to use in place of one that is too old, in its own style; None for one that will do."""
    if tag in _NEWEST or tag is None:
        return None
    if _EARLY.fullmatch(tag):
        return "1"
    found = _VERSION.fullmatch(tag)
    if found is None:
        return None
    labs = found[4] or ""
    enough = _CHECKSUM_LABS if labs and needed == _CHECKSUM else needed
    if (int(found[1]), int(found[2])) >= enough:
        return None
    return f"{needed[0]}.{needed[1]}{'.0' if found[3] else ''}{labs}"


def _edit(document: Document, line: Directive, value: str) -> Edit:
    start = line.span.start + document.text[line.span.start : line.span.end].rindex(line.value)
    return Edit(Span(start, start + len(line.value), line.span.line), value)
