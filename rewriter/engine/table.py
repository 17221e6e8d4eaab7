"""A comparison for a person: the checks, what differs and why that was to be expected, and both images side by side."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.inventory import Inventory
from rewriter.engine.judge import Found, Result, Status
from rewriter.engine.verify import NotBuilt, Verified
from rewriter.report.colour import Colour, paint
from rewriter.report.printable import printable

_COLOURS = {
    Status.SAME: Colour.GOOD,
    Status.ANNOUNCED: Colour.LOOK,
    Status.DIFFERS: Colour.BAD,
    Status.UNSEEN: Colour.QUIET,
}
_LONGEST = 160
# Differences whose sentence names the thing already.
_TOLD = frozenset({"signal", "hardened", "status", "body", "port", "writable", "file", "library", "parent", "zombies"})


def table(verified: Verified, *, colour: bool = False) -> str:
    """Return the whole comparison as lines."""
    lines = [line for result in verified.results for line in _result(result, colour=colour)]
    lines += ["", *_images(*verified.inventories), "", closing(verified)]
    return "".join(f"{line}\n" for line in lines)


def closing(verified: Verified) -> str:
    """Return the last line: how many checks came to what."""
    count = {status: sum(result.status is status for result in verified.results) for status in Status}
    words = ", ".join(f"{number} {status.value}" for status, number in count.items() if number or status is Status.SAME)
    weak = verified.before.run.exit_code
    note = "" if weak in (None, 0) else f" (the original itself exits {weak}: little could be compared)"
    return f"Verified: {words}{note}"


def not_built(found: NotBuilt) -> str:
    """Return what is said of a Dockerfile that does not build, with the lines of the log that tell why."""
    if found.original:
        first = "the original does not build, so there is nothing to compare; nothing is said of the conversion"
    else:
        first = "B01 build: differs: the conversion does not build; the original does"
    return "".join(f"{line}\n" for line in (first, *(f"  {printable(line)}" for line in found.error.lines)))


def sentence(found: Found) -> str:
    """Return one difference in words."""
    difference = found.difference
    if difference.says:
        told_itself = difference.field == "exit" or difference.field.partition(" ")[0] in _TOLD
        return difference.says if told_itself else f"{difference.field}: {difference.says}"
    return f"{difference.field}: {difference.before or 'nothing'} became {difference.after or 'nothing'}"


def _result(result: Result, *, colour: bool) -> Iterator[str]:
    status = paint(f"{result.status.value:<9}", _COLOURS[result.status], on=colour)
    yield f"{result.check.id}  {result.check.title:<24}  {status}".rstrip()
    for found in result.found:
        yield f"       {_short(sentence(found))}"
        if found.announced is not None:
            yield f"           as announced: {_short(f'{found.announced.name}: {found.announced.text}')}"


def _short(text: str) -> str:
    shown = printable(text.replace("\n", " | "))
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def _images(before: Inventory, after: Inventory) -> Iterator[str]:
    yield f"{'image':<18}{'before':>24}{'after':>24}"
    for name, old, new in rows(before, after):
        yield f"{name:<18}{old:>24}{new:>24}"


def rows(before: Inventory, after: Inventory) -> Iterator[tuple[str, str, str]]:
    """Yield what an image is, before and after, as words."""
    for name, value in (
        ("size", lambda i: f"{i.size / 1e6:.1f} MB"),
        ("layers", lambda i: str(i.layers)),
        ("packages", lambda i: str(i.packages)),
        ("executables", lambda i: str(i.executables)),
        ("setuid files", lambda i: str(i.setuid)),
        ("shells", lambda i: " ".join(i.shells) or "none"),
        ("package managers", lambda i: " ".join(i.package_managers) or "none"),
        ("platform", lambda i: i.platform),
        ("build", lambda i: f"{i.build_seconds:.1f} s"),
    ):
        yield name, value(before), value(after)
