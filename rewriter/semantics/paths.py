"""Path arithmetic as the engine does it: POSIX paths, cleaned by Go's rules.

Works on texts alone and never asks a file system.
"""

from __future__ import annotations

import posixpath


def clean(path: str) -> str:
    """Return the shortest spelling of a path, as Go's `path.Clean` does; an empty path is `.`.

    Unlike `posixpath.normpath`, two leading slashes become one.
    """
    return posixpath.normpath("/" + path.lstrip("/") if path.startswith("/") else path)


def join(*parts: str) -> str:
    """Return the parts as one clean path, as Go's `path.Join` does: `join("/a", "/b")` is `/a/b`, `join()` is empty."""
    joined = "/".join(part for part in parts if part)
    return clean(joined) if joined else ""


def absolute(cwd: str, path: str) -> str:
    """Return where `path` leads from the folder `cwd`, clean and without a trailing slash."""
    return clean(path) if path.startswith("/") else join("/", cwd, path)


def folder_or_file(cwd: str, path: str) -> str:
    """Return the absolute, clean target of a copy; a trailing slash stays, for it names a folder.

    `.`, the empty path and anything that ends in `/.` name a folder as well.
    """
    place = absolute(cwd, path)
    names_folder = path in ("", ".") or path.endswith(("/", "/."))
    return place + "/" if names_folder and place != "/" else place


def workdir(current: str | None, path: str) -> str:
    """Return the working directory after `WORKDIR path`: absolute paths as written, relative ones joined and clean.

    An empty path keeps the current one. Follows BuildKit's `system.NormalizeWorkdir`.
    """
    parent = current or "/"
    if not parent.startswith("/"):
        parent = join("/", parent)
    if path.startswith("/"):
        return path
    return join(parent, path) if path else parent
