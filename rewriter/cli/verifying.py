"""What `dfmod verify` does: converts one file, has both built, run and compared, and prints what came of it."""

from __future__ import annotations

import gc
import os
import re
import shlex
import shutil
from pathlib import Path

from rewriter.cli.configuration import finder, in_force
from rewriter.cli.faults import FileError, UsageError
from rewriter.cli.files import read
from rewriter.cli.places import context_of
from rewriter.cli.request import Request
from rewriter.cli.screen import Screen
from rewriter.cli.search import Found
from rewriter.cli.work import convert_file
from rewriter.engine.client import EngineError, NoEngineError, find_client
from rewriter.engine.judge import Status
from rewriter.engine.seen import Promise
from rewriter.engine.setup import Probe, Setup
from rewriter.engine.verify import NotBuilt, Source, Verified, verify
from rewriter.images.catalog import lookup
from rewriter.images.model import KnownImage
from rewriter.plan import Rewritten
from rewriter.record import record
from rewriter.report.colour import Colour, paint
from rewriter.report.printable import printable
from rewriter.report.result import Failed, Result
from rewriter.report.text import Style, describe
from rewriter.semantics.build import Build
from rewriter.semantics.resolve import resolve
from rewriter.syntax.document import decode
from rewriter.syntax.scanner import parse

DIFFERS, NOT_BUILT = 1, 2
_NAMES = ("Dockerfile", "Containerfile")
_PROBE = re.compile(r"([A-Z]+) (?::(\d+))?(/\S*)")


@record
class Wanted:
    """What one `dfmod verify` was asked beyond the conversion itself."""

    against: str | None = None
    probes: tuple[str, ...] = ()
    run_args: str = ""
    build_args: str = ""
    env: tuple[str, ...] = ()
    timeout: float = 30.0
    engine: str | None = None
    json: bool = False


def run(request: Request, wanted: Wanted, screen: Screen) -> int:
    """Carry out one `dfmod verify` and return its exit code.

    0 the same but for what was announced; 1 something differs; 2 the original does not build, or cannot be converted
    for a fault of its own. A file that is declined or left as it is has nothing to compare: 0.

    Raises:
        UsageError: an option makes no sense, or no engine answers.
        FileError: a file cannot be read, or the engine failed.
    """
    gc.enable()
    path = _dockerfile(request.paths[0])
    setup = _setup(wanted)
    request = _in_force(path, request)
    result = convert_file(Found(path), request.settings)
    converted = _against(wanted.against, result, screen)
    if isinstance(converted, int):
        return converted
    source = _source(path, result.before, converted, request, wanted)
    promise = _promised(result, wanted.against, request)
    try:
        client = find_client(wanted.engine)
        found = verify(client, source, setup, promise, lambda step: _tell(step, screen))
    except NoEngineError as error:
        raise UsageError(f"no container engine answers ({error}); start Docker or Podman") from error
    except EngineError as error:
        raise FileError(str(error), "look at the engine's own log") from error
    finally:
        screen.uncount()
    _print(found, path, wanted, client.kind, screen)
    return _exit_code(found)


def _dockerfile(path: str) -> str:
    """Return the file that a path names: itself, or the Dockerfile in the folder."""
    if not Path(path).is_dir():
        return path
    found = [os.path.join(path, name) for name in _NAMES if Path(path, name).is_file()]  # noqa: PTH118 (as given)
    if not found:
        raise UsageError(f"{path}: no {' or '.join(_NAMES)} in this folder; name the file")
    return found[0]


def _setup(wanted: Wanted) -> Setup:
    for pair in wanted.env:
        if not pair.partition("=")[0] or "=" not in pair:
            raise UsageError(f"--env {pair}: write NAME=VALUE")
    options = tuple(word for pair in wanted.env for word in ("--env", pair))
    probes = tuple(_probe(text) for text in wanted.probes) or (Probe(),)
    return Setup(probes=probes, timeout=wanted.timeout, options=(*options, *_words("--run-args", wanted.run_args)))


def _probe(text: str) -> Probe:
    found = _PROBE.fullmatch(text)
    if found is None:
        raise UsageError(f"--probe {text!r}: write 'GET /health', or 'GET :8080/health' for one port")
    method, port, path = found.groups()
    return Probe(method, path, int(port) if port else None)


def _words(option: str, text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"{option}: {str(error).lower()}") from error


def _in_force(path: str, request: Request) -> Request:
    """Return the request with what the configuration nearest to the file sets."""
    if request.no_init and request.init_source is not None:
        raise UsageError("--no-init and --init-source contradict each other")
    if request.context is not None and not Path(request.context).is_dir():
        raise UsageError(f"--context: no such folder: {request.context}")
    return in_force(request, finder()(path))


def _against(against: str | None, result: Result, screen: Screen) -> bytes | int:
    """Return the text to compare with; where there is none, say so and return the exit code."""
    if against is not None:
        if isinstance(result.outcome, Failed) and not result.before:
            raise FileError(f"{result.path}: {result.outcome.message}", result.outcome.help)
        return read(against).data
    outcome = result.outcome
    if isinstance(outcome, Rewritten):
        return result.after
    style = Style(colour=screen.colour_err, verbose=True)
    tell = screen.insist if isinstance(outcome, Failed) else screen.say
    tell(describe(result, style))
    screen.say("nothing to verify: there is no conversion\n")
    return NOT_BUILT if isinstance(outcome, Failed) else 0


def _source(path: str, original: bytes, converted: bytes, request: Request, wanted: Wanted) -> Source:
    if request.context is not None:
        context = Path(request.context)
    else:
        context = context_of(parse(decode(original)), Found(path)).root or Path(path).parent
    own = Path(f"{path}.dockerignore")
    target = ("--target", request.target) if request.target is not None else ()
    options = (*target, *_words("--build-args", wanted.build_args))
    return Source(original, converted, context, own if own.is_file() else None, options)


def _promised(result: Result, against: str | None, request: Request) -> Promise:
    outcome = result.outcome
    if against is not None or not isinstance(outcome, Rewritten):
        return Promise()
    plan = outcome.plan
    init = plan.init is not None or any(decision.field == "init" for decision in plan.decisions)
    return Promise(
        plan.tier, init and not request.no_init, _versioned(result.before, request.target), plan.decisions, plan.notes
    )


def _versioned(data: bytes, target: str | None) -> tuple[str, ...]:
    """Return the variables that the original's base image sets to its own version."""
    build = resolve(parse(decode(data)), lookup, target=target)
    root = build.target.root if isinstance(build, Build) else None
    return root.versioned_env if isinstance(root, KnownImage) else ()


def _tell(step: str, screen: Screen) -> None:
    """Show what is being done: on a terminal on a line that the next one replaces, else only what is begun."""
    if screen.progress and screen.err is not None:
        screen.uncount()
        screen.err.write(printable(step)[: shutil.get_terminal_size().columns - 1])
        screen.err.flush()
    elif ": " not in step:
        screen.say(f"{printable(step)}\n")


def _print(found: Verified | NotBuilt, path: str, wanted: Wanted, engine: str, screen: Screen) -> None:
    from rewriter.engine import document, table  # noqa: PLC0415 (only one of them is needed)

    if isinstance(found, NotBuilt):
        name = path if found.original else wanted.against or "the conversion"
        title = paint(printable(name), Colour.TITLE, on=screen.colour_err)
        screen.insist(f"{title}: {table.not_built(found)}")
    if wanted.json:
        screen.data(document.document(found, path, wanted.against, engine))
    elif isinstance(found, Verified):
        screen.data(table.table(found, colour=screen.colour_out).encode("utf-8", "backslashreplace"))


def _exit_code(found: Verified | NotBuilt) -> int:
    if isinstance(found, NotBuilt):
        return NOT_BUILT if found.original else DIFFERS
    return DIFFERS if any(result.status is Status.DIFFERS for result in found.results) else 0
