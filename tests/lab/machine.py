"""The machine the lab stands on: its cache folder, its programs, and what it can reach. Knows nothing of containers."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

REMEMBER_SECONDS = 24 * 3600
PROBE_SECONDS = 5


class LabError(Exception):
    """The lab cannot be had on this machine; the message says what to do about it."""


def folder(*below: str) -> Path:
    """Return a folder of the lab's cache, made if need be: $DFMOD_LAB_DIR, by default ~/.cache/dfmod-lab."""
    root = os.environ.get("DFMOD_LAB_DIR") or Path.home() / ".cache/dfmod-lab"
    path = Path(root, *below)
    path.mkdir(parents=True, exist_ok=True)
    return path


def run(*command: str | Path, cwd: Path | None = None, stdin: Path | None = None, seconds: float = 1200) -> None:
    """Run a command quietly to its end.

    Raises:
        LabError: it failed; the message holds the end of what it printed.
    """
    with Path(stdin or os.devnull).open("rb") as source:
        done = subprocess.run(
            command,
            cwd=cwd,
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    if done.returncode != 0:
        said = done.stdout.decode(errors="replace")[-2000:]
        raise LabError(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{said}")


def output(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Return what a command prints, stripped.

    Raises:
        LabError: it failed.
    """
    done = subprocess.run(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise LabError(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout.strip()


def succeeds(*command: str, env: Mapping[str, str] | None = None, seconds: float = 60) -> bool:
    """Return whether a command exists and ends with status 0 in time."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False, env=env
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def need(program: str, package: str) -> None:
    """Install the Debian package that has a program, unless the program is there.

    Raises:
        LabError: it is not there and cannot be installed.
    """
    if shutil.which(program):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise LabError(f"{program} is needed; help: install it, or run as root on Debian")
    run("apt-get", "update", "-qq")
    run("apt-get", "install", "-qq", "-y", "--no-install-recommends", package)


def reaches(host: str) -> bool:
    """Return whether an HTTPS host answers; remembered for a day. DFMOD_LAB_OFFLINE=1 says that none does."""
    if os.environ.get("DFMOD_LAB_OFFLINE") == "1":
        return False
    memory = folder() / "reached.json"
    known: dict[str, tuple[bool, float]] = json.loads(memory.read_text()) if memory.exists() else {}
    answer, asked = known.get(host, (False, 0.0))
    if time.time() - asked < REMEMBER_SECONDS:
        return answer
    answer = _answers(f"https://{host}/")
    memory.write_text(json.dumps({**known, host: (answer, time.time())}))
    return answer


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=PROBE_SECONDS).close()  # noqa: S310 - the callers pass https only
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@contextmanager
def locked() -> Iterator[None]:
    """Let only one process at a time change the lab."""
    with (folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
