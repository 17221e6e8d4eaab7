"""The distroless images: the catalogue of runtimes a conversion can end on, and what a reference to one means.

The names come in pairs, image and Debian release (`static-debian13`); the tags say only who runs (`nonroot`) and
whether there is a shell (`debug`).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import get_args

from rewriter.images.model import (
    DEFAULT_PATH,
    Exec,
    ImageConfig,
    ImageRef,
    KnownImage,
    Pairs,
    Runtime,
    Status,
    Unknown,
)
from rewriter.images.tables import FOLDER, Row, keys, read_table
from rewriter.record import record

REGISTRY = "gcr.io"
FOLDER_NAME = "distroless"

_TABLE_KEYS = keys("checked registry default env users entrypoint source images")
_IMAGE_KEYS = keys(
    "name distro release status end_of_life libc_version entrypoint env versioned_env arches packages libraries users"
    " language interpreter interpreter_target version trees glibcxx locale merged_usr notes source checked"
)
# latest, nonroot, debug, debug-nonroot; each also per architecture and per commit of the distroless repository.
_TAG = r"(latest|nonroot|debug-nonroot|debug)(-(amd64|arm64|arm|s390x|ppc64le|riscv64|[0-9a-f]{40}))?"
_COMMIT = r"[0-9a-f]{40}"
_RELEASE_SUFFIX = r"(.+)-(debian\d+)"
_NONROOT = "65532"


@record
class Catalogue:
    """The runtimes, and the Debian release that a name without one means."""

    default: str
    runtimes: tuple[Runtime, ...]


@cache
def catalogue() -> Catalogue:
    """Return the catalogue of distroless images."""
    return read_runtimes(FOLDER / "runtime.toml")


def runtime(name: str, distro: str) -> Runtime | None:
    """Return the image `name` ("static") on `distro` ("debian13"), None where there is no such image."""
    return next((r for r in catalogue().runtimes if (r.name, r.distro) == (name, distro)), None)


def is_distroless(ref: ImageRef) -> bool:
    """Return whether the reference names an image of the distroless registry."""
    return ref.registry == REGISTRY and ref.repository.startswith(f"{FOLDER_NAME}/")


def distroless_image(ref: ImageRef) -> KnownImage | Unknown:
    """Return the image with its effective configuration, or why it cannot be told."""
    if ref.digest and not ref.tag:
        return Unknown(ref.written, "it is named by digest alone, which does not say which variant it is")
    name = ref.repository.removeprefix(f"{FOLDER_NAME}/")
    suffixed = re.fullmatch(_RELEASE_SUFFIX, name)
    image, distro = (suffixed[1], suffixed[2]) if suffixed else (name, catalogue().default)
    found = runtime(image, distro)
    if found is None:
        return Unknown(ref.written, f"no facts about a distroless image {name!r}")
    tag = ref.tag or "latest"
    kind = "latest" if re.fullmatch(_COMMIT, tag) else (re.fullmatch(_TAG, tag) or ("", ""))[1]
    if not kind:
        return Unknown(ref.written, f"no facts about the tag {tag!r} of the distroless images")
    return _known(ref, found, kind, named_release=suffixed is not None)


def _known(ref: ImageRef, found: Runtime, kind: str, *, named_release: bool) -> KnownImage:
    debug = kind.startswith("debug")
    return KnownImage(
        ref=ref,
        config=_config(found, debug=debug, nonroot=kind.endswith("nonroot")),
        family=FOLDER_NAME,
        os="debian",
        release=found.release,
        libc="glibc" if found.libc_version else None,
        libc_version=found.libc_version,
        has_shell=debug,
        language=found.language,
        programs=_programs(found, debug=debug),
        trees=found.trees,
        versioned_env=found.versioned_env,
        users=("nonroot:65532:65532",),
        end_of_life=found.end_of_life,
        source=found.source,
        checked=found.checked,
        notes=(*found.notes, *_name_notes(found, named_release=named_release), *_digest_notes(ref)),
    )


def _config(found: Runtime, *, debug: bool, nonroot: bool) -> ImageConfig:
    """Return the configuration; debug images have busybox last on the PATH, and its shell as entrypoint if none."""
    entrypoint = found.entrypoint or (("/busybox/sh",) if debug else ())
    env = tuple((key, f"{value}:/busybox" if debug and key == "PATH" else value) for key, value in found.env)
    return ImageConfig(
        user=_NONROOT if nonroot else "0",
        workdir="/home/nonroot" if nonroot else "/",
        env=env,
        entrypoint=Exec(entrypoint) if entrypoint else None,
    )


def _programs(found: Runtime, *, debug: bool) -> Pairs:
    shell = (("sh", "/busybox/sh"), ("busybox", "/busybox/busybox")) if debug else ()
    return ((found.language, found.interpreter), *shell) if found.language and found.interpreter else shell


def _name_notes(found: Runtime, *, named_release: bool) -> tuple[str, ...]:
    if named_release:
        return ()
    return (f"the name says no Debian release; it means {found.distro} since 2026-01-30 and meant debian12 before",)


def _digest_notes(ref: ImageRef) -> tuple[str, ...]:
    return ("what is known is known of the tag; the digest decides what is pulled",) if ref.digest else ()


def read_runtimes(path: Path) -> Catalogue:
    """Return the catalogue written in the file.

    Raises:
        BrokenTableError: a key is unknown or missing, or an image is given twice.
    """
    table = read_table(path).only(_TABLE_KEYS)
    shared = {key: table.values[key] for key in ("checked", "env", "users", "entrypoint") if key in table.values}
    registry = table.text("registry")
    found = tuple(_read_runtime(row.only(_IMAGE_KEYS).under(shared), registry) for row in table.rows("images"))
    if len({(r.name, r.distro) for r in found}) != len(found):
        raise table.fail("an image is given twice")
    return Catalogue(table.text("default"), found)


def _read_runtime(row: Row, registry: str) -> Runtime:
    name, distro = row.text("name"), row.text("distro")
    stated = row.one_of("status", get_args(Status))
    status: Status = next(kind for kind in get_args(Status) if kind == stated)
    return Runtime(
        name=name,
        distro=distro,
        image=f"{registry}/{name}-{distro}",
        release=row.text("release"),
        status=status,
        libc_version=row.maybe("libc_version"),
        entrypoint=row.texts("entrypoint"),
        env=tuple((key, value.replace("{path}", DEFAULT_PATH)) for key, value in row.pairs("env")),
        arches=row.words("arches"),
        packages=row.words("packages"),
        libraries=row.words("libraries"),
        users=row.texts("users"),
        merged_usr=row.flag("merged_usr"),
        language=row.maybe("language"),
        interpreter=row.maybe("interpreter"),
        interpreter_target=row.maybe("interpreter_target"),
        version=row.maybe("version"),
        glibcxx=row.maybe("glibcxx"),
        locale=row.maybe("locale"),
        trees=row.texts("trees"),
        versioned_env=row.words("versioned_env"),
        end_of_life=row.text("end_of_life"),
        source=row.text("source"),
        checked=row.date("checked"),
        notes=row.texts("notes"),
    )
