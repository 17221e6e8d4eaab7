"""The bot at a hosted repository, with a clock of its own, and what tests ask of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rewriter.bot.api import Pace
from rewriter.bot.forges import forge_of, secret_of
from rewriter.bot.rehearsal import Write
from rewriter.bot.settings import Settings
from rewriter.bot.status import Status
from rewriter.bot.target import target_of
from rewriter.bot.visit import Desk, Visit, visit
from tests.bot.cases import convert
from tests.bot.fake import Host, hosted
from tests.bot.hosting import TOKEN
from tests.bot.people import head_of, new_repository

BRANCH = "dfmod/convert"
FILE = b"FROM golang:1.20\nENTRYPOINT ./app\n"


@dataclass
class Clock:
    """A clock that goes on only when somebody sleeps."""

    at: float = 1_000_000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds

    def now(self) -> float:
        return self.at


@dataclass
class Scene:
    """A hosted repository with a Dockerfile to convert, and the bot."""

    host: Host
    clock: Clock = field(default_factory=Clock)
    overrides: Callable[[Settings], Settings] = lambda settings: settings
    token: str = TOKEN

    @property
    def bare(self) -> Path:
        return self.host.bare

    def run(self, rehearse: Callable[[Write], None] | None = None) -> Visit:
        """Run the bot once; the requests of this run alone are kept."""
        self.host.requests.clear()
        target = target_of(f"{self.host.origin}/ann/shop", self.host.kind, self.host.api)
        secret = secret_of(target, self.token, None)
        forge = forge_of(target, secret, Pace(self.clock.sleep, self.clock.now))
        return visit(target, forge, Desk(convert, secret, overrides=self.overrides, rehearse=rehearse))

    def word(self) -> Status:
        (proposed,) = self.run().proposed
        assert proposed.status is not Status.FAILED, proposed.message
        return proposed.status

    def head(self) -> str:
        return head_of(self.bare, BRANCH)


@contextmanager
def scene(kind: str, folder: Path) -> Iterator[Scene]:
    """Open a scene on a forge of a kind."""
    root = folder / "hosted"
    new_repository(root / "ann" / "shop.git", {"Dockerfile": FILE, "main.go": b"package main\n"})
    with hosted(kind, root) as host:
        yield Scene(host)
