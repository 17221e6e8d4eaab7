"""B13: a signal that the program received and handled before is received and handled the same way."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.difference import Check, Difference, normalised
from rewriter.engine.processes import Process, catches
from rewriter.engine.seen import Observation, Promise, Seen

_OWN_SIGNAL = {"SIGINT": 2, "SIGHUP": 1, "SIGUSR1": 10, "SIGWINCH": 28}


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    now = dict(after.signals)
    for name, old in before.signals:
        new = now[name]
        if old.exit_code != new.exit_code and not _died_of_it(name, old, new, after.run.main):
            says = f"after {name} it {new.ending}; original {old.ending}"
            yield Difference(f"signal {name}", str(old.exit_code), str(new.exit_code), says)
        elif silent := sorted(_lines(old) - _lines(new)):
            yield Difference(f"signal {name}", silent[0], "", f"no longer says after {name}: {silent[0][:200]!r}")


def _died_of_it(name: str, before: Seen, after: Seen, main: Process | None) -> bool:
    """Return whether it dies of the signal now, and only could not before because it was process 1.

    Whoever still has a handler and dies of the signal has sent it to itself, which process 1 cannot.
    """
    handles = main is not None and catches(main, _OWN_SIGNAL[name])
    return (handles or before.exit_code in (None, 2)) and after.exit_code == 128 + _OWN_SIGNAL[name]


def _lines(seen: Seen) -> frozenset[str]:
    return frozenset(normalised(seen.output.stdout + seen.output.stderr).splitlines())


CHECK = Check("B13", "signals", _compare, needs=lambda before, *_: bool(before.signals))
