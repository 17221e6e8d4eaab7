"""What every plan ends with, whatever its recipe: the frontend, counted stages, the debug stage, digests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rewriter.analysis.evidence import Evidence
from rewriter.images.catalog import lookup
from rewriter.images.model import KnownImage
from rewriter.images.reference import parse_reference
from rewriter.notes import Note, Rule, Severity
from rewriter.plan import Copy, Decision, From, Kept, Line, Plan, Refusal, RuntimeStage, Safety, Tier
from rewriter.recipes.base import Case
from rewriter.recipes.frontend import raise_frontend
from rewriter.recipes.init import PATH
from rewriter.recipes.layout import fresh, recounted, written_platform
from rewriter.recipes.nonroot import NONROOT, makes_folders, nonroot_user
from rewriter.recipes.places import command_evidence

UNKNOWN_DIGEST = Rule("digest-not-known", "no digest of a new image is known, so it is named by its tag")
SHELL_NEEDED = Rule("shell-needed", "the image cannot do without a shell, which was ruled out")
SHELL_IN_IMAGE = Rule("debug-target-not-needed", "the final stage has a shell of its own, so no debug stage is added")

_BARE = "gcr.io/distroless/static-debian13"


def finish(case: Case, plan: Plan) -> Plan | Refusal:
    """Return the plan with what does not depend on the recipe; a refusal where it is not what was asked for."""
    if case.options.tier is Tier.DISTROLESS and plan.tier is Tier.DISTROLESS_WITH_SHELL:
        return _shell_needed(case)
    frontend = raise_frontend(case.build.document, plan.init, plan.closure)
    if isinstance(frontend, Refusal):
        return frontend
    plan = _with_folders(case, plan)
    debug = _debug(case, plan)
    plan = replace(plan, debug=debug, notes=(*plan.notes, *_notes(case, plan, debug)))
    keep = (*frontend.edits, *plan.keep, *recounted(case.build, plan.at, _added(plan)))
    decisions = (*plan.decisions, *frontend.decisions, *_debug_decisions(debug))
    return replace(plan, keep=keep, decisions=decisions)


def _shell_needed(case: Case) -> Refusal:
    needs = case.command.needs_shell
    why = f"the command needs a shell: {needs.why}" if needs else "a script the image runs needs a shell"
    help_ = "leave out `--tier distroless`, which rules a shell out, or write the command without one"
    return Refusal(SHELL_NEEDED, why, (command_evidence(case.stage),), help_)


def _added(plan: Plan) -> int:
    """Return how many stages the plan puts into the file, the final one included."""
    init = {"download": len(plan.init.assets) + 1, "package": 1}.get(plan.init.kind, 0) if plan.init else 0
    closure = 1 + bool(plan.closure.base) if plan.closure else 0
    return init + closure + bool(plan.empty) + (plan.debug is not None) + 1


def _with_folders(case: Case, plan: Plan) -> Plan:
    """Return the plan with the volumes as folders of the user that --nonroot asks for: a COPY makes them, of nothing.

    No shell is there to run mkdir and chown; a folder that a COPY has to make gets the owner it is given.
    """
    folders = case.stage.config.volumes if nonroot_user(case) else ()
    if not folders or not makes_folders(plan.tier, plan.closure):
        return plan
    lines, name = plan.runtime.lines, fresh(case.build, "empty")
    starts = [
        i for i, line in enumerate(lines) if _is_from(case, line) or (isinstance(line, Copy) and line.target == PATH)
    ]
    owner = f"{NONROOT}:{NONROOT}"
    made = tuple(Copy(name, ("/",), f"{folder.rstrip('/')}/", chown=owner) for folder in folders)
    at = starts[-1] + 1
    return replace(plan, empty=name, runtime=replace(plan.runtime, lines=(*lines[:at], *made, *lines[at:])))


def _debug(case: Case, plan: Plan) -> RuntimeStage | None:
    """Return the final stage once more, on the image of the same name that has a shell."""
    image = _debug_image(case, plan) if case.options.debug_target else None
    if image is None or _has_debug_stage(case):
        return None
    place, first = next((i, line) for i, line in enumerate(plan.runtime.lines) if _is_from(case, line))
    platform = first.platform if isinstance(first, From) else written_platform(case.stage)
    name = fresh(case.build, "debug")
    comment = f"The same with a shell, for `docker build --target {name}`"
    head = From(image, name, platform, comment)
    return RuntimeStage(image, (head, *plan.runtime.lines[place + 1 :]))


def _is_from(case: Case, line: Line) -> bool:
    return isinstance(line, From) or (isinstance(line, Kept) and line.span == case.stage.instruction.span)


def _has_debug_stage(case: Case) -> bool:
    """Return whether a stage of the file starts from a distroless image with a shell."""
    bases = (stage.base for stage in case.build.stages)
    return any(isinstance(base, KnownImage) and base.family == "distroless" and base.has_shell for base in bases)


def _is_init(line: Line) -> bool:
    return isinstance(line, Copy) and line.target == PATH


def _debug_image(case: Case, plan: Plan) -> str | None:
    """Return the image with a shell that goes with the final stage's, None where that has a shell itself."""
    root = case.stage.root
    written = next((line.image for line in plan.runtime.lines if isinstance(line, From)), None)
    prefix = case.options.registry_prefix
    if written is not None:
        reference = parse_reference(written.removeprefix(prefix))
        root = lookup(reference) if reference else root
    if not isinstance(root, KnownImage) or root.has_shell:
        return None
    if root.family != "distroless":
        return f"{prefix}{_BARE}:debug"
    tag = "debug-nonroot" if (root.ref.tag or "").startswith("nonroot") else "debug"
    return f"{prefix}{root.ref.registry}/{root.ref.repository}:{tag}"


def _debug_decisions(debug: RuntimeStage | None) -> Iterator[Decision]:
    if debug is not None and isinstance(debug.lines[0], From):
        what = f"the stage {debug.lines[0].name} is the final one with busybox's shell; no build makes it unless asked"
        place = Evidence("options", "--debug-target")
        yield Decision("stage.debug", what, "asked for with --debug-target", Safety.SAFE, (place,))


def _notes(case: Case, plan: Plan, debug: RuntimeStage | None) -> Iterator[Note]:
    image = next((line.image for line in plan.runtime.lines if isinstance(line, From)), None)
    if case.options.pin and image:
        message = f"no digest of {image} is known to this version"
        help_ = "let a tool that asks the registry add it (Renovate, `docker buildx imagetools inspect`)"
        yield Note(UNKNOWN_DIGEST, Severity.INFO, message, None, help_)
    if case.options.debug_target and debug is None and not _has_debug_stage(case):
        message = "--debug-target adds nothing: the final stage has a shell"
        yield Note(SHELL_IN_IMAGE, Severity.INFO, message, None, "use `docker exec` as before")
