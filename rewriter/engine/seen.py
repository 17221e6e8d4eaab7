"""What was seen of an image: of one run, and of all of them together. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from rewriter.engine.containers import Answer, Output, Stopped
from rewriter.engine.files import Files
from rewriter.engine.images import Image
from rewriter.engine.processes import Process, main_process
from rewriter.notes import Note
from rewriter.plan import Decision, Tier


@dataclass(frozen=True, slots=True)
class Seen:
    """What a container did. `exit_code` is None where it was still up at the end and had to be stopped.

    `processes`, `listening` and `health` are as they were when it had settled, `changed` the paths it had written by
    then, `varying` the requests that it answered differently when they were asked twice.
    """

    exit_code: int | None
    output: Output
    processes: tuple[Process, ...] = ()
    answers: tuple[tuple[str, Answer], ...] = ()
    stopped: Stopped | None = None
    seconds: float = 0.0
    listening: tuple[int, ...] = ()
    health: str = ""
    changed: tuple[str, ...] = ()
    varying: tuple[str, ...] = ()

    @property
    def main(self) -> Process | None:
        """The process the image is about."""
        return main_process(self.processes)

    @property
    def ending(self) -> str:
        """How it ended, in words: "exited 1 after 2 s", "stayed up"."""
        if self.exit_code is None:
            return "stayed up"
        if self.seconds <= 0:
            return f"could not be started ({self.exit_code})"
        return f"exited {self.exit_code} after {max(1, round(self.seconds))} s"


@dataclass(frozen=True, slots=True)
class Observation:
    """All that was seen of an image: the usual run, and others by name ("--version", "SIGUSR1", "read-only root").

    `first` is an earlier usual run of the original: what two runs of one image do not share varies by itself.
    """

    image: Image
    files: Files
    run: Seen
    arguments: tuple[tuple[str, Seen], ...] = ()
    signals: tuple[tuple[str, Seen], ...] = ()
    hardened: tuple[tuple[str, Seen], ...] = ()
    first: Seen | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """What the conversion says of itself; of a Dockerfile that is not ours nothing is known.

    `versioned` are the variables that the original's base image sets to its own version.
    """

    tier: Tier | None = None
    init: bool = False
    versioned: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    notes: tuple[Note, ...] = ()
