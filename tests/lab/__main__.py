"""`python -m tests.lab up|down|env|images NAME...`: the lab by hand, and for the continuous integration script."""

from __future__ import annotations

import os
import shlex
import sys

from tests.lab import daemons, down, environment, images, up
from tests.lab.machine import LabError

USAGE = """usage: python -m tests.lab COMMAND
  up               start what this machine lacks, print the environment to eval
  env              print the environment again
  images NAME...   have these images: those there, those that can be pulled, stand-ins for the rest
  down             stop what `up` started, and whatever else the tests left running
"""


def main(arguments: list[str]) -> int:
    """Carry out one command; return the exit status."""
    try:
        match arguments:
            case ["up"]:
                _print_exports(up())
            case ["env"]:
                _print_exports(environment())
            case ["images", first, *more]:
                os.environ.update(environment())
                for name in (first, *more):
                    sys.stdout.write(f"{images.ensure(name)}\t{name}\n")
            case ["down"]:
                down()
                daemons.stop_all()
            case _:
                sys.stderr.write(USAGE)
                return 2
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _print_exports(variables: dict[str, str]) -> None:
    for name, value in sorted(variables.items()):
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
