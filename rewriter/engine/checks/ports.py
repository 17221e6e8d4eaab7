"""B20: the ports that were open are open, and requests are answered as before."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.containers import Answer
from rewriter.engine.difference import Check, Difference, normalised, plain
from rewriter.engine.seen import Observation, Promise


def _compare(before: Observation, after: Observation, _: Promise) -> Iterator[Difference]:
    if after.run.exit_code is None:
        for port in before.run.listening:
            if port not in after.run.listening:
                yield Difference(f"port {port}", "open", "closed", f"port {port} is closed")
    now = dict(after.run.answers)
    for name, old in before.run.answers:
        new = now.get(name, Answer(0, "not asked"))
        yield from plain(f"status {name}", str(old.status), str(new.status), _says(name, old, new))
        if old.status == new.status and name not in before.run.varying:
            yield from plain(f"body {name}", normalised(old.body), normalised(new.body), f"{name}: another body")


def _says(name: str, before: Answer, after: Answer) -> str:
    new = f"{name} is answered {after.status}" if after.status > 0 else f"{name} is not answered"
    old = str(before.status) if before.status > 0 else "nothing HTTP knows"
    first = next((line.strip() for line in after.body.splitlines() if line.strip()), "")
    return f"{new}; original {old}" + (f"; it said: {first[:200]}" if first and after.status > 0 else "")


CHECK = Check(
    "B20", "ports and answers", _compare, needs=lambda before, *_: bool(before.run.answers or before.run.listening)
)
