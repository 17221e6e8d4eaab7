"""Which published images a Dockerfile starts or copies from."""

from __future__ import annotations

from rewriter.syntax.document import Instruction
from rewriter.syntax.scanner import parse


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
