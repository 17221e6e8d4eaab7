"""Mounts of a RUN: what `--mount=type=bind,from=build,target=/m` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rewriter.images.model import Pairs
from rewriter.record import record
from rewriter.semantics.paths import clean
from rewriter.semantics.problems import BuildError
from rewriter.semantics.values import integer
from rewriter.syntax.document import Instruction
from rewriter.syntax.instructions import fields
from rewriter.syntax.words import flags

_KINDS = ("bind", "cache", "tmpfs", "secret", "ssh")
_SWITCHES = ("readonly", "ro", "readwrite", "rw", "required")
_TRUTH = ("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False")
_TARGETS = ("target", "dst", "destination")
_KEYS = ("type", "from", "source", "src", *_TARGETS, "id", "size", "env")


@record
class Mount:
    """One mount: the stage or image it comes from ("" for neither), and its fields; one without "=" has value None."""

    origin: str
    fields: tuple[tuple[str, str | None], ...]


def mounts_of(instruction: Instruction) -> tuple[Mount, ...]:
    """Return the mounts of a RUN that has no problem, unexpanded. Only `from` takes no variables."""
    return tuple(_mount(value) for value in flags(instruction, "mount"))


def _mount(value: str) -> Mount:
    parts = (part.partition("=") for part in fields(value))
    found = tuple((key.lower(), text if mark else None) for key, mark, text in parts)
    return Mount(dict(found).get("from") or "", found)


def expanded(mount: Mount, expand: Callable[[str], str]) -> Pairs:
    """Return the fields of a mount, expanded; a switch that stands alone is `true`.

    Raises:
        BuildError: BuildKit refuses the mount.
    """
    pairs = tuple((key, "true" if text is None else expand(text)) for key, text in mount.fields)
    for (key, text), (_, written) in zip(pairs, mount.fields, strict=True):
        if written is None and key not in _SWITCHES:
            raise BuildError(f"invalid field '{key}' must be a key=value pair")
        _check_field(key, text)
    given = dict(pairs)
    _check_company(given.get("type", "bind").lower(), given)
    return pairs


def target_of(given: Mapping[str, str]) -> str:
    """Return where expanded fields put a mount, as written; empty where they do not say."""
    return next((given[key] for key in _TARGETS if given.get(key)), "")


def _check_field(key: str, text: str) -> None:
    """Refuse unknown fields, and values that are none for their field."""
    if key in _SWITCHES:
        accepted = text in _TRUTH
    elif key == "mode":
        accepted = bool(text) and set(text) <= set("01234567")
    elif key in ("uid", "gid"):
        accepted = text.isdigit() and integer(text) is not None
    elif key == "sharing":
        accepted = text.lower() in ("shared", "private", "locked")
    elif key == "type" and text.lower() not in _KINDS:
        raise BuildError(f'unsupported mount type "{text}"')
    elif key not in _KEYS:
        raise BuildError(f"unexpected key '{key}' in '{key}={text}'")
    else:
        accepted = True
    if not accepted:
        raise BuildError(f"invalid value for {key}: {text}")


def _check_company(kind: str, given: Mapping[str, str]) -> None:
    """Refuse fields that do not go with the type of the mount."""
    for key in ("mode", "uid", "gid"):
        if key in given and kind not in ("secret", "ssh", "cache"):
            raise BuildError(f'{key} not allowed for "{kind}" type mounts')
    if "sharing" in given and kind != "cache":
        raise BuildError(f"invalid cache sharing set for {kind} mount")
    if "required" in given and kind not in ("secret", "ssh"):
        raise BuildError(f"unexpected key 'required' for mount type '{kind}'")
    if "size" in given and kind != "tmpfs":
        raise BuildError(f"unexpected key 'size' for mount type '{kind}'")
    if kind == "secret" and given.get("from"):
        raise BuildError("secret mount should not have a from")
    if kind == "secret" and not any(given.get(key) for key in ("source", "src", "id", *_TARGETS)):
        raise BuildError("invalid secret mount. one of source, target required")
    target = target_of(given)
    if kind not in ("secret", "ssh") and target.startswith("/") and clean(target) == "/":
        raise BuildError(f'invalid mount target "{target}"')
