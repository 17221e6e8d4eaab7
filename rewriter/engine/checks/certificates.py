"""B24: certificates and time zones are there where they were."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.difference import Check, Difference
from rewriter.engine.files import Files
from rewriter.engine.seen import Observation, Promise

# Where the TLS libraries of Debian, Red Hat, Alpine and Go look.
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
_ZONES = ("/usr/share/zoneinfo/UTC",)


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    for field, paths in (("certificates", _BUNDLES), ("time zones", _ZONES)):
        if _any(before.files, paths) and not _any(after.files, paths):
            yield Difference(field, "there", "missing", f"there are no {field} any more")


def _any(files: Files, paths: tuple[str, ...]) -> bool:
    return any(files.has(path) for path in paths)


CHECK = Check("B24", "certificates, time zones", _compare)
