"""What is known about published images, read from the tables beside this module. The door to all of them.

Every answer names where it was read and when it was checked. What the tables do not settle is an `Unknown` with the
reason, or a field that is None. Tables are read one at a time, when they are first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

from rewriter.images.distroless import catalogue, distroless_image, is_distroless
from rewriter.images.distroless import runtime as find_runtime
from rewriter.images.family import Family, family, has_family, known_image
from rewriter.images.inits import init_named, init_release, inits, take_apart
from rewriter.images.model import DEFAULT_PATH, ImageConfig, ImageRef, KnownImage, Release, Runtime, Unknown, Wrapper
from rewriter.images.own import own_image
from rewriter.images.packages import package_role, program_packages
from rewriter.images.reference import DOCKER_HUB, parse_reference
from rewriter.images.releases import release as find_release
from rewriter.images.spare import spare_parts
from rewriter.images.tables import FOLDER, keys, read_table
from rewriter.images.wrappers import wrappers
from rewriter.record import record

__all__ = [
    "init_named",
    "init_release",
    "inits",
    "lookup",
    "lookup_behind",
    "package_role",
    "program_packages",
    "release",
    "runtime",
    "runtimes",
    "spare_parts",
    "take_apart",
    "wrapper",
    "wrappers",
]

_OFFICIAL = "library/"


def lookup(ref: ImageRef) -> KnownImage | Unknown:
    """Return what is known of the image that `ref` names, or why nothing is.

    Copies of Docker Hub under well-known prefixes are the same images; the result keeps `ref` as it was given.
    """
    if ref.written == "scratch":
        return _scratch(ref)
    place = _place(ref)
    if is_distroless(place):
        found = distroless_image(place)
    elif table := _table_of(place):
        found = known_image(place, table)
    else:
        found = Unknown(ref.written, _why_not(f"{place.registry}/{place.repository}"))
    return replace(found, ref=ref) if isinstance(found, KnownImage) else found


def lookup_behind(prefix: str, own: tuple[Family, ...] = ()) -> Callable[[ImageRef], KnownImage | Unknown]:
    """Return the lookup that also knows a user's `own` images, and images behind the site's own prefix, a mirror's.

    What a user says of an image counts before what the shipped tables say.
    """

    def find(ref: ImageRef) -> KnownImage | Unknown:
        if told := own_image(ref, own):
            return told
        behind = parse_reference(ref.written.removeprefix(prefix)) if ref.written.startswith(prefix) else None
        found = lookup(behind or ref)
        return replace(found, ref=ref) if isinstance(found, KnownImage) else found

    return find if prefix or own else lookup


def _scratch(ref: ImageRef) -> KnownImage:
    """Return the empty image; BuildKit gives every stage a PATH, `FROM scratch` too."""
    return KnownImage(
        ref=ref,
        config=ImageConfig(env=(("PATH", DEFAULT_PATH),)),
        family="scratch",
        os=None,
        release=None,
        libc=None,
        libc_version=None,
        has_shell=False,
        source="moby/buildkit@73ed6825c:frontend/dockerfile/dockerfile2llb/convert.go",
        checked="2026-11-23",
    )


def _place(ref: ImageRef) -> ImageRef:
    """Return the reference with its canonical registry and repository: Docker Hub spelled out, mirrors resolved."""
    registry, repository = ref.registry or DOCKER_HUB, ref.repository
    if registry == DOCKER_HUB and "/" not in repository:
        repository = f"{_OFFICIAL}{repository}"
    name = f"{registry}/{repository}"
    if registry != DOCKER_HUB:
        name = next((to + name.removeprefix(start) for start, to in _index().mirrors if name.startswith(start)), name)
    registry, _, repository = name.partition("/")
    return replace(ref, registry=registry, repository=repository)


def _table_of(ref: ImageRef) -> Family | None:
    """Return the table of the image's family; official images have the name of theirs, others stand in the index."""
    if ref.registry == DOCKER_HUB and ref.repository.startswith(_OFFICIAL):
        name = ref.repository.removeprefix(_OFFICIAL)
        return family(name) if has_family(name) and name in family(name).repositories else None
    name = _index().tables.get(f"{ref.registry}/{ref.repository}", "")
    return family(name) if name else None


@record
class _Index:
    """Mirrors as (prefix, replacement), the longest first; tables by the full name of the repository.

    `declined` are images that nothing can be converted on, as (prefix, why), the longest first.
    """

    mirrors: tuple[tuple[str, str], ...]
    tables: Mapping[str, str]
    declined: tuple[tuple[str, str], ...]


@cache
def _index() -> _Index:
    table = read_table(FOLDER / "index.toml").only(keys("checked mirrors repositories declined"))
    table.date("checked")
    rows = [row.only(keys("prefix to source")) for row in table.rows("mirrors")]
    mirrors = sorted(((row.text("prefix"), row.text("to")) for row in rows if row.text("source")), key=_longest_first)
    others = [row.only(keys("prefix why source")) for row in table.rows("declined")]
    declined = sorted(
        ((row.text("prefix"), row.text("why")) for row in others if row.text("source")), key=_longest_first
    )
    return _Index(tuple(mirrors), dict(table.pairs("repositories")), tuple(declined))


def _why_not(name: str) -> str:
    """Return why nothing is known of an image: a reason of its own, where it has one, counts more than that."""
    own = (why for prefix, why in _index().declined if f"{name}/".startswith(prefix) or name == prefix)
    return next(own, f"no facts about this image ({name})")


def _longest_first(mirror: tuple[str, str]) -> int:
    return -len(mirror[0])


def runtimes() -> tuple[Runtime, ...]:
    """Return all distroless images, those that are no longer built included."""
    return catalogue().runtimes


def runtime(name: str, distro: str) -> Runtime:
    """Return the distroless image `name` ("static", "java21") on `distro` ("debian13").

    Raises:
        KeyError: there is and was no such image.
    """
    found = find_runtime(name, distro)
    if found is None:
        raise KeyError(f"{name}-{distro}")
    return found


def release(name: str) -> Release:
    """Return what is known about an operating-system release, by the id that images use ("bookworm", "alpine3.20").

    Raises:
        KeyError: the release is not in the table.
    """
    found = find_release(name)
    if found is None:
        raise KeyError(name)
    return found


def wrapper(name: str) -> Wrapper:
    """Return the row about an entrypoint script, by the name that `KnownImage.wrapper` gives.

    Raises:
        KeyError: there is no such row.
    """
    found = next((row for row in wrappers() if row.name == name), None)
    if found is None:
        raise KeyError(name)
    return found
