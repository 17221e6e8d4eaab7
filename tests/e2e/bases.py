"""Which published images a Dockerfile starts or copies from; they are had before it is built."""

from __future__ import annotations

from pathlib import Path

from rewriter.syntax.document import Instruction
from rewriter.syntax.scanner import parse
from tests.e2e import harness
from tests.lab.images import ensure


def built(dockerfile: str, context: Path) -> harness.Image:
    """Return the image of a Dockerfile, for which every image it names is had first.

    Raises:
        LabError: one of them cannot be had.
        BuildFailedError: the builder refused.
    """
    for name in images_of(dockerfile):
        ensure(name)
    return harness.build(dockerfile, context)


def images_of(dockerfile: str) -> tuple[str, ...]:
    """Return the images named by FROM and `COPY --from`, in order, less `scratch`, stages and what a variable names."""
    stages = {"scratch"}
    found: dict[str, None] = {}
    for item in parse(dockerfile).items:
        if isinstance(item, Instruction):
            image = _image(item)
            if image and image.lower() not in stages and "$" not in image and not image.isdecimal():
                found[image] = None
            if item.keyword == "FROM" and len(item.words) == 3:
                stages.add(item.words[2].lower())
    return tuple(found)


def _image(instruction: Instruction) -> str:
    match instruction.keyword:
        case "FROM":
            return next(iter(instruction.words), "")
        case "COPY":
            named = (flag.removeprefix("--from=") for flag in instruction.flags if flag.startswith("--from="))
            return next(named, "")
        case _:
            return ""
