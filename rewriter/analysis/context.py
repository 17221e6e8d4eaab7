"""The build context, read-only: what the engine would be sent, and nothing else.

The only module of `analysis` that touches files. It honours `.dockerignore`, resolves links as the engine does (below
the root, which they can never leave), opens regular files only, and never raises on an odd file: what cannot be read
is not there. All paths are relative to the root, with slashes; `""` is the root.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rewriter.analysis.globs import copy_glob, ignore_glob, is_wild
from rewriter.analysis.ignore import Ignore, Judged, clean, judge, may_return, parse

MOST_FILES = 20_000
MOST_ENTRIES = 10 * MOST_FILES  # looked at, whatever they are
MOST_BYTES = 1 << 20
_MOST_LINKS = 40
_LAST = frozenset({"node_modules"})  # folders so large that everything else is listed first

Kind = Literal["file", "folder", "link", "other"]


@dataclass(slots=True)
class _Seen:
    """What was already asked of the file system; the context itself is taken not to change while it is read."""

    kinds: dict[str, Kind | None] = field(default_factory=dict)
    judged: dict[str, Judged] = field(default_factory=dict)
    listings: dict[str, tuple[tuple[str, ...], bool]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """A build context. With `root` None no context is known and every question is answered with "no"."""

    root: Path | None
    ignore: Ignore = field(default_factory=Ignore)
    problems: tuple[str, ...] = ()
    _seen: _Seen = field(default_factory=_Seen, compare=False, repr=False)

    @staticmethod
    def open(folder: Path, dockerfile: Path | None = None) -> Context:
        """Return the context of a folder; `<dockerfile>.dockerignore` is used before the folder's own file.

        Raises:
            NotADirectoryError: there is no such folder.
        """
        root = Path(os.path.realpath(folder))
        if not root.is_dir():
            raise NotADirectoryError(f"{folder} is not a folder")
        name, data = _ignore_file(root, dockerfile)
        ignore = parse(data)
        return Context(root, ignore, tuple(f"{name}: {problem}" for problem in ignore.problems))

    @staticmethod
    def empty() -> Context:
        """Return the context of which nothing is known."""
        return Context(None)

    @property
    def known(self) -> bool:
        """Whether there is a folder to look into."""
        return self.root is not None

    def unfiltered(self) -> Context:
        """Return the same folder as it lies on the disk, for what is read beside the build (compose files, CI)."""
        return Context(self.root)

    def exists(self, path: str) -> bool:
        """Return whether the engine is sent something at this path."""
        return self._find(path) is not None

    def is_dir(self, path: str) -> bool:
        """Return whether it is a folder, or a link to one."""
        return self._kind_at(path) == "folder"

    def is_file(self, path: str) -> bool:
        """Return whether it is a regular file, or a link to one."""
        return self._kind_at(path) == "file"

    def is_executable(self, path: str) -> bool:
        """Return whether it is a regular file that somebody may execute."""
        real = self._find(path)
        state = self._lstat(real) if real is not None else None
        return state is not None and stat.S_ISREG(state.st_mode) and bool(state.st_mode & 0o111)

    def read(self, path: str, limit: int = MOST_BYTES) -> bytes | None:
        """Return the bytes of a regular file; None where there is none, it cannot be read or is larger than `limit`."""
        real = self._find(path)
        if real is None or self.root is None:
            return None
        return _read(self.root / real, limit)

    def text(self, path: str, limit: int = MOST_BYTES) -> str | None:
        """Return the file as text, a byte-order mark taken off and what is not UTF-8 replaced; None as in `read`."""
        data = self.read(path, limit)
        return None if data is None else data.decode("utf-8-sig", "replace")

    def names(self, folder: str = "") -> tuple[str, ...]:
        """Return the sorted names in a folder, files and folders; `()` where there is no such folder."""
        real = self._find(folder)
        if real is None or self._kind(real) != "folder":
            return ()
        return tuple(name for name in self._scan(real) if self._is_sent(_join(real, name)))

    def walk(self, below: str = "", suffixes: tuple[str, ...] = ()) -> Iterator[str]:
        """Yield the regular files below a folder, sorted; linked folders and `.git` are not entered."""
        for path in self._listing(below)[0]:
            if not suffixes or path.endswith(suffixes):
                yield path

    def is_cut(self, below: str = "") -> bool:
        """Return whether `walk` leaves something out because there are more than `MOST_FILES` files."""
        return self._listing(below)[1]

    def glob(self, pattern: str, below: str = "") -> Iterator[str]:
        """Yield the files whose path fits a `.dockerignore`-style pattern (`**/pom.xml`).

        Raises:
            ValueError: the pattern is malformed.
        """
        fits = ignore_glob(pattern)
        return (path for path in self.walk(below) if fits.matches(path))

    def matches(self, source: str) -> tuple[str, ...]:
        """Return the paths that a COPY or ADD source names, folders as one path; `()` for none or a malformed pattern.

        Follows BuildKit's `ResolveWildcards`: `filepath.Match` name by name (`**` is `*`), a source never leaves the
        root, and linked folders are followed before the first wild card only.
        """
        parts = [part for part in clean(f"/{source}").split("/") if part]
        wild = next((index for index, part in enumerate(parts) if is_wild(part)), len(parts))
        found = [path for path in ("/".join(parts[:wild]),) if self.exists(path)]
        try:
            for index, part in enumerate(parts[wild:]):
                found = [path for folder in found for path in self._fitting(folder, part, linked=index == 0)]
        except ValueError:
            return ()
        return tuple(sorted(found))

    def _fitting(self, folder: str, part: str, *, linked: bool) -> Iterator[str]:
        fits = copy_glob(part)
        if linked or self._kind(folder) == "folder":
            yield from (_join(folder, name) for name in self.names(folder) if fits.matches(name))

    def _kind_at(self, path: str) -> Kind | None:
        real = self._find(path)
        return None if real is None else self._kind(real)

    def _find(self, path: str) -> str | None:
        """Return the path with its links resolved below the root, None if nothing is sent there."""
        todo = clean(f"/{path}").split("/")[::-1]
        done: list[str] = []
        links = 0
        while todo and links <= _MOST_LINKS:
            part = todo.pop()
            done = done[:-1] if part == ".." else [*done, part] if part not in {"", "."} else done
            here = "/".join(done)
            if self._kind(here) is None:
                return None
            target = self._link(here)
            if target is not None and self._judge(here).excluded:
                return None
            if target is not None:
                links += 1
                done = [] if target.startswith("/") else done[:-1]
                todo += target.split("/")[::-1]
        real = "/".join(done)
        return real if not todo and self._is_sent(real) else None

    def _link(self, path: str) -> str | None:
        if self.root is None or self._kind(path) != "link":
            return None
        try:
            return (self.root / path).readlink().as_posix()
        except OSError:
            return None

    def _kind(self, path: str) -> Kind | None:
        if path not in self._seen.kinds:
            state = self._lstat(path)
            self._seen.kinds[path] = None if state is None else _kind_of(state.st_mode)
        return self._seen.kinds[path]

    def _lstat(self, path: str) -> os.stat_result | None:
        try:
            return None if self.root is None else os.lstat(self.root / path)
        except (OSError, ValueError):  # ValueError: a null byte in the name
            return None

    def _is_sent(self, path: str) -> bool:
        if not path or not self._judge(path).excluded:
            return True
        # An excluded folder is sent all the same when something in it is brought back.
        returns = self._kind(path) == "folder" and may_return(self.ignore, path)
        return returns and bool(self._list(path)[0])

    def _judge(self, path: str) -> Judged:
        unknown: list[str] = []
        while path and path not in self._seen.judged:
            unknown.append(path)
            path = path.rpartition("/")[0]
        judged = self._seen.judged.get(path, Judged())
        for path in reversed(unknown):
            judged = self._seen.judged[path] = judge(self.ignore, path, judged)
        return judged

    def _scan(self, folder: str) -> list[str]:
        if self.root is None:
            return []
        try:
            with os.scandir(self.root / folder) as entries:
                return sorted(entry.name for entry in entries)
        except OSError:
            return []

    def _listing(self, below: str) -> tuple[tuple[str, ...], bool]:
        real = self._find(below)
        return ((), False) if real is None else self._list(real)

    def _list(self, top: str) -> tuple[tuple[str, ...], bool]:
        if top not in self._seen.listings:
            files: list[str] = []
            cut = False
            for count, (path, wanted) in enumerate(self._breadth_first(top)):
                cut = count == MOST_ENTRIES or len(files) == MOST_FILES
                if cut:
                    break
                if wanted:
                    files.append(path)
            self._seen.listings[top] = tuple(sorted(files)), cut
        return self._seen.listings[top]

    def _breadth_first(self, top: str) -> Iterator[tuple[str, bool]]:
        """Yield entries and whether they are files that are sent; shallow ones first: a cut takes the deepest."""
        todo = deque([top] if self._kind(top) == "folder" else [])
        last: deque[str] = deque()
        while todo or last:
            folder = (todo or last).popleft()
            for name in self._scan(folder):
                path = _join(folder, name)
                kind = self._kind(path)
                excluded = self._judge(path).excluded
                if kind == "folder" and name != ".git" and not (excluded and not may_return(self.ignore, path)):
                    (last if name in _LAST else todo).append(path)
                yield path, not excluded and (kind == "file" or (kind == "link" and self.is_file(path)))


def _ignore_file(root: Path, dockerfile: Path | None) -> tuple[str, bytes]:
    if dockerfile is not None:
        own = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
        data = _read(own, MOST_BYTES)
        if data is not None:
            return own.name, data
    return ".dockerignore", Context(root).read(".dockerignore") or b""


def _read(path: Path, limit: int) -> bytes | None:
    """Read a regular file; a FIFO or device is never waited for, even if it took the file's place a moment ago."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError):
        return None
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode) or state.st_size > limit:
            return None
        with os.fdopen(handle, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    except OSError:
        return None
    finally:
        os.close(handle)
    return data if len(data) <= limit else None


def _kind_of(mode: int) -> Kind:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "other"


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
