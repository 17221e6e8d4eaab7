"""B26: what the original survives (a read-only root, no capabilities, a random user), the conversion survives."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.difference import Check, Difference
from rewriter.engine.seen import Observation, Promise


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    now = dict(after.hardened)
    for name, old in before.hardened:
        new = now[name]
        if old.exit_code == before.run.exit_code and new.exit_code not in (old.exit_code, after.run.exit_code):
            says = f"with {name}: {new.ending}; original {old.ending}"
            yield Difference(f"hardened {name}", str(old.exit_code), str(new.exit_code), says)


CHECK = Check("B26", "hardened runs", _compare)
