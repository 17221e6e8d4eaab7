"""What the recipes for Java and Node share: a final stage on the distroless image that has the language's runtime.

Two shapes: the target as it is written on the new base, or a new final stage that is given what the target writes.
Both are for stages that are understood to the last command; where anything is in doubt there is no plan, and the
general recipe carries everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from posixpath import basename, isabs, join, normpath

from rewriter.analysis.evidence import Evidence
from rewriter.analysis.runs import Deed, Run
from rewriter.analysis.written import Place, Untold, Written, written
from rewriter.images.catalog import package_role, runtimes
from rewriter.images.model import KnownImage, Packages, Runtime
from rewriter.notes import Note
from rewriter.plan import Copy, Decision, Plan, Refusal, Safety, Tier
from rewriter.recipes.base import Case
from rewriter.recipes.command import Change, CommandPlan, with_program
from rewriter.recipes.command_says import shown
from rewriter.recipes.final import Base, Ending, conclude
from rewriter.recipes.final_in_place import conclude_in_place
from rewriter.recipes.fit import covered_decisions, fit, keeps_user
from rewriter.recipes.health import read_health
from rewriter.recipes.layout import build_name
from rewriter.recipes.need import ProgramsNeeded, programs_needed
from rewriter.recipes.places import command_evidence
from rewriter.record import record
from rewriter.semantics.build import CopyStep, Stage
from rewriter.syntax.words import names_in, pairs

RELEASE = "debian13"
_FIRST_OWN_UID = "1000"
# Folders that hold the old image's own files.
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/root")
_EVERYWHERE = frozenset({"/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt"})
_LOADER = frozenset({"LD_LIBRARY_PATH", "LD_PRELOAD"})
_COMPILERS = frozenset({"build-essential", "libc-dev", "libc6-dev", "linux-libc-dev", "musl-dev", "python3-dev"})
_MARKS = dict.fromkeys(map(ord, "=,;:"), "\0")
_MOST_PLACES = 8

Dropped = Mapping[str, tuple[str, Evidence]]


@record
class Native:
    """What a recipe has settled: the new base, where its interpreter is, what is dropped and why, what is said."""

    recipe: str
    base: Base
    program: str
    dropped: Dropped
    decisions: tuple[Decision, ...] = ()
    notes: tuple[Note, ...] = ()


def supported(name: str) -> Runtime | None:
    """Return the distroless image of that name ("java21"), where it is built and supported today."""
    found = (one for one in runtimes() if (one.name, one.distro, one.status) == (name, RELEASE, "current"))
    return next(found, None)


def needed_alone(case: Case, program: str) -> ProgramsNeeded | None:
    """Return what is needed where the command starts that program of the base image, and it is all that is started."""
    command, root, health = case.command, case.stage.root, read_health(case.stage)
    if not isinstance(root, KnownImage) or case.stage.chain[0].platform_is_build:
        return None
    if command.needs_shell or command.kind.launcher or command.kind.dev_server or command.why_kept or command.user:
        return None
    if command.main == "cmd" and command.entrypoint != command.head:
        return None
    if command.program[0] not in {program, dict(root.programs).get(program)}:
        return None
    need = None if health.programs or health.optional or health.needs_shell else programs_needed(case)
    if need is None or isinstance(need, Refusal) or not set(need.names) <= {command.program[0]}:
        return None
    return None if need.optional or need.scripts or need.shell or need.unread else need


def written_by(case: Case) -> Written | None:
    """Return what the target writes, where it is known and the command, its variables and users ask for no more."""
    former = {basename(word) for word in case.command.former_init[:1]}

    def is_spare(manager: Packages, name: str) -> bool:
        role = package_role(manager, name).role
        library = (name.startswith("lib") or name.endswith("-dev")) and name not in _COMPILERS
        return name in former or role == "covered" or (role == "build" and not library)

    found = written(case.stage, is_spare)
    if isinstance(found, Untold) or _asks_for_base(case, found):
        return None
    return found


def stages_of(stage: Stage) -> tuple[Stage, ...]:
    """Return a stage and those of the file that its files are copied from, each once."""
    found, todo = [stage], [stage]
    while todo:
        for step in todo.pop().all_steps:
            origin = step.origin if isinstance(step, CopyStep) else None
            if isinstance(origin, Stage) and origin not in found:
                found.append(origin)
                todo.append(origin)
    return tuple(found)


def user_variables(stage: Stage) -> dict[str, str]:
    """Return the variables the file itself sets, with their values."""
    final = dict(stage.config.env)
    lines = (step.instruction for step in stage.all_steps if step.instruction.name == "ENV")
    return {name: final[name] for line in lines for name, _, _ in pairs(line) if name in final}


def _asks_for_base(case: Case, found: Written) -> bool:
    """Return whether a word of the command or a variable names what only the old base image has."""
    variables = user_variables(case.stage)
    if _LOADER & set(variables):
        return True
    root = case.stage.root
    trees = root.trees if isinstance(root, KnownImage) else ()
    words = (*case.command.program[1:], *(value for name, value in variables.items() if name != "PATH"))
    return any(
        path not in _EVERYWHERE and not found.holds(path) and any(_in(path, tree) for tree in (*_SYSTEM, *trees))
        for word in words
        for path in (normpath(part) for part in parts_of(word) if isabs(part))
    )


def parts_of(word: str) -> Iterator[str]:
    """Yield what may be a path in a word: `-Dx=/a`, `/a:/b`, `file:/a`."""
    marked = word.translate(_MARKS)
    yield from (part for part in marked.split("\0") if part)


def plan_in_place(case: Case, native: Native, found: Written) -> Plan | Refusal | None:
    """Return the plan that changes base and command alone; None where the stage needs its old base to be made."""
    fits = fit(case, (), behind_wrapper=True)
    if fits is None or _needs_rows(case) or found.users or case.stage.config.user == "nobody":
        return None
    return conclude_in_place(case, _ending(case, native, (), fits.decisions), fits.gone)


def plan_split(
    case: Case, native: Native, found: Written, places: tuple[Place, ...], left: tuple[Decision, ...] = ()
) -> Plan | Refusal | None:
    """Return the plan that copies these places into a new final stage; None where owners or users cannot be kept.

    `left` says what is left behind of what was written, if anything is.
    """
    given = [place for place in places if place.owner and not place.file]
    rows = _needs_rows(case) or not all(_is_numeric(place.owner) for place in given)
    home = _home(case, found) if rows else ""
    if home is None or (rows and case.options.nonroot) or not all(place.whole for place in given):
        return None
    build = build_name(case.build)
    users = (Copy(build, ("/etc/passwd", "/etc/group"), "/etc/"),) if rows else ()
    homes = (Copy(build, (home,), home),) if home else ()
    own = [place for place in places if not (home and _in(place.path, home))]
    copies = tuple(Copy(build, (place.path,), place.path, chown="" if place.file else place.owner) for place in own)
    decisions = (
        _files_decision(case, (*((home,) if home else ()), *(place.path for place in own))),
        *(_users_decisions(case, home) if rows else ()),
        *left,
        *covered_decisions(case),
        *_left_behind(case),
    )
    return conclude(case, _ending(case, native, (*users, *homes, *copies), decisions, split=True))


def _ending(
    case: Case, native: Native, copies: tuple[Copy, ...], decisions: tuple[Decision, ...], *, split: bool = False
) -> Ending:
    command = _by_path(case, native)
    return Ending(
        recipe=native.recipe,
        tier=Tier.DISTROLESS,
        base=native.base,
        copies=copies,
        command=command,
        dropped=_unused(case.stage, native.dropped),
        workdir=case.stage.config.workdir if split else None,
        user=case.stage.config.user if split else None,
        decisions=(*decisions, *native.decisions),
        notes=(*command.notes, *native.notes),
    )


def _by_path(case: Case, native: Native) -> CommandPlan:
    """Return the command with the interpreter's path in the new image, where its name or old path leads nowhere."""
    command = case.command
    own = command.cmd if command.main == "cmd" else command.entrypoint[len(command.head) :]
    if own[0] == native.program:
        return command
    folder, _, name = native.program.rpartition("/")
    if own[0] == name and folder in dict(case.stage.config.env).get("PATH", "").split(":"):
        return command
    words = (native.program, *own[1:])
    why = f"{native.program} is where the new base image has it"
    change = Change(command.main, f"{shown(words)} in place of {shown(own)}", why, Safety.SAFE, command.main)
    return replace(with_program(command, words), changes=(*command.changes, change))


def _unused(stage: Stage, dropped: Dropped) -> Dropped:
    """Return what is dropped less what the file sets itself, or uses in a line that stays."""
    used = {
        name for step in stage.all_steps if step.instruction.name == "ENV" for name in names_in(step.instruction.rest)
    }
    return {name: reason for name, reason in dropped.items() if name not in {*used, *user_variables(stage)}}


def _needs_rows(case: Case) -> bool:
    """Return whether the user has rows in the passwd and group files of the old image, for its ids or its home."""
    root, name = case.stage.root, (case.stage.config.user or "").partition(":")[0]
    if not isinstance(root, KnownImage) or not keeps_user(case.stage, root):
        return True
    return root.os == "ubuntu" and name == _FIRST_OWN_UID


def _home(case: Case, found: Written) -> str | None:
    """Return the folder to carry for the user's home, "" where it needs none; None where it cannot be told."""
    root, user = case.stage.root, (case.stage.config.user or "").partition(":")[0]
    if user in {"", "root", "0"}:
        return ""
    own = {part for row in (root.users if isinstance(root, KnownImage) else ()) for part in row.split(":")[:2]}
    makers = [run for run in case.needs.runs if isinstance(run, Run) and run.deed is Deed.USER and _makes_user(run)]
    if user in own or (isinstance(root, KnownImage) and root.os == "ubuntu" and user == _FIRST_OWN_UID):
        return "/home"
    if not makers:
        return ""
    for run in makers:
        given = _value(run, ("-d", "--home-dir", "--home") if run.words[0] == "useradd" else ("-h", "--home"))
        if given and not (_in(given, "/home") or found.holds(given) or given in {"/nonexistent", "/dev/null"}):
            return None
    return "/home" if any(_makes_home(run) for run in makers) else ""


def _makes_user(run: Run) -> bool:
    return basename(run.words[0] or "") in {"useradd", "adduser"}


def _makes_home(run: Run) -> bool:
    """Return whether a command makes the home folder: adduser unless told not to, useradd only when told to."""
    short = {letter for word in run.words[1:] if word and word[0] == "-" and word[1:2] != "-" for letter in word[1:]}
    if basename(run.words[0] or "") == "useradd":
        return "m" in short or "--create-home" in run.words
    return "H" not in short and "--no-create-home" not in run.words


def _value(run: Run, names: tuple[str, ...]) -> str | None:
    for word, following in zip(run.words, run.words[1:], strict=False):
        if word in names:
            return following
    return next((word.partition("=")[2] for word in run.words if word and word.partition("=")[0] in names), None)


def _is_numeric(owner: str) -> bool:
    return all(part.isdecimal() for part in owner.split(":"))


def _files_decision(case: Case, paths: tuple[str, ...]) -> Decision:
    names = ", ".join(paths[:_MOST_PLACES])
    what = f"{names} {'comes' if len(paths) == 1 else 'come'} along, and the runtime is the new base image's"
    lines = [step.instruction for step in case.stage.all_steps if step.instruction.name in {"ADD", "COPY", "RUN"}]
    places = tuple(Evidence(f"Dockerfile:{line.span.line}", line.text) for line in lines[:_MOST_PLACES])
    why = "every line of the stage that writes is understood, and the program is found there"
    return Decision("files", what, why, Safety.SAFE, places or (command_evidence(case.stage),))


def _users_decisions(case: Case, home: str) -> Iterator[Decision]:
    what = "the users and groups of the old image come along" + (f", and {home}" if home else "")
    why = "the names in the file and the user's ids, groups and home stay what they are"
    need = case.needs.user
    yield Decision("users", what, why, Safety.SAFE, (need.evidence if need else command_evidence(case.stage),))


def _left_behind(case: Case) -> Iterator[Decision]:
    for need in dict.fromkeys(case.needs.build_only):
        yield Decision(
            f"packages.{need.name}", f"{need.name} stays behind", need.role.why, Safety.SAFE, (need.evidence,)
        )


def lands(case: Case, word: str) -> str:
    """Return the path a word of the command has, seen from where the command is started."""
    return normpath(join(case.command.cwd or case.stage.config.workdir or "/", word))


def first_plain(words: tuple[str, ...], valued: Callable[[str], bool]) -> str | None:
    """Return the first word that is neither an option nor the value of one."""
    is_value = False
    for word in words:
        if not word.startswith("-") and not is_value:
            return word
        is_value = valued(word) and not is_value
    return None


def _in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")
