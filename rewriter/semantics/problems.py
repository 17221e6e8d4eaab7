"""How a build error travels from the place that finds it to the `Problem` that `resolve` returns.

Readers of single values raise `BuildError`, which knows no line; `located` adds the line of the instruction being
read. Nothing outside `semantics` sees these exceptions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rewriter.syntax.document import Instruction, Problem


class BuildError(ValueError):
    """What BuildKit would refuse, in its own words as far as we know them."""


class LocatedError(Exception):
    """A build error with its place."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@contextmanager
def located(instruction: Instruction) -> Iterator[None]:
    """Turn every build error raised inside into one at the line of `instruction`.

    Raises:
        LocatedError: a value of the instruction is refused.
    """
    try:
        yield
    except BuildError as error:
        raise LocatedError(Problem(str(error), instruction.span.line)) from error
