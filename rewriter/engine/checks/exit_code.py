"""B02: a run with nothing but the image's name ends as before, or stays up as before."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.difference import Check, Difference
from rewriter.engine.seen import Observation, Promise, Seen


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    yield from endings("exit", before.run, after.run)


def endings(field: str, before: Seen, after: Seen) -> Iterator[Difference]:
    """Yield the difference of how two runs ended; where the conversion ended on its own, with its last words."""
    if before.exit_code == after.exit_code or _is_the_signal(before, after):
        return
    told = _last_words(after) if after.exit_code is not None else ""
    says = f"{after.ending}; original {before.ending}{told}"
    yield Difference(field, str(before.exit_code), str(after.exit_code), says)


def _is_the_signal(before: Seen, after: Seen) -> bool:
    """Return whether both ended by the same signal, which only the number of the exit code hides.

    A process 1 cannot die of a signal it has sent itself; Go then leaves with 2, under an init with 128 and the signal.
    """
    main = before.main
    return main is not None and main.pid == 1 and before.exit_code == 2 and (after.exit_code or 0) > 128


def _last_words(seen: Seen) -> str:
    lines = [line for line in (*seen.output.stdout.splitlines(), *seen.output.stderr.splitlines()) if line.strip()]
    return f"; it said: {lines[-1].strip()[:200]}" if lines else ""


CHECK = Check("B02", "exit code", _compare)
