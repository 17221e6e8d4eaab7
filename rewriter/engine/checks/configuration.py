"""B25: the image's configuration is as it was: labels, ports, volumes, stop signal, health check, platform.

The command, the environment, the user and the work directory have checks of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rewriter.engine.client import LABEL
from rewriter.engine.difference import Check, Difference, plain
from rewriter.engine.images import has_health_check
from rewriter.engine.seen import Observation, Promise


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    old, new = before.image.config, after.image.config
    yield from plain("ports", *(" ".join(sorted(config.get("ExposedPorts") or ())) for config in (old, new)))
    yield from plain("volumes", *(" ".join(sorted(config.get("Volumes") or ())) for config in (old, new)))
    yield from plain("stopsignal", *(_signal(config.get("StopSignal")) for config in (old, new)))
    yield from plain("healthcheck", *(_check(seen) for seen in (before, after)))
    yield from plain("platform", before.image.platform, after.image.platform)
    before_labels, after_labels = old.get("Labels") or {}, new.get("Labels") or {}
    for name in sorted((before_labels.keys() | after_labels.keys()) - {LABEL}):
        if not name.startswith(("io.buildah.", "io.podman.")):
            yield from plain(f"labels.{name}", before_labels.get(name, ""), after_labels.get(name, ""))


def _signal(signal: Any) -> str:
    name = str(signal or "SIGTERM").upper()
    return name if name.startswith("SIG") or name.isdigit() else f"SIG{name}"


def _check(seen: Observation) -> str:
    """Return the health check as text: JSON with sorted keys, empty for none."""
    if not has_health_check(seen.image):
        return ""
    return json.dumps({key: value for key, value in seen.image.config["Healthcheck"].items() if value}, sort_keys=True)


CHECK = Check("B25", "image configuration", _compare)
