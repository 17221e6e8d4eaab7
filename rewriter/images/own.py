"""A user's own base images: tables in the form of the shipped ones, for images that nobody else knows.

Gets text and gives values; reading files is `cli`'s. A mistake in a table is an error that names the file, the row and
the key, as in the shipped ones, and what cannot be known of a stranger's table is checked more strictly.
"""

from __future__ import annotations

from collections.abc import Iterable

from rewriter.images.family import Family, family_of, known_image
from rewriter.images.model import ImageRef, KnownImage, Unknown
from rewriter.images.reference import parse_reference
from rewriter.images.releases import release
from rewriter.images.tables import Row, table_of
from rewriter.images.wrappers import wrappers


def own_family(text: str, where: str) -> Family:
    """Return the family that a user's table describes; `where` names the table in messages.

    Raises:
        BrokenTableError: a key is unknown or missing, a value is none of its kind, or names what we do not know.
    """
    table = table_of(text, where)
    found = family_of(table)
    for name in found.repositories:
        ref = parse_reference(name)
        if ref is None or ref.tag or ref.digest:
            raise table.fail(f"names: {name!r} is no image name without a tag (registry.example/team/base)")
    for variant in found.variants:
        _check_names(variant.row)
    return found


def _check_names(row: Row) -> None:
    """Check what refers to other tables: the release of the system, and the entrypoint script."""
    wrapper, name = row.maybe("wrapper"), row.maybe("release") or ""
    if wrapper and wrapper not in {one.name for one in wrappers()}:
        raise row.fail(f"wrapper: no entrypoint script named {wrapper!r} is known; leave the key out")
    if name and "{" not in name and release(name) is None:
        raise row.fail(f"release: {name!r} is no known release; leave the key out")


def own_image(ref: ImageRef, own: Iterable[Family]) -> KnownImage | Unknown | None:
    """Return what a user's tables say of an image, None where no table has its name. The first table counts."""
    for one in own:
        refs = (parse_reference(name) for name in one.repositories)
        if any(name and (name.registry, name.repository) == (ref.registry, ref.repository) for name in refs):
            return known_image(ref, one)
    return None
