"""Is the runtime contract the same before and after, except where a decision says otherwise? Repairs nothing.

Compared is what the engine would be given: the command with the init taken off, environment, work directory, user,
ports, volumes, labels, stop signal and health check. A difference no decision names, or a decision on one of these
fields that makes no difference, is a bug of ours, and then nothing may be emitted.
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.images.model import Command, Healthcheck, ImageConfig, Pairs, argv
from rewriter.plan import Decision
from rewriter.record import record

_COMPARED = {"entrypoint", "cmd", "workdir", "user", "ports", "volumes", "stopsignal", "healthcheck", "shell", "author"}
_COMPARED_PREFIXES = ("env.", "labels.")


@record
class Difference:
    """One field that differs; values as text, empty for "not set"."""

    field: str
    before: str
    after: str


@record
class Verdict:
    """All differences, those without a decision, and the decisions on compared fields without a difference."""

    differences: tuple[Difference, ...]
    unexplained: tuple[Difference, ...]
    idle: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether every difference has its decision and every decision its difference."""
        return not self.unexplained and not self.idle


def check(before: ImageConfig, after: ImageConfig, decisions: tuple[Decision, ...]) -> Verdict:
    """Return the verdict on two configurations, given the decisions of the plan (house laws one and two)."""
    differences = tuple(_differences(before, after))
    decided = {decision.field for decision in decisions}
    found = {difference.field for difference in differences}
    idle = tuple(sorted(field for field in decided - found if _is_compared(field)))
    return Verdict(differences, tuple(d for d in differences if d.field not in decided), idle)


def _is_compared(field: str) -> bool:
    return field in _COMPARED or field.startswith(_COMPARED_PREFIXES)


def _differences(before: ImageConfig, after: ImageConfig) -> Iterator[Difference]:
    plain = (
        ("entrypoint", _words(before.entrypoint), _words(after.entrypoint)),
        ("cmd", _words(before.cmd), _words(after.cmd)),
        ("workdir", before.workdir or "/", after.workdir or "/"),
        ("user", _user(before.user), _user(after.user)),
        ("ports", " ".join(before.ports), " ".join(after.ports)),
        ("volumes", " ".join(before.volumes), " ".join(after.volumes)),
        ("stopsignal", _signal(before.stopsignal), _signal(after.stopsignal)),
        ("healthcheck", _health(before.healthcheck), _health(after.healthcheck)),
        ("shell", " ".join(before.shell or ()), " ".join(after.shell or ())),
        ("author", before.author or "", after.author or ""),
    )
    yield from (Difference(*row) for row in plain if row[1] != row[2])
    yield from _pairs("env", before.env, after.env)
    yield from _pairs("labels", before.labels, after.labels)


def _pairs(prefix: str, before: Pairs, after: Pairs) -> Iterator[Difference]:
    old, new = dict(before), dict(after)
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) != new.get(key):
            yield Difference(f"{prefix}.{key}", old.get(key, ""), new.get(key, ""))


def _words(command: Command | None) -> str:
    return "\0".join(argv(command))


def _user(user: str | None) -> str:
    """Return the user as a number where it is root, whose every spelling means the same."""
    return "0" if user in {None, "", "root", "0", "0:0", "root:root"} else str(user)


def _signal(signal: str | None) -> str:
    name = (signal or "SIGTERM").upper()
    return name if name.startswith("SIG") or name.isdigit() else f"SIG{name}"


def _health(check: Healthcheck | None) -> str:
    if check is None:
        return ""
    durations = (check.interval, check.timeout, check.start_period, check.start_interval, check.retries)
    return f"{check.kind} {_words(check.command)} {durations}"
