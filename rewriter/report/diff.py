r"""The change of one file as a patch that `git apply` and `patch` take as it is, whatever the bytes.

Works on bytes and cuts lines only at `\n`, as git does: text `difflib` breaks on form feeds, lone carriage returns,
U+2028, files that are not UTF-8 and files without a final newline.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Sequence

_CONTEXT = 3
_Step = tuple[str, int, int, int, int]  # as difflib's opcodes
_QUOTED = {7: b"\\a", 8: b"\\b", 9: b"\\t", 10: b"\\n", 11: b"\\v", 12: b"\\f", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}


def unified(before: bytes, after: bytes, path: str, mode: int = 0o100644) -> bytes:
    """Return the patch from `before` to `after` in git's own format; empty where nothing differs.

    `path` is relative to the top of the work tree and is quoted as git quotes it (core.quotePath). A file must
    exist before and after: this writes changes, not creations.
    """
    if before == after:
        return b""
    name = path.encode("utf-8", "surrogateescape")
    old, new = _name(b"a/" + name), _name(b"b/" + name)
    # Git ends such a name with a tab, so that `patch` does not take the blank for its end.
    tab = b"\t" if b" " in name else b""
    ids = blob_id(before).encode(), blob_id(after).encode()
    head = (
        b"diff --git %s %s\n" % (old, new),
        b"index %s..%s %06o\n" % (ids[0][:12], ids[1][:12], mode),
        b"--- %s%s\n" % (old, tab),
        b"+++ %s%s\n" % (new, tab),
    )
    return b"".join((*head, *_hunks(lines(before), lines(after))))


def blob_id(data: bytes) -> str:
    """Return the name git gives these bytes: what `git hash-object` prints."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def lines(data: bytes) -> list[bytes]:
    """Return the lines as git counts them, each with its end; only the last one may have none."""
    *whole, last = data.split(b"\n")
    return [line + b"\n" for line in whole] + ([last] if last else [])


def changes(before: list[bytes], after: list[bytes]) -> list[tuple[int, int, int, int]]:
    """Return what differs: from and to which line of the old ones, counted from zero, and likewise of the new ones."""
    groups = _groups(before, after)
    return [(i1, i2, j1, j2) for group in groups for tag, i1, i2, j1, j2 in group if tag != "equal"]


def _hunks(before: list[bytes], after: list[bytes]) -> list[bytes]:
    """Return the hunks as lines of the patch."""
    hunks = []
    for group in _groups(before, after):
        hunks.append(b"@@ -%s +%s @@\n" % (_range(group[0][1], group[-1][2]), _range(group[0][3], group[-1][4])))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                hunks += [_line(b" ", line) for line in before[i1:i2]]
                continue
            hunks += [_line(b"-", line) for line in before[i1:i2]]
            hunks += [_line(b"+", line) for line in after[j1:j2]]
    return hunks


def _groups(before: list[bytes], after: list[bytes]) -> list[list[_Step]]:
    """Return the changes with the equal lines around them, in groups, as `difflib` does for a whole file.

    Only what lies between the common start and end is compared: a change is local, and `SequenceMatcher` is quadratic
    on files of a few lines repeated often. The common parts come back before grouping, since a change may end up
    anywhere among lines that repeat.
    """
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    old, new = len(before) - end, len(after) - end
    matcher = difflib.SequenceMatcher(None, before[start:old], after[start:new])
    middle = [(tag, i1 + start, i2 + start, j1 + start, j2 + start) for tag, i1, i2, j1, j2 in matcher.get_opcodes()]
    steps: list[_Step] = [("equal", 0, start, 0, start), *middle, ("equal", old, len(before), new, len(after))]
    return list(_grouped(steps))


def _grouped(steps: list[_Step]) -> Iterator[list[_Step]]:
    """Yield the changes with at most so many equal lines around them; those that are nearer share a group."""
    group: list[_Step] = []
    changed = False
    for tag, i1, i2, j1, j2 in steps:
        if tag != "equal":
            group.append((tag, i1, i2, j1, j2))
            changed = True
            continue
        ends = not changed or i2 - i1 > 2 * _CONTEXT
        if changed:
            kept = min(_CONTEXT, i2 - i1) if ends else i2 - i1
            group.append((tag, i1, i1 + kept, j1, j1 + kept))
        if ends:
            if changed:
                yield group
            first = max(i1, i2 - _CONTEXT)
            group, changed = [(tag, first, i2, j2 - (i2 - first), j2)], False
    if changed:
        yield group


def _shared(before: Sequence[bytes], after: Sequence[bytes]) -> int:
    """Return how many lines both begin with."""
    differing = (i for i, (old, new) in enumerate(zip(before, after, strict=False)) if old != new)
    return next(differing, min(len(before), len(after)))


def _range(start: int, stop: int) -> bytes:
    """Return a range as POSIX wants it: counted from one, and from the line before where it is empty."""
    length = stop - start
    if length == 1:
        return b"%d" % (start + 1)
    return b"%d,%d" % (start + 1 if length else start, length)


def _line(sign: bytes, line: bytes) -> bytes:
    return sign + line if line.endswith(b"\n") else b"%s%s\n\\ No newline at end of file\n" % (sign, line)


def _name(name: bytes) -> bytes:
    """Return a file name as git prints it with core.quotePath: in quotes where a byte is not plain ASCII."""
    quoted = b"".join(_QUOTED.get(byte) or (b"%c" % byte if 32 <= byte < 127 else b"\\%03o" % byte) for byte in name)
    return b'"%s"' % quoted if quoted != name else name
