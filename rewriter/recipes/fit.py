"""Can the target stage stand on a distroless image as it is written, less the RUNs that only made up for its base?

Looks at what the stage does to its base image; which program it is for is the matter of the recipes.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join, normpath

from rewriter.analysis.artefacts import copied_to
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.needs import PackageNeed
from rewriter.analysis.runs import Deed, Opaque, Run, evidence_of
from rewriter.images.model import DEFAULT_PATH, KnownImage
from rewriter.plan import Decision, Safety
from rewriter.recipes.base import Case
from rewriter.record import record
from rewriter.semantics.build import CopyStep, RunStep, Stage, Step
from rewriter.syntax.words import names_in, pairs

_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".txz", ".tar.zst")
_AUTHORITIES = ("/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source", "/usr/share/pki/ca-trust-source")
_FIRST_OWN_UID = 1000
_NOBODY = "65534"
_USERS = frozenset({"", "root", "nobody"})
_GROUPS = frozenset({"root", "nobody"})


@record
class Fit:
    """The RUNs that go, by where they start, and the decisions that say why each of them may."""

    gone: frozenset[int]
    decisions: tuple[Decision, ...]


def fit(case: Case, files: tuple[str, ...], *, behind_wrapper: bool = False) -> Fit | None:
    """Return what goes when the target's base becomes a distroless image; None where the stage needs its old base.

    `files` are paths of the target known to be files, not folders. `behind_wrapper`: the command has been taken out
    of the base image's entrypoint script.
    """
    stage, root = case.stage, case.stage.root
    if len(stage.chain) > 1 or not isinstance(root, KnownImage) or adds_authorities(stage):
        return None
    if not _is_plain(root, behind_wrapper=behind_wrapper):
        return None
    inits = tuple(step for step in stage.steps if isinstance(step, CopyStep) and brings_former_init(case, step))
    copies = [step for step in stage.steps if isinstance(step, CopyStep) and step not in inits]
    if not keeps_user(stage, root) or not all(_lands(case, step, files) for step in copies):
        return None
    there = (*files, *(normpath(step.target) for step in inits))
    if not all(leaves_nothing(case, run, there) for run in case.needs.runs):
        return None
    runs = tuple(step for step in stage.steps if isinstance(step, RunStep))
    variables = _only_for(stage, inits)
    lines = [step.instruction for step in stage.steps if step in {*runs, *inits, *variables}]
    gone = frozenset(line.span.start for line in lines)
    decisions = (*covered_decisions(case), *_decisions(case, runs), *_init_decisions(inits, variables))
    return Fit(gone, decisions)


def _only_for(stage: Stage, inits: tuple[CopyStep, ...]) -> tuple[Step, ...]:
    """Return the ENV and ARG lines all of whose names nothing but these lines use (the version of the init)."""
    used = {name for step in inits for name in names_in(step.instruction.rest)}
    others = {name for step in stage.steps if step not in inits for name in names_in(step.instruction.rest)}
    found = []
    for step in stage.steps:
        names = {name for name, _, _ in pairs(step.instruction)} if step.instruction.name in {"ENV", "ARG"} else set()
        if names and names <= used - others:
            found.append(step)
    return tuple(found)


def brings_former_init(case: Case, step: CopyStep) -> bool:
    """Return whether a COPY or ADD brings the init that tini takes the place of, and nothing else."""
    former = case.command.former_init[:1]
    alone = len(step.sources) == 1 and not step.inline
    return alone and bool(former) and normpath(step.target) == former[0]


def adds_authorities(stage: Stage) -> bool:
    """Return whether the stage brings certificates of its own, which `update-ca-certificates` puts into the bundle."""
    targets = (normpath(step.target) for step in stage.all_steps if isinstance(step, CopyStep))
    return any(target == folder or target.startswith(f"{folder}/") for target in targets for folder in _AUTHORITIES)


def leaves_nothing(case: Case, run: Run | Opaque, files: tuple[str, ...] = ()) -> bool:
    """Return whether a command of a RUN leaves nothing in the image that a distroless image lacks."""
    if isinstance(run, Opaque):
        return False
    match run.deed:
        case Deed.CLEAN | Deed.SILENT:
            return True
        case Deed.INSTALL:
            needs = [need for need in case.needs.packages if need.evidence == run.evidence]
            return bool(run.packages) and all(is_covered(case, need) for need in needs)
        case Deed.FOLDER:
            return _only_prepares(case, run, files)
        case _:
            return False


def is_covered(case: Case, need: PackageNeed) -> bool:
    """Return whether the target image has what a package brings; an init that tini takes the place of counts."""
    return need.role.role == "covered" or _is_former_init(case, need)


def _is_former_init(case: Case, need: PackageNeed) -> bool:
    return any(word.rpartition("/")[2] == need.name for word in case.command.former_init[:1])


def _why(case: Case, need: PackageNeed) -> str:
    return "tini takes the place of the init that was there" if _is_former_init(case, need) else need.role.why


def _is_plain(root: KnownImage, *, behind_wrapper: bool) -> bool:
    """Return whether the base image sets nothing but environment, work directory and a command."""
    config = root.config
    kept = (config.ports, config.volumes, config.labels, config.stopsignal, config.healthcheck, config.shell)
    starts = config.entrypoint is None or (behind_wrapper and root.wrapper is not None)
    return root.has_shell and starts and config.author is None and not any(kept)


def keeps_user(stage: Stage, root: KnownImage) -> bool:
    """Return whether the user means the same without the old base's passwd file.

    A number has the row of the base that gives it groups; below 1000 it may have one in any distribution.
    """
    name, colon, group = (stage.config.user or "").partition(":")
    if colon and not (group in _GROUPS or group.isdecimal()):
        return False
    if not name.isdecimal():
        return name in _USERS
    own = {row.split(":")[1] for row in root.users}
    free = int(name) >= _FIRST_OWN_UID and name not in own
    return free or bool(colon) or name in {"0", _NOBODY}


def _lands(case: Case, step: CopyStep, files: tuple[str, ...]) -> bool:
    """Return whether a COPY does on the new base what it did: known owners, no folder laid over `/bin` or `/lib`."""
    owner, _, group = dict(step.flags).get("chown", "").partition(":")
    if not all(name in _USERS | _GROUPS or name.isdecimal() for name in (owner, group)):
        return False
    if step.origin is not None and not all(_needs_nothing(step, source, files) for source in step.sources):
        return False
    return normpath(step.target) != "/" or all(_is_file(case, step, source, files) for source in step.sources)


def _needs_nothing(step: CopyStep, source: str, files: tuple[str, ...]) -> bool:
    """Return whether what is copied from a stage or image is no program, or one that is known.

    A program of unknown make that lies on PATH is there to be started, and may need the old base's libraries.
    """
    lands = copied_to(step, normpath(join("/", source))) or step.target
    return lands in files or dirname(lands) not in DEFAULT_PATH.split(":")


def _is_file(case: Case, step: CopyStep, source: str, files: tuple[str, ...]) -> bool:
    path = normpath(source).lstrip("/")
    if step.instruction.name == "ADD" and path.endswith(_ARCHIVES):
        return False
    if step.origin is None and case.context.known:
        return not case.context.is_dir(path)
    lands = copied_to(step, f"/{path}")
    return lands in files or "." in path.rpartition("/")[2].lstrip(".")


def _only_prepares(case: Case, run: Run, files: tuple[str, ...]) -> bool:
    """Return whether a command makes only folders that COPY and WORKDIR make as well, or a program executable again."""
    words = [word or "" for word in run.words]
    paths = [normpath(f"{run.cwd or ''}/{word}" if not word.startswith("/") else word) for word in words[1:]]
    plain = [path for path, word in zip(paths, words[1:], strict=True) if not word.startswith("-")]
    if words[0] == "mkdir":
        made = [*_made(case.stage), *(dirname(file) for file in files)]
        return all(word in {"-p", "-pv", "-vp", "-v"} for word in words[1:] if word.startswith("-")) and all(
            any(f"{there}/".startswith(f"{path}/") for there in made) for path in plain
        )
    modes = {"+x", "a+x", "755", "0755", "u+x", "+rx", "a+rx"}
    return words[0] == "chmod" and words[1:2] != [] and words[1] in modes and set(plain[1:]) <= set(files)


def _made(stage: Stage) -> list[str]:
    """Return the folders that the stage's COPY and WORKDIR lines make."""
    copies = [step for step in stage.steps if isinstance(step, CopyStep)]
    folders = [step.target if step.target.endswith("/") else step.target.rpartition("/")[0] for step in copies]
    # The state of a step has the work directory in force, so the one after the last WORKDIR is the stage's own.
    return [normpath(path) for path in (*folders, *(step.state.cwd for step in stage.steps), stage.state.cwd) if path]


def covered_decisions(case: Case) -> Iterator[Decision]:
    """Yield the decision that names the packages whose content the target image has."""
    needs = tuple(dict.fromkeys(need for need in case.needs.packages if is_covered(case, need)))
    if needs:
        names = ", ".join(dict.fromkeys(need.name for need in needs))
        why = "; ".join(dict.fromkeys(_why(case, need) for need in needs))
        places = tuple(dict.fromkeys(need.evidence for need in needs))
        yield Decision("packages", f"the final stage installs no {names}", why, Safety.SAFE, places)


def _decisions(case: Case, runs: tuple[RunStep, ...]) -> Iterator[Decision]:
    told = {need.evidence for need in case.needs.packages}
    for step in runs:
        place = evidence_of(step)
        if place not in told:
            what = f"RUN in line {step.instruction.span.line} is left out"
            yield Decision("files", what, _reason(case, step), Safety.SAFE, (place,))


def _reason(case: Case, step: RunStep) -> str:
    """Return why a RUN leaves nothing behind that is missed."""
    names = {run.words[0] for run in case.needs.runs if isinstance(run, Run) and run.step is step and run.words}
    if "mkdir" in names:
        return "COPY and WORKDIR make the folders they need"
    if "chmod" in names:
        return "the program is executable as it is copied"
    return "it leaves nothing in the image that the new base lacks"


def _init_decisions(inits: tuple[CopyStep, ...], variables: tuple[Step, ...]) -> Iterator[Decision]:
    for step in inits:
        line = step.instruction
        place = Evidence(f"Dockerfile:{line.span.line}", line.text)
        what = f"{line.name} of {normpath(step.target)} is left out"
        yield Decision("files", what, "tini takes the place of the init that was there", Safety.SAFE, (place,))
    for variable in variables:
        line = variable.instruction
        place = Evidence(f"Dockerfile:{line.span.line}", line.text)
        for name, _, _ in pairs(line) if line.name == "ENV" else ():
            yield Decision(f"env.{name}", f"{name} is not set", "only the old init used it", Safety.SAFE, (place,))
