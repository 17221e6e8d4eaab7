"""Run an image in every way that is compared, and look. Judges nothing: `checks` does.

Each run has a container of its own. A server is looked at when its ports are open, a program that ends when it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from functools import partial

from rewriter.engine.client import Client, EngineError, run
from rewriter.engine.containers import (
    CANNOT_START,
    Answer,
    Container,
    Output,
    State,
    ask,
    changed_paths,
    listening,
    output,
    processes,
    running,
    state,
    stop,
    wait,
)
from rewriter.engine.files import Files, files_of
from rewriter.engine.images import Image, declared_ports, has_health_check
from rewriter.engine.processes import INITS, Process, catches
from rewriter.engine.seen import Observation, Seen
from rewriter.engine.setup import Setup

POLL_SECONDS = 0.2
# What an engine leaves with that cannot run a container in this way at all: without an init of its own, say.
REFUSED = 125
SCOUT_SECONDS = 10.0
APPENDED, REPLACED = "IMAGE --version", "IMAGE PROGRAM --version"
OTHER_ENTRYPOINT, EMPTIED = "--entrypoint PROGRAM", "--entrypoint ''"
SIGNALS = (("SIGINT", 2), ("SIGHUP", 1), ("SIGUSR1", 10), ("SIGWINCH", 28))
HARDENED = (
    ("read-only root", ("--read-only", "--tmpfs", "/tmp")),
    ("no capabilities", ("--cap-drop", "ALL", "--security-opt", "no-new-privileges")),
    ("random user in group 0", ("--user", "12345:0")),
    ("init of the engine on top", ("--init",)),
)
_EVERY_SECOND = ("--health-interval", "1s")
_HEALTH_SECONDS = 15.0
Runs = Callable[[], Seen]


def scout(client: Client, image: Image, setup: Setup) -> tuple[Setup, Seen]:
    """Return the setup with what a first run of the original tells, and what was seen in it.

    Ports are those the user asks and those it listens to; where that cannot be looked at, those it declares. One that
    declares ports has longer to open them. Whatever neither listens nor ends in time just stays up.
    """
    declared = declared_ports(image)
    with _started(client, image, replace(setup, ports=())) as container:
        deadline = time.monotonic() + (setup.timeout if declared else min(setup.timeout, SCOUT_SECONDS))
        now = state(container)
        while now.running and not listening(container) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            now = state(container)
        seen = _looked_at(container, _settled(container, setup.settle) if now.running else now)
    asked = tuple(probe.port for probe in setup.probes if probe.port is not None)
    ports = tuple(dict.fromkeys((*asked, *(seen.listening if seen.processes else declared))))
    return replace(setup, ports=ports if seen.exit_code is None else (), ends=seen.exit_code is not None), seen


def observe_run(client: Client, image: Image, setup: Setup) -> Seen:
    """Return what a container of the image does: started, asked, looked at when it has settled, and stopped.

    One that cannot even be started has ended with the engine's exit code.
    """
    try:
        with _started(client, image, setup) as container:
            if setup.ends:
                return _looked_at(container, _settled(container, setup.timeout))
            answers, varying = _asked(container, setup)
            seen = _looked_at(container, _settled(container, setup.settle))
            health = _health(container, image) if seen.exit_code is None else ""
            seen = replace(seen, answers=answers, varying=varying, health=health)
            return seen if seen.exit_code is not None else replace(seen, stopped=stop(container, setup.grace))
    except EngineError as error:
        return _not_started(error)


def observe(
    client: Client, image: Image, setup: Setup, like: Seen, executor: Executor, *, libraries: bool
) -> Callable[[], Observation]:
    """Start all runs of an image in the executor, and return what waits for them.

    `like` is what was seen of the original: it tells which arguments and signals make sense.
    """
    files: Future[Files] = executor.submit(files_of, client, image.reference, libraries=libraries)
    usual = executor.submit(observe_run, client, image, setup)
    arguments, signals, hardened = (
        tuple((name, executor.submit(runs)) for name, runs in rows)
        for rows in (
            _argument_runs(client, image, setup, like),
            _signal_runs(client, image, setup, like),
            _hardened_runs(client, image, setup),
        )
    )

    def waited() -> Observation:
        return Observation(
            image, files.result(), usual.result(), _results(arguments), _results(signals), _results(hardened)
        )

    return waited


def _results(rows: tuple[tuple[str, Future[Seen]], ...]) -> tuple[tuple[str, Seen], ...]:
    return tuple((name, future.result()) for name, future in rows)


def _argument_runs(client: Client, image: Image, setup: Setup, like: Seen) -> Iterator[tuple[str, Runs]]:
    """Yield the ways to run an image with other words than its own; none where the program was not seen."""
    yield APPENDED, _brief(client, image, setup, ("--version",))
    words = _command(like)
    if not words:
        return
    yield REPLACED, _brief(client, image, setup, (*words, "--version"))
    yield OTHER_ENTRYPOINT, _brief(client, image, setup, words[1:], ("--entrypoint", words[0]))
    yield EMPTIED, _brief(client, image, setup, words, ("--entrypoint", ""))


def _command(like: Seen) -> tuple[str, ...]:
    """Return the words of the original's program as they were seen, a relative name made absolute; () for none."""
    main = like.main
    if main is None or not main.argv:
        return ()
    return (main.program if main.argv[0].startswith(".") else main.argv[0], *main.argv[1:])


def _signal_runs(client: Client, image: Image, setup: Setup, like: Seen) -> Iterator[tuple[str, Runs]]:
    """Yield a run for each signal that the original's program both has a handler for and can be reached by."""
    main = like.main
    if main is None or not _is_reached(main, like):
        return
    for name, number in SIGNALS:
        if catches(main, number):
            yield name, partial(_signalled, client, image, setup, name)


def _is_reached(main: Process, seen: Seen) -> bool:
    return main.pid == 1 or (main.ppid == 1 and seen.processes[0].name in INITS)


def _hardened_runs(client: Client, image: Image, setup: Setup) -> Iterator[tuple[str, Runs]]:
    for name, options in HARDENED:
        yield name, _brief(client, image, setup, setup.arguments, options)


def _brief(
    client: Client, image: Image, setup: Setup, arguments: tuple[str, ...], options: tuple[str, ...] = ()
) -> Runs:
    asked = replace(setup, ports=(), arguments=arguments, options=(*setup.options, *options))

    def runs() -> Seen:
        try:
            with _started(client, image, asked) as container:
                if setup.ports:
                    _opened(container, setup, min(setup.timeout, SCOUT_SECONDS))
                now = _settled(container, setup.timeout if setup.ends else setup.brief)
                return Seen(None if now.running else now.exit_code, output(container), seconds=now.seconds)
        except EngineError as error:
            return _not_started(error, (*CANNOT_START, REFUSED))

    return runs


def _signalled(client: Client, image: Image, setup: Setup, name: str) -> Seen:
    """Return what a container did within two seconds of a signal, sent when it had settled."""
    try:
        with _started(client, image, setup) as container:
            _opened(container, setup, setup.timeout)
            now = _settled(container, 1.0)
            if now.running:
                run(client, "kill", "--signal", name, container.name)
                now = _until(container, lambda now: not now.running, setup.brief)
            return Seen(None if now.running else now.exit_code, output(container), seconds=now.seconds)
    except EngineError as error:
        return _not_started(error)


def _started(client: Client, image: Image, setup: Setup) -> AbstractContextManager[Container]:
    """Return a running container; a health check, if the image has one, is asked every second instead of its own."""
    often = _EVERY_SECOND if client.kind == "docker" and has_health_check(image) else ()
    options = (*often, *setup.options)
    return running(client, image.reference, *setup.arguments, options=options, ports=setup.ports, network=setup.network)


def _not_started(error: EngineError, codes: tuple[int, ...] = CANNOT_START) -> Seen:
    """Return the run of a container that could not be started.

    Raises:
        EngineError: that is not what went wrong.
    """
    if error.exit_code not in codes:
        raise error
    return Seen(error.exit_code, Output("", error.said))


def _asked(container: Container, setup: Setup) -> tuple[tuple[tuple[str, Answer], ...], tuple[str, ...]]:
    """Return the answers to all requests, and the names of those answered differently when asked again."""
    answers: list[tuple[str, Answer]] = []
    varying: list[str] = []
    for port in setup.ports:
        for probe in setup.probes:
            if probe.port in (None, port):
                name = probe.name if len(setup.ports) == 1 else f"{probe.name} on {port}"
                first, second = (_answer(container, port, probe.path, probe.method, setup) for _ in range(2))
                answers.append((name, first))
                varying += [name] if first != second else []
    return tuple(answers), tuple(varying)


def _answer(container: Container, port: int, path: str, method: str, setup: Setup) -> Answer:
    """Return an answer, asking again until there is one, the time is over or the container has ended."""
    deadline = time.monotonic() + setup.timeout
    while True:
        try:
            return ask(container, port, path, method)
        except OSError as error:
            if time.monotonic() > deadline or not state(container).running:
                return Answer(0, f"no answer: {type(error).__name__}")
        time.sleep(POLL_SECONDS)


def _opened(container: Container, setup: Setup, seconds: float) -> None:
    """Wait until the ports are open, as long as the container runs."""
    _until(container, lambda _: set(setup.ports) <= set(listening(container)), seconds)


def _settled(container: Container, seconds: float) -> State:
    """Return the state of a container that has run for so long, or has ended before."""
    with suppress(TimeoutError):
        wait(container, seconds)
    return state(container)


def _until(container: Container, done: Callable[[State], bool], seconds: float) -> State:
    deadline = time.monotonic() + seconds
    while True:
        now = state(container)
        if not now.running or done(now) or time.monotonic() > deadline:
            return now
        time.sleep(POLL_SECONDS)


def _looked_at(container: Container, now: State) -> Seen:
    if not now.running:
        return Seen(now.exit_code, output(container), seconds=now.seconds, changed=changed_paths(container))
    return Seen(
        None,
        output(container),
        processes(container),
        listening=listening(container),
        changed=changed_paths(container),
    )


def _health(container: Container, image: Image) -> str:
    """Return what the image's health check comes to; empty without one.

    Docker asks by itself, every second here; Podman is told to ask once.
    """
    if not has_health_check(image):
        return ""
    if container.client.kind == "podman":
        try:
            run(container.client, "healthcheck", "run", container.name)
        except EngineError:
            return "unhealthy"
        return "healthy"
    return _until(container, lambda now: now.health in ("healthy", "unhealthy"), _HEALTH_SECONDS).health
