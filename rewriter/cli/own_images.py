"""`--images FILE`: reads a user's own tables of base images. What a table means is `images/own`'s business."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from rewriter.cli.faults import UsageError
from rewriter.images.family import Family


def own_images(paths: tuple[str, ...]) -> tuple[Family, ...]:
    """Return the tables in these files, in order.

    Raises:
        UsageError: a file cannot be read, or is no table; the message names the file, the row and the key.
    """
    return tuple(_read(path) for path in paths)


@cache
def _read(path: str) -> Family:
    from rewriter.images.own import own_family  # noqa: PLC0415 (only where the option is given)
    from rewriter.images.tables import BrokenTableError  # noqa: PLC0415

    try:
        return own_family(Path(path).read_text("utf-8"), path)
    except OSError as error:
        raise UsageError(f"--images: {path}: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"--images: {path}: not a text in UTF-8") from error
    except BrokenTableError as error:
        raise UsageError(f"--images: {error}") from error
