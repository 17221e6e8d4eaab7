"""Outcomes made by hand, and a stand-in for the pipeline that chooses among them by what the Dockerfile says.

The command line and the reports are tested with these: what becomes of a file must be known beforehand there.
Run as a program (`python -m tests.outcomes convert ...`) it is `dfmod` with the stand-in.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.notes import Note, Rule, Severity
from rewriter.plan import (
    Cmd,
    Decision,
    Declined,
    Options,
    Outcome,
    Plan,
    Refusal,
    Rewritten,
    RuntimeStage,
    Safety,
    Tier,
    Unchanged,
)
from rewriter.syntax.document import Span

SHELL_LOST = Rule("shell-lost", "the final stage has no shell")
UNPINNED = Rule("unpinned-base", "the base has no digest")
SUPERVISOR = Rule("needs-to-be-pid-one", "an init of its own")

ADDED = 'CMD ["/app"]'


def rewritten(text: str, *, notes: tuple[Note, ...] = ()) -> Rewritten:
    """Return a conversion that adds one line, with one decision of each kind of safety."""
    newline = "\r\n" if "\r\n" in text else "\n"
    new = text + ("" if not text or text.endswith("\n") else newline) + ADDED + newline
    decisions = (
        Decision(
            "base",
            "gcr.io/distroless/static-debian13 in place of golang:1.20",
            "the binary is static",
            Safety.SAFE,
            (Evidence("Dockerfile:1", "FROM golang:1.20"), Evidence("main.go:3", 'import "C"')),
        ),
        Decision(
            "env.GOPATH", "left out", "nothing reads it", Safety.REVIEW, (Evidence("facts: golang", "GOPATH=/go"),)
        ),
    )
    at = Span(len(text), len(text), 1)
    runtime = RuntimeStage("gcr.io/distroless/static-debian13", (Cmd(("/app",)),))
    return Rewritten(new, Plan("go", Tier.DISTROLESS, (), at, None, None, runtime, decisions), notes)


def declined() -> Declined:
    """Return a refusal with its evidence, and a note."""
    why = Refusal(
        SUPERVISOR,
        "supervisord must be PID 1 itself",
        (Evidence("Dockerfile:7", 'CMD ["supervisord"]'),),
        "use --tier init",
    )
    return Declined(why, (Note(UNPINNED, Severity.INFO, "ubuntu has no digest", 1, ""),))


def noted() -> tuple[Note, ...]:
    """Return a note of each severity, on a line and on the whole file."""
    return (
        Note(SHELL_LOST, Severity.WARNING, "docker exec ... sh no longer works", None, "use --debug-target"),
        Note(UNPINNED, Severity.INFO, "golang has no digest", 1, "use --pin"),
    )


def stand_in(text: str, context: Context, options: Options, templates: Path | None = None) -> Outcome:
    """Return the outcome that a comment `# case: NAME` asks for; without one, a conversion."""
    del templates
    case = text.partition("# case: ")[2].partition("\n")[0].strip()
    if ADDED in text:
        return Unchanged("it is distroless and has an init")
    if case == "declined":
        return declined()
    if case == "bug":
        raise RuntimeError("a thing that cannot be")
    if case == "slow":
        time.sleep(30)
    if case == "interrupted":
        os.kill(os.getpid(), signal.SIGINT)
    if case == "context":
        notes = tuple(Note(UNPINNED, Severity.INFO, f"sent: {name}", None, "") for name in context.names())
        return Unchanged(f"{options.target}", notes)
    return rewritten(text, notes=noted() if case == "noted" else ())


if __name__ == "__main__":
    import multiprocessing

    from rewriter.cli import main, work

    # Only a fork takes the stand-in along.
    multiprocessing.set_start_method("fork")
    work.rewrite = stand_in  # type: ignore[attr-defined]
    main()
