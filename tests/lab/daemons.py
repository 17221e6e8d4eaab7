"""Programs that go on running beside the tests, each started and ended by a name. Never ends anything else."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.lab.machine import LabError, folder

PATIENCE_SECONDS = 60
FOREIGN = "dockerd.own.pid"  # written by the engine itself


def start(name: str, *command: str | Path, ready: Callable[[], bool], env: Mapping[str, str] | None = None) -> None:
    """Start a program, given by its path, in a session of its own, unless it runs already, and return when it is ready.

    Raises:
        LabError: it ended at once or is not ready in time; the message holds the end of its log.
    """
    if is_running(name) and ready():
        return
    stop(name)
    log = folder("run") / f"{name}.log"
    pid = _spawn(tuple(map(str, command)), log, os.environ if env is None else env)
    _record(name).write_text(f"{pid} {_born(pid)}")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not ready():
        if not is_running(name) or time.monotonic() > deadline:
            stop(name)
            raise LabError(f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)


def stop(name: str) -> None:
    """End the program of that name, by force if it does not end in time; nothing happens when it does not run."""
    pid = _pid(name)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while _pid(name) is not None and time.monotonic() < deadline:
            _reap(pid)
            time.sleep(0.05)
        if _pid(name) is not None:
            os.kill(pid, signal.SIGKILL)
    _record(name).unlink(missing_ok=True)


def stop_all() -> None:
    """End every program that was started here, by whichever part of the tests."""
    for record in folder("run").glob("*.pid"):
        if record.name != FOREIGN:
            stop(record.stem)


def is_running(name: str) -> bool:
    """Return whether the program started under that name still runs."""
    return _pid(name) is not None


def _spawn(command: tuple[str, ...], log: Path, env: Mapping[str, str]) -> int:
    """Start a program that outlives this one, so without an object here that would own it."""
    files = (
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    )
    return os.posix_spawn(command[0], command, env, file_actions=files, setsid=True)


def _record(name: str) -> Path:
    return folder("run") / f"{name}.pid"


def _pid(name: str) -> int | None:
    """Return the recorded process, if it is still the one that was started: process ids are used again."""
    if not _record(name).exists():
        return None
    pid, born = _record(name).read_text().split()
    return int(pid) if _born(int(pid)) == born else None


def _born(pid: int) -> str:
    """Return when a process was started, in ticks since boot; "" for none or one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _reap(pid: int) -> None:
    """Collect the exit status if the program is a child of this very process; else its own parent does."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
