"""Run an image as its `run.toml` says, and compare what two images did. Nothing counts as equal without a look at it.

The relations are those a conversion promises: the main process keeps its program, arguments, folder, user and
environment; answers, output and exit code stay; stopping is not slower, and not by force where it was not before.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from tests.e2e.harness import Answer, Image, Output, Stopped, ask, health, is_up, output, processes, running, stop, wait
from tests.e2e.processes import Process, main_process
from tests.e2e.run_file import Run

KILLED = 137
SLACK_SECONDS = 1.0
ALLOWED_NEW = frozenset({"SSL_CERT_FILE"})
# The shell sets these for its own use, and the engine names each container anew.
NOT_THE_IMAGES = frozenset({"HOSTNAME", "PWD", "OLDPWD", "SHLVL", "_"})


@dataclass(frozen=True, slots=True)
class Observation:
    """What a container did. `exit_code` is None where it was still up after the settling time and had to be stopped.

    `health` is what its health check says, where one was waited for.
    """

    exit_code: int | None
    output: Output
    processes: tuple[Process, ...]
    answers: tuple[tuple[str, Answer], ...]
    stopped: Stopped | None
    health: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs, named as decisions name it where there is a decision on it: "workdir", "env.GOPATH"."""

    field: str
    before: str
    after: str


def observe(image: Image, run: Run) -> Observation:
    """Return what a container of the image does when it is run as described.

    Raises:
        TimeoutError: it neither answers nor ends.
    """
    with running(image, *run.args, options=_options(run), port=run.port) as container:
        if run.port is None:
            return Observation(wait(container, run.settle + 30), output(container), (), (), None)
        answers = tuple((request.path, ask(container, request.path)) for request in run.requests)
        time.sleep(run.settle)
        if not is_up(container):
            return Observation(wait(container, 5), output(container), (), answers, None)
        seen, said = processes(container), output(container)
        found = health(container) if run.healthy else ""
        return Observation(None, said, seen, answers, stop(container, run.grace), found)


def _options(run: Run) -> tuple[str, ...]:
    """Return the engine's options; a volume is a fresh one, removed with its container."""
    env = (word for name, value in run.env for word in ("--env", f"{name}={value}"))
    volumes = (word for folder in run.volumes for word in ("--mount", f"type=volume,target={folder}"))
    return (*env, *volumes)


def differences(before: Observation, after: Observation, run: Run) -> tuple[Difference, ...]:
    """Return everything that is not as promised, expected or not."""
    return tuple(
        difference
        for difference in (
            *_plain("exit", str(before.exit_code), str(after.exit_code)),
            *_plain("stdout", normalised(before.output.stdout), normalised(after.output.stdout)),
            *_plain("stderr", normalised(before.output.stderr), normalised(after.output.stderr)),
            *_answers(before, after, run),
            *_plain("health", before.health, after.health),
            *_main(main_process(before.processes), main_process(after.processes)),
            *_zombies(after),
            *_stops(before.stopped, after.stopped),
        )
    )


def normalised(text: str) -> str:
    """Return printed text with its numbers made `#` (times, pids, ports) and its lines sorted."""
    return "\n".join(sorted(re.sub(r"\d+", "#", text).splitlines()))


def _plain(field: str, before: str, after: str) -> Iterator[Difference]:
    if before != after:
        yield Difference(field, before, after)


def _answers(before: Observation, after: Observation, run: Run) -> Iterator[Difference]:
    compared = {request.path for request in run.requests if request.same}
    for (path, old), (_, new) in zip(before.answers, after.answers, strict=True):
        yield from _plain(f"status {path}", str(old.status), str(new.status))
        if path in compared:
            yield from _plain(f"body {path}", old.body, new.body)


def _main(before: Process | None, after: Process | None) -> Iterator[Difference]:
    if before is None or after is None:
        yield from _plain("processes", str(before is not None), str(after is not None))
        return
    yield from _plain("program", before.program, after.program)
    yield from _plain("arguments", " ".join(words(before)), " ".join(words(after)))
    yield from _plain("workdir", before.cwd, after.cwd)
    yield from _plain("user", before.user, after.user)
    yield from _plain("groups", before.groups, after.groups)
    yield from _plain("umask", before.umask, after.umask)
    yield from _plain("capabilities", before.capabilities, after.capabilities)
    yield from _environment(dict(before.environment), dict(after.environment))


def words(process: Process) -> tuple[str, ...]:
    """Return the argument vector with the program's name without its folder."""
    return (PurePosixPath(process.argv[0]).name, *process.argv[1:]) if process.argv else ()


def _environment(before: dict[str, str], after: dict[str, str]) -> Iterator[Difference]:
    for name in sorted((before.keys() | after.keys()) - NOT_THE_IMAGES):
        if name in before or name not in ALLOWED_NEW:
            yield from _plain(f"env.{name}", before.get(name, ""), after.get(name, ""))


def _zombies(after: Observation) -> Iterator[Difference]:
    yield from _plain("zombies", "", " ".join(process.name for process in after.processes if process.state == "Z"))


def _stops(before: Stopped | None, after: Stopped | None) -> Iterator[Difference]:
    if before is None or after is None:
        return
    if after.seconds > before.seconds + SLACK_SECONDS:
        yield Difference("stop time", f"{before.seconds:.1f} s", f"{after.seconds:.1f} s")
    if before.exit_code != KILLED or after.exit_code == KILLED:
        yield from _plain("stop exit", str(before.exit_code), str(after.exit_code))
