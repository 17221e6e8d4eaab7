"""Parts of base images and caches that only certain programs use, as data: left behind where none of them runs."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from posixpath import join, normpath

from rewriter.images.model import KnownImage
from rewriter.images.tables import FOLDER, Row, keys, read_table
from rewriter.record import record

_KEYS = keys("languages what trees programs paths env")


@record
class Spare:
    """A part that only `programs` use. `paths` lie below each tree that fits `trees`.

    Without trees they are absolute or start with `./`: in the folders where the build works. `*` stands for any
    characters. `env` are variables that only these programs read.
    """

    what: str
    languages: tuple[str, ...]
    trees: tuple[str, ...]
    programs: tuple[str, ...]
    paths: tuple[str, ...]
    env: tuple[str, ...] = ()

    def of(self, image: KnownImage, work: tuple[str, ...]) -> tuple[str, ...]:
        """Return the paths, as patterns, that the part has on an image of one of its languages.

        `work` are the folders that something was run in; without any, only the image itself has parts.
        """
        if image.language not in self.languages or not (self.trees or work):
            return ()
        if not self.trees:
            return tuple(_joined(place, path) for path in self.paths for place in (work if path[0] == "." else ("",)))
        fitting = (tree for tree in image.trees if any(fnmatchcase(tree, pattern) for pattern in self.trees))
        return tuple(_joined(tree, path) for tree in fitting for path in self.paths)


def _joined(folder: str, path: str) -> str:
    return normpath(join(folder, path))


@cache
def spare_parts() -> tuple[Spare, ...]:
    """Return the known parts."""
    return read_spare(FOLDER / "spare.toml")


def read_spare(path: Path) -> tuple[Spare, ...]:
    """Return the parts written in the file.

    Raises:
        BrokenTableError: a key is unknown or missing, a list is empty, or a path is not below what it should be.
    """
    table = read_table(path).only(keys("checked source spare"))
    table.date("checked")
    table.text("source")
    return tuple(_read_part(row.only(_KEYS)) for row in table.rows("spare"))


def _read_part(row: Row) -> Spare:
    part = Spare(row.text("what"), *(row.words(key) for key in ("languages", "trees", "programs", "paths", "env")))
    if not (part.languages and part.programs and part.paths):
        raise row.fail("languages, programs or paths is missing")
    if any(path.startswith(("/", "./")) == bool(part.trees) for path in part.paths):
        raise row.fail("paths are below trees where there are any, and absolute where there are none")
    return part
