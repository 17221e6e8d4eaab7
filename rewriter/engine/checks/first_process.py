"""B09: where the conversion promises an init, process 1 is one and the program runs below it."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.difference import Check, Difference
from rewriter.engine.processes import INITS, ancestors
from rewriter.engine.seen import Observation, Promise


def _compare(_: Observation, after: Observation, promise: Promise) -> Iterator[Difference]:
    main = after.run.main
    if not promise.init or main is None:
        return
    first = after.run.processes[0]
    if first.name not in INITS:
        yield Difference("init", "an init", first.name, f"process 1 is {first.name}, no init")
    elif main.pid != 1 and first not in ancestors(main, after.run.processes):
        yield Difference("init", "below 1", f"below {main.ppid}", f"{main.name} does not run below the init")


def _is_promised(_: Observation, after: Observation, promise: Promise) -> bool:
    return promise.init and after.run.main is not None


CHECK = Check("B09", "init as process 1", _compare, needs=_is_promised)
