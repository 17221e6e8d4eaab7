"""Node.js: an application on the distroless image of the same major version, with all its stage wrote.

Takes images whose command is node itself and whose packages are plain JavaScript or built for glibc; whatever else is
needed, the general recipe carries.
"""

from __future__ import annotations

from posixpath import basename

from rewriter.analysis.evidence import Evidence
from rewriter.analysis.node_addons import Addons, addons_of
from rewriter.analysis.runs import Run, runs_of
from rewriter.analysis.written import Written
from rewriter.images.model import KnownImage, Runtime
from rewriter.images.versions import node_major
from rewriter.plan import Decision, Plan, Refusal, Safety
from rewriter.recipes import general
from rewriter.recipes.base import Case, Recipe
from rewriter.recipes.final import Base
from rewriter.recipes.general import versioned
from rewriter.recipes.launcher_node import package_folder
from rewriter.recipes.native import (
    RELEASE,
    Native,
    first_plain,
    lands,
    needed_alone,
    plan_in_place,
    plan_split,
    stages_of,
    supported,
    written_by,
)
from rewriter.recipes.places import command_evidence
from rewriter.recipes.sources import surveyed
from rewriter.semantics.build import Stage

# Options whose value stands in the next word.
_VALUED = frozenset({"-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions"})
_EVALUATES = frozenset({"-e", "--eval", "-p", "--print", "-i", "--interactive"})
# What the old base image has on PATH and the new one has not.
_ON_PATH = frozenset({"node", "nodejs", "npm", "npx", "yarn", "pnpm", "corepack"})
_MANAGERS = frozenset({"npm", "yarn", "pnpm"})


def handles(case: Case) -> bool:
    """Return whether the target is an image of Node.js whose major version a distroless image of today has."""
    root = case.stage.root
    return isinstance(root, KnownImage) and root.has_shell and _image(root) is not None


def _image(root: KnownImage) -> Runtime | None:
    major = node_major(root) if root.language == "node" else None
    return supported(f"nodejs{major}") if major else None


def plan(case: Case) -> Plan | Refusal:
    """Return the plan on the distroless image of Node.js, or the general one where more than that is needed."""
    return _native(case) or general.plan(case)


def _native(case: Case) -> Plan | Refusal | None:
    root, need = case.stage.root, needed_alone(case, "node")
    image = _image(root) if isinstance(root, KnownImage) else None
    if need is None or image is None or image.interpreter is None or not isinstance(root, KnownImage):
        return None
    found = written_by(case)
    if found is None or not _starts_own(case, found) or not _fits(root, image) or _starts_node(case):
        return None
    addons = _addons(case)
    if addons is None or addons.others or (root.libc == "musl" and (addons.moved or not addons.seen)):
        return None
    decisions = (_addons_decision(root, addons, case),)
    native = Native("node", _base(case, root, image), image.interpreter, versioned(case), decisions, need.notes)
    return plan_in_place(case, native, found) or plan_split(case, native, found, found.places)


def _starts_own(case: Case, found: Written) -> bool:
    """Return whether the file that node is given is one that was written."""
    words = case.command.program[1:]
    if any(word.partition("=")[0] in _EVALUATES for word in words):
        return False
    file = first_plain(words, lambda word: word in _VALUED)
    return file is not None and found.holds(lands(case, file))


def _fits(root: KnownImage, image: Runtime) -> bool:
    """Return whether the C library of the old image is not newer than that of the new, or is musl."""
    if root.libc == "musl":
        return True
    old, new = root.libc_version, image.libc_version
    return old is not None and new is not None and _numbers(old) <= _numbers(new)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdecimal()]


def _starts_node(case: Case) -> bool:
    """Return whether the sources start node or a package manager by name, or a program named at run time."""
    _, survey = surveyed(case, case.command.program)
    return any(not spawn.words or basename(spawn.words[0]) in _ON_PATH for spawn in survey.spawns)


def _addons(case: Case) -> Addons | None:
    """Return the add-ons the application has; None where its packages cannot be told at all."""
    folder = package_folder(case.stage, case.context, case.stage.config.workdir or "/")
    if folder is None and case.context.is_file("package.json"):
        folder = ""
    if folder is not None and case.context.is_file(f"{folder}/package.json".lstrip("/")):
        return addons_of(case.context, folder)
    installs = any(_installs(stage) for stage in stages_of(case.stage))
    if not installs and case.context.known and not any(case.context.walk(suffixes=(".node",))):
        return Addons(seen=True)
    return Addons() if case.stage.config.workdir else None


def _installs(stage: Stage) -> bool:
    words = (run.words[0] if isinstance(run, Run) and run.words else None for run in runs_of(stage))
    return any(word is None or basename(word) in _MANAGERS for word in words)


def _base(case: Case, root: KnownImage, image: Runtime) -> Base:
    name = root.ref.written
    same = f"it has Node.js {image.name.removeprefix('nodejs')} as {name} has"
    older = "no package is built for a C library" if root.libc == "musl" else "its C library is not older"
    facts = Evidence(
        f"facts: {root.family}", f"{name} is {root.release}, {root.libc} {root.libc_version or ''}".rstrip()
    )
    return Base(f"{image.name}-{RELEASE}", f"{same}, and {older}", (facts, command_evidence(case.stage)))


def _addons_decision(root: KnownImage, addons: Addons, case: Case) -> Decision:
    """Say whether packages are more than JavaScript, and how far that was seen."""
    places = addons.evidence or (Evidence(f"facts: {root.family}", root.ref.written), command_evidence(case.stage))[:1]
    what = "the packages run on the new base image as they are installed"
    if not addons.seen:
        why = "no lock file says which are built: look whether one needs a library that the old base image has"
        return Decision("packages", what, why, Safety.REVIEW, places)
    built = ", ".join(addons.moved[:5])
    why = f"all they need besides Node.js is the C and C++ libraries: {built}" if built else "they are JavaScript"
    return Decision("packages", what, why, Safety.SAFE, places)


RECIPE = Recipe("node", handles, plan)
