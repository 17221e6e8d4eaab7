"""How the bot knows its own: digests of a plan, the trailers of a commit, the hidden line and the box of a body.

Pure. Whatever is read back here was in somebody else's hands, so anything that is not exactly right is not ours.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from rewriter import __version__
from rewriter.bot.state import Marker

NAME, EMAIL = "dfmod", "dfmod@users.noreply.invalid"
RETAKE_LABEL = "dfmod:rebase"

_TRAILERS = re.compile(r"Dfmod-Version: (\S+)\nDfmod-Plan: ([0-9a-f]{64})\n*\Z")
_MARKER = re.compile(r"<!-- dfmod:v1 (\{.*\}) -->")
_TICKED = re.compile(r"[-*] \[[xX]\] <!-- dfmod:rebase -->.*")
_UNTICKED = "- [ ] <!-- dfmod:rebase -->"
_HEX = re.compile(r"[0-9a-f]+")
_DIGEST_LENGTH = 12


@dataclass(frozen=True, slots=True)
class FileChange:
    """One changed file: its path as git has it, the blob before and after, and its mode."""

    path: bytes
    before: str
    after: str
    mode: str


def plan_digest(changes: Iterable[FileChange]) -> str:
    """Return the name of a plan: what is changed into what, and nothing of who says so, when, or in which words."""
    digest = hashlib.sha256()
    for change in sorted(changes, key=lambda c: c.path):
        row = (change.path, change.before.encode(), change.after.encode(), change.mode.encode())
        digest.update(b"".join(b"%d:%s," % (len(field), field) for field in row) + b"\n")
    return digest.hexdigest()


def file_digest(path: bytes, blob: str) -> str:
    """Return a short name for a file with this content at this path."""
    return hashlib.sha256(b"%d:%s,%s" % (len(path), path, blob.encode())).hexdigest()[:_DIGEST_LENGTH]


def branch_name(prefix: str, group: str) -> str:
    """Return the branch for a group of files: "" for the whole repository, else a folder or a file.

    The end of a longer name is a digest, so that two paths never share a branch; a path may hold anything, the name
    only what every forge takes.
    """
    if not group:
        return f"{prefix}convert"
    slug = re.sub(r"[^a-z0-9]+", "-", group.lower()).strip("-")[:40].strip("-")
    digest = hashlib.sha256(group.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{prefix}convert-{slug}-{digest}" if slug else f"{prefix}convert-{digest}"


def message(subject: str, plan: str) -> str:
    """Return the message of a commit. No name from the repository is in it: forges read mentions and commands there."""
    what = "Multi-stage, ending distroless, with tini as PID 1. The pull request has the reason for every change."
    return f"{subject}\n\n{what}\n\nDfmod-Version: {__version__}\nDfmod-Plan: {plan}\n"


def trailer_plan(text: str) -> str | None:
    """Return the plan that the trailers of a commit message name, None without them."""
    found = _TRAILERS.search(text)
    return found[2] if found else None


def marker_line(marker: Marker) -> str:
    """Return the hidden line for a body. It holds no `--`, which would end the comment early in some readers."""
    fields: dict[str, object] = {
        "base": marker.base,
        "head": marker.head,
        "plan": marker.plan,
        "seen": list(marker.seen),
        "tool": marker.tool,
    }
    if marker.withdrawn:
        fields["withdrawn"] = True
    data = json.dumps(fields, sort_keys=True, separators=(",", ":")).replace("--", "-\\u002d")
    return f"<!-- dfmod:v1 {data} -->"


def read_marker(body: str) -> Marker | None:
    """Return what the hidden line of a body says: the last line that is one and nothing else.

    Text from a repository never begins a line of a body, so it cannot pass for it.
    """
    found = [match[1] for line in body.splitlines() if (match := _MARKER.fullmatch(line.rstrip()))]
    return _marker(found[-1]) if found else None


def withdrawn(body: str) -> str:
    """Return the body with a hidden line that says the bot itself closes this; a body without one as it is."""
    marker = read_marker(body)
    if marker is None:
        return body
    kept = [line for line in body.splitlines() if not _MARKER.fullmatch(line.rstrip())]
    return "\n".join((*kept, marker_line(replace(marker, withdrawn=True))))


def asks_for_retake(body: str) -> bool:
    """Return whether the box is ticked that gives the branch back to the bot."""
    return any(_TICKED.fullmatch(line) for line in body.splitlines())


def retake_box(label: str) -> str:
    """Return the line with the box, not ticked."""
    return f"{_UNTICKED} {label}"


def _marker(text: str) -> Marker | None:
    try:
        fields = json.loads(text)
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    seen = fields.get("seen")
    names = ("head", "base", "plan")
    if not all(_is_hex(fields.get(name)) for name in names) or not isinstance(fields.get("tool"), str):
        return None
    if not isinstance(seen, list) or not all(_is_hex(digest) for digest in seen):
        return None
    head, base, plan = (str(fields[name]) for name in names)
    return Marker(head, base, plan, tuple(seen), fields["tool"], withdrawn=fields.get("withdrawn") is True)


def _is_hex(value: object) -> bool:
    return isinstance(value, str) and _HEX.fullmatch(value) is not None
