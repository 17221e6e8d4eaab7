"""Conversions rolled out over many repositories: surveyed, proposed in waves under a budget, followed, and withdrawn.

Every step appends to one ledger and goes on from what is in it. A roll-out stops by itself when people decline: what
they say to the first repositories is worth more than the speed of the rest.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rewriter.bot.forge import Change, Forge
from rewriter.bot.git import Git
from rewriter.bot.identity import read_marker, withdrawn
from rewriter.bot.ledger import append, latest, read_ledger
from rewriter.bot.record import SCHEMA, Record, record
from rewriter.bot.repository import Repository, look
from rewriter.bot.secret import Secret
from rewriter.bot.state import State
from rewriter.bot.status import BotError, Status
from rewriter.bot.target import Target
from rewriter.bot.visit import Visit

CLOSED_AGAIN = "This roll-out was called back, so this is closed. Nothing is wrong with what you did here."
# Words after which a repository is visited again in the next run.
_AGAIN = frozenset(
    status.value for status in (Status.POSTPONED, Status.RATE_LIMITED, Status.FAILED, Status.UNAUTHORISED, Status.LEASE)
)
# As many writes as one repository can take: a push is none, opening, labels and reviewers are.
_WRITES_A_VISIT = 4
_HOUR = 3600.0
_CHECK_EVERY = 10


@dataclass(slots=True)
class Budget:
    """How many writes an hour may have; `spend` is told of each."""

    an_hour: int
    now: Callable[[], float] = time.monotonic
    _spent: list[float] = field(default_factory=list)

    def spend(self, _method: str, _path: str) -> None:
        """Count a write."""
        self._spent.append(self.now())

    def has_room(self) -> bool:
        """Return whether one more repository may be visited."""
        self._spent = [at for at in self._spent if at > self.now() - _HOUR]
        return len(self._spent) + _WRITES_A_VISIT <= self.an_hour


@dataclass(frozen=True, slots=True)
class Brake:
    """When to stop: the share of what people decided that they declined, once they decided on so many."""

    share: float = 0.3
    least: int = 5

    def holds(self, records: Sequence[Record]) -> str:
        """Return why the roll-out has to stop, "" if it need not."""
        words = [change["status"] for row in latest(records, "status").values() for change in row["changes"]]
        declined, merged = words.count("declined"), words.count("merged")
        decided = declined + merged
        if decided < self.least or declined <= self.share * decided:
            return ""
        return f"{declined} of {decided} decided pull requests were declined; look at why before going on"


def survey_all(
    targets: Sequence[Target], ledger: Path, survey_one: Callable[[Target, str], Visit | None]
) -> Iterator[Record]:
    """Yield a record for every repository whose base is not the one in the ledger, appending each."""
    known = latest(read_ledger(ledger), "survey")
    for target in targets:
        found = survey_one(target, known.get(target.url, {}).get("base", ""))
        if found is not None:
            yield _kept(ledger, record(found), "survey")


def roll_out(
    targets: Sequence[tuple[Target, str]],
    ledger: Path,
    visit_one: Callable[[Target], Visit],
    follow: Callable[[], None],
    *,
    limit: int,
    budget: Budget,
    brake: Brake,
) -> Iterator[Record]:
    """Yield a record for every repository visited: at most `limit`, while there is budget and the brake is off.

    `follow` brings the ledger up to date with what people decided; it is called at the start and now and then.
    Repositories that were surveyed and have nothing to convert, and those done before, are left out. The reason for
    stopping early is the last record, of the step "stop".
    """
    waiting = _waiting(targets, read_ledger(ledger))[:limit]
    for number, (target, wave) in enumerate(waiting):
        if number % _CHECK_EVERY == 0:
            follow()
            reason = brake.holds(read_ledger(ledger))
            if reason:
                yield {"schema": SCHEMA, "step": "stop", "reason": reason}
                return
        if not budget.has_room():
            yield {"schema": SCHEMA, "step": "stop", "reason": "the budget of this hour is spent; run it again later"}
            return
        yield _kept(ledger, record(visit_one(target)), "roll-out", wave)


def follow_all(targets: Sequence[Target], ledger: Path, forge_of: Callable[[Target], Forge]) -> Iterator[Record]:
    """Yield what became of the pull requests of every repository that was rolled out to, appending what is new."""
    records = read_ledger(ledger)
    rolled, known = latest(records, "roll-out"), latest(records, "status")
    for target in (target for target in targets if target.url in rolled):
        row = _follow(target, rolled[target.url], forge_of(target))
        if row["changes"] != known.get(target.url, {}).get("changes"):
            _kept(ledger, row, "status")
        yield {**row, "step": "status"}


def close_all(
    targets: Sequence[Target],
    ledger: Path,
    forge_of: Callable[[Target], Forge],
    secret_of: Callable[[Target], Secret | None],
) -> Iterator[Record]:
    """Yield a record for every repository in which the bot's own open pull requests were closed.

    One with a branch that somebody pushed to is theirs and stays open.
    """
    rolled = latest(read_ledger(ledger), "roll-out")
    for target in (target for target in targets if target.url in rolled):
        branches = sorted({change["branch"] for change in rolled[target.url]["changes"] if change["branch"]})
        with tempfile.TemporaryDirectory(prefix="dfmod-") as place:
            changes = list(_close(target, branches, forge_of(target), secret_of(target), Path(place)))
        yield _kept(ledger, _row(target, changes), "close")


def _waiting(targets: Sequence[tuple[Target, str]], records: Sequence[Record]) -> list[tuple[Target, str]]:
    surveyed, rolled = latest(records, "survey"), latest(records, "roll-out")

    def waits(target: Target) -> bool:
        done = rolled.get(target.url)
        if done is not None:
            return any(change["status"] in _AGAIN for change in done["changes"])
        found = surveyed.get(target.url)
        return found is None or found["totals"]["rewritten"] > 0

    return [(target, wave) for target, wave in targets if waits(target)]


def _follow(target: Target, rolled: Record, forge: Forge) -> Record:
    changes = []
    for branch in sorted({change["branch"] for change in rolled["changes"] if change["branch"]}):
        try:
            found = forge.find_changes(branch)
        except BotError as error:
            changes.append(_change(branch, error.status.value, None, str(error)))
            continue
        changes += [_change(branch, _word(change), change) for change in found[:1]]
    return _row(target, changes)


def _word(change: Change) -> str:
    """Return what people made of a pull request."""
    if change.state is not State.CLOSED:
        return "open" if change.state is State.OPEN else "merged"
    marker = read_marker(change.body)
    return Status.WITHDRAWN.value if marker is not None and marker.withdrawn else Status.DECLINED.value


def _close(
    target: Target, branches: Sequence[str], forge: Forge, secret: Secret | None, folder: Path
) -> Iterator[Record]:
    git = Git(folder, secret)
    try:
        git.run("init", "--quiet", "--template=")
        heads = look(target.url, folder, secret).heads
        for branch in branches:
            for change in forge.find_changes(branch):
                if change.state is State.OPEN:
                    yield _close_one(change, branch, heads.get(branch, ""), forge, Repository(git, target.url, ""))
    except BotError as error:
        yield _change("", error.status.value, None, str(error))


def _close_one(change: Change, branch: str, head: str, forge: Forge, repository: Repository) -> Record:
    marker = read_marker(change.body)
    if marker is None or marker.head != head:
        return _change(branch, Status.EDITED.value, change)
    forge.close(change.number, withdrawn(change.body))
    forge.comment(change.number, CLOSED_AGAIN)
    try:
        repository.delete(branch, head)
    except BotError as error:
        return _change(branch, error.status.value, change, str(error))
    return _change(branch, Status.WITHDRAWN.value, change)


def _change(branch: str, status: str, change: Change | None, message: str = "") -> Record:
    number, url = (change.number, change.url) if change else (None, "")
    return {"branch": branch, "status": status, "number": number, "url": url, "message": message}


def _row(target: Target, changes: list[Record]) -> Record:
    return {"schema": SCHEMA, "repository": target.url, "forge": target.kind, "changes": changes}


def _kept(ledger: Path, row: Record, step: str, wave: str = "") -> Record:
    kept = {**row, "step": step, **({"wave": wave} if wave else {})}
    append(ledger, kept)
    return kept
