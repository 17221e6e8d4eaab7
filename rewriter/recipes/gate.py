"""What is settled before any recipe is asked: files there is nothing to do for, and files nothing can be done for."""

from __future__ import annotations

from rewriter.analysis.evidence import Evidence
from rewriter.images.catalog import init_named, wrappers
from rewriter.images.model import Exec, KnownImage, Shell, Unknown, argv
from rewriter.notes import Rule
from rewriter.plan import Options, Refusal, Tier, Unchanged
from rewriter.recipes.target import other_target
from rewriter.semantics.build import Build, Stage
from rewriter.syntax.document import Problem

UNKNOWN_BASE = Rule("unknown-base", "the final stage starts from an image nothing is known about")
WINDOWS = Rule("windows-image", "the image is a Windows image", "H44")
ONBUILD = Rule("onbuild-image", "the image is a base for other builds", "H44")
DOES_NOT_BUILD = Rule("does-not-build", "no builder makes an image of this file")
NOT_WRITABLE = Rule("value-cannot-be-written", "a value of the image cannot be written in a Dockerfile")

_WINDOWS = ("windowsservercore", "nanoserver", "mcr.microsoft.com/windows", "microsoft/windows", "microsoft/nanoserver")


def gate(build: Build, options: Options) -> Refusal | Unchanged | None:
    """Return why this build needs no recipe: nothing to run, or nothing that can be converted; None to go on."""
    stage, init_only = build.target, options.tier is Tier.INIT_ONLY
    if is_windows(build):
        why = "distroless images and tini are Linux only"
        return Refusal(WINDOWS, why, (at(stage),), "nothing to do: Windows images are left alone")
    if isinstance(stage.root, Unknown) and not (init_only and sets_entrypoint(stage)):
        return unknown_base(stage, stage.root, init_only=init_only)
    if any(step.instruction.name == "ONBUILD" for step in stage.steps):
        why = "its ONBUILD triggers run in other builds, which expect the tools of this image"
        return Refusal(ONBUILD, why, (at(stage),), "convert the images that are built from it instead")
    starts = {one.instruction.span.start for one in stage.chain}
    if any(step.instruction.span.start in starts for step in stage.all_steps):
        why = "ONBUILD triggers of its base run in it, and no line of the file shows what they do"
        return Refusal(ONBUILD, why, (at(stage),), "write what the triggers do into the file itself")
    if reason := nothing_to_run(stage):
        return Unchanged(reason + other_target(build, options))
    if is_converted(stage):
        return Unchanged("the final stage has no shell and starts with an init")
    if options.tier in {Tier.INIT_ONLY, Tier.SLIM} and has_init(stage) and (init_only or is_slim(stage.root)):
        return Unchanged("the command starts with an init already")
    return None


def does_not_build(problem: Problem) -> Refusal:
    """Return the refusal of a file that BuildKit would not build, in its words."""
    where = Evidence(f"Dockerfile:{problem.line}", problem.message)
    return Refusal(DOES_NOT_BUILD, problem.message, (where,), "mend the file so that it builds, then convert again")


def cannot_be_written(stage: Stage, why: str) -> Refusal:
    """Return the refusal of a file one of whose values no instruction can hold (a line break in a label)."""
    return Refusal(NOT_WRITABLE, why, (at(stage),), "write the value without line breaks, then convert again")


def at(stage: Stage) -> Evidence:
    """Return the FROM of a stage as evidence."""
    return Evidence(f"Dockerfile:{stage.instruction.span.line}", stage.instruction.text)


def unknown_base(stage: Stage, unknown: Unknown, *, init_only: bool) -> Refusal:
    """Return the refusal that names the image and what can be done."""
    why = f"{unknown.text}: {unknown.why}"
    first = "" if sets_entrypoint(stage) else "write ENTRYPOINT in it and "
    help_ = (
        f"if the image is yours, `dfmod describe {_described(stage, unknown)} > base.toml` and convert with"
        f" `--images base.toml`; or {first}use `--tier init` to add tini alone"
    )
    if init_only:
        why += "; it may have an ENTRYPOINT of its own, and the file sets none"
        help_ = "write ENTRYPOINT in the file, so that what starts is seen, or end it on an official image"
    return Refusal(UNKNOWN_BASE, why, (at(stage.chain[0]),), help_)


def _described(stage: Stage, unknown: Unknown) -> str:
    """Return the image's name for a command line, IMAGE where a variable or its digest alone stands for it."""
    ref = stage.chain[0].ref
    return ref.written if ref and ref.written == unknown.text and not (ref.digest and not ref.tag) else "IMAGE"


def sets_entrypoint(stage: Stage) -> bool:
    """Return whether the file itself says what starts: ENTRYPOINT also takes back a CMD of the base image."""
    return any(step.instruction.name == "ENTRYPOINT" for step in stage.all_steps)


def is_windows(build: Build) -> bool:
    """Return whether the target is a Windows image, by its platform or the names of its base."""
    stage: Stage = build.target
    while isinstance(stage.base, Stage):
        stage = stage.base
    names = (stage.ref.written if stage.ref else stage.instruction.rest).lower()
    platforms = (build.target.platform or "", stage.platform or "")
    return any(name in names for name in _WINDOWS) or any(p.startswith("windows") for p in platforms)


def nothing_to_run(stage: Stage) -> str:
    """Return why the image starts nothing of its own; empty where it does (hazard H46)."""
    config = stage.config
    if config.entrypoint is None and config.cmd is None:
        return "the image has no command: nothing to run"
    own = any(step.instruction.name in {"CMD", "ENTRYPOINT"} for step in stage.all_steps)
    words = (*argv(config.entrypoint), *argv(config.cmd))
    if is_interactive(words):
        return f"the command {' '.join(words)!r} is an interactive shell: nothing to run"
    if not own and isinstance(stage.root, KnownImage) and stage.root.language and not serves(stage.root):
        return "the file sets no command, and the base image's own is an interactive interpreter: nothing to run"
    return ""


def is_converted(stage: Stage) -> bool:
    """Return whether the image is what a conversion ends in: no shell of a base image, an init in front, exec form."""
    root = stage.root
    return isinstance(root, KnownImage) and not root.has_shell and has_init(stage)


def has_init(stage: Stage) -> bool:
    """Return whether the command starts with an init and is in exec form throughout."""
    config = stage.config
    if not isinstance(config.entrypoint, Exec) or isinstance(config.cmd, Shell):
        return False
    init = init_named(config.entrypoint.argv[0]) if config.entrypoint.argv else None
    return init is not None and init.role == "wrapper"


def is_slim(root: KnownImage | Unknown) -> bool:
    """Return whether an image is a distribution's small one, on which a conversion of the tier "slim" ends."""
    if not isinstance(root, KnownImage):
        return False
    return root.family in {"alpine", "ubuntu"} or (root.family == "debian" and "slim" in (root.ref.tag or ""))


def is_interactive(argv: tuple[str, ...]) -> bool:
    """Return whether a command only opens a shell."""
    words = [word for word in argv if word not in {"-l", "-i", "--login", "-il", "-li"}]
    return len(words) == 1 and words[0].rpartition("/")[2] in {"sh", "bash", "ash", "dash", "zsh", "fish", "ksh"}


def serves(image: KnownImage) -> bool:
    """Return whether the image's own command is a server (nginx, httpd), not an interpreter that waits for input.

    A server has a port or, where which one is settled at run time, a start script that we know.
    """
    first = argv(image.config.cmd)[:1]
    return bool(image.config.ports) or any(set(first) & set(row.names) for row in wrappers())
