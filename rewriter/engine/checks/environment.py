"""B05: the program has the environment it had; `SSL_CERT_FILE`, which distroless sets, may be new.

Where the program had ended before it could be looked at, the image's own variables are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rewriter.engine.checks.arguments import mains
from rewriter.engine.difference import Check, Difference, plain
from rewriter.engine.images import Image
from rewriter.engine.seen import Observation, Promise

ALLOWED_NEW = frozenset({"SSL_CERT_FILE"})
# The shell sets these for its own use, npm some for scripts, and the engine names each container anew.
NOT_THE_IMAGES = frozenset({"HOSTNAME", "PWD", "OLDPWD", "SHLVL", "_", "container"})
_LAUNCHERS = ("npm_", "NPM_")


def _compare(before: Observation, after: Observation, promise: Promise) -> Iterator[Difference]:
    pair = mains(before.run, after.run)
    if pair is None:
        old, new = _of_image(before.image), _of_image(after.image)
    else:
        old, new = dict(pair[0].environment), dict(pair[1].environment)
    for name in sorted((old.keys() | new.keys()) - NOT_THE_IMAGES):
        if name in old or name not in ALLOWED_NEW:
            via = "base" if name in promise.versioned and name not in new else ""
            yield from (replace(found, via=via) for found in _variable(name, old.get(name), new.get(name)))


def _variable(name: str, before: str | None, after: str | None) -> Iterator[Difference]:
    if name.startswith(_LAUNCHERS) and after is None:
        return
    if before is None or after is None:
        says = f"{name} is new: {after}" if before is None else f"{name} is lost; it was {before}"
        yield from plain(f"env.{name}", before or "", after or "", says)
    else:
        yield from plain(f"env.{name}", before, after)


def _of_image(image: Image) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in image.config.get("Env") or ())
    return {name: value for name, _, value in pairs}


CHECK = Check("B05", "environment", _compare)
