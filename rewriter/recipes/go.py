"""Go: a program that `go build` wrote, alone or with the files it opens, on `static` or `base`.

Takes the builds it understands to the last command; whatever else a Go stage does is carried by the general recipe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from posixpath import basename, isabs, join, normpath

from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import Found, Topic
from rewriter.analysis.go_build import Linkage
from rewriter.analysis.go_stage import Built, Moved, built_in, context_folder
from rewriter.analysis.runs import Deed, Opaque, Run
from rewriter.images.catalog import runtime
from rewriter.images.model import KnownImage
from rewriter.plan import Copy, Decision, Plan, Refusal, Safety, Tier
from rewriter.recipes import general
from rewriter.recipes.base import Case, Recipe
from rewriter.recipes.command import with_program
from rewriter.recipes.final import Base, Ending, conclude, where
from rewriter.recipes.health import read_health
from rewriter.recipes.layout import build_name
from rewriter.semantics.build import CopyStep, Step
from rewriter.syntax.document import Span
from rewriter.syntax.edits import Edit
from rewriter.syntax.words import pairs

STATIC = "static-debian13"
BASE = "base-debian13"
# What the Go toolchain reads; a compiled program reads GODEBUG, GOGC and their like, which are not among them.
_TOOLCHAIN = frozenset(
    "CGO_CFLAGS CGO_ENABLED CGO_LDFLAGS GO111MODULE GOARCH GOBIN GOCACHE GOFLAGS GOINSECURE GOLANG_VERSION GOMODCACHE "
    "GONOPROXY GONOSUMCHECK GONOSUMDB GOOS GOPATH GOPRIVATE GOPROXY GOROOT GOSUMDB GOTMPDIR GOTOOLCHAIN".split()
)
_VERBS = frozenset("build clean env fmt generate get install list mod test tool version vet work".split())


@dataclass(frozen=True, slots=True)
class Reading:
    """What a Go stage is for: the program, the path the command gave it, and the work directory it is given, if any."""

    program: Built
    written: str
    moved: Moved | None
    assets: tuple[Copy, ...]


def handles(case: Case) -> bool:
    """Return whether the target is built on a Go image and all that its RUNs do is understood."""
    root = case.stage.root
    return isinstance(root, KnownImage) and root.language == "go"


def plan(case: Case) -> Plan | Refusal:
    """Return the plan that leaves the toolchain behind, or the general one where more than a program is needed."""
    reading = read(case)
    if reading is None or case.command.needs_shell or read_health(case.stage).programs or case.needs.user:
        return general.plan(case)
    base = base_of(case, reading.program)
    if base is None:
        return general.plan(case)
    name = build_name(case.build)
    program = Copy(name, (reading.program.path,), reading.program.path)
    words = case.command.program
    command = case.command
    if reading.program.path != reading.written:
        command = with_program(command, (reading.program.path, *words[1:]))
    return conclude(
        case,
        Ending(
            recipe="go",
            tier=Tier.DISTROLESS,
            base=base,
            copies=(program, *(replace(copy, stage=name) for copy in reading.assets)),
            command=command,
            keep=_workdir_edits(case, reading.moved),
            dropped=_dropped(case),
            workdir=_workdir(case, reading),
            decisions=tuple(_decisions(case, reading)),
            notes=command.notes,
        ),
    )


def read(case: Case) -> Reading | None:
    """Return what the stage is for; None where one of its commands is not understood or the program not found."""
    carried = [need for need in case.needs.packages if need.role.role == "runtime"]
    if carried or not all(is_understood(run) for run in case.needs.runs):
        return None
    moved = gopath_workdir(case)
    built = built_in(case.stage, case.context, moved)
    word = case.command.program[0]
    found = _find(case, word, built)
    if found is None or _spawns(found):
        return None
    return Reading(found, _path(case, word), moved, tuple(_assets(case, found, moved)))


def is_understood(run: Run | Opaque) -> bool:
    """Return whether a command of a RUN leaves nothing for run time but what `go` writes."""
    if isinstance(run, Opaque):
        return False
    if run.deed is Deed.OTHER:
        name = basename(run.words[0] or "") if run.words else ""
        return name == "go" and len(run.words) > 1 and run.words[1] in _VERBS
    if run.deed is Deed.INSTALL:
        return True
    return run.deed is not Deed.USER


def _path(case: Case, word: str) -> str:
    """Return the path a command word names, relative ones from the work directory; a bare name stays as it is."""
    return normpath(join(case.stage.config.workdir or "/", word)) if "/" in word else word


def _find(case: Case, word: str, built: tuple[Built, ...]) -> Built | None:
    """Return the program the command starts: by its path, by PATH, else the only one of that name."""
    path = _path(case, word)
    folders = dict(case.stage.config.env).get("PATH", "").split(":")
    paths = [path] if isabs(path) else [join(folder, word) for folder in folders]
    exact = [one for one in built if one.path in paths]
    named = [one for one in built if basename(one.path) == basename(word)]
    return exact[-1] if exact else named[0] if len({one.path for one in named}) == 1 else None


def _spawns(program: Built) -> bool:
    """Return whether the program's sources start other programs by name, which the closure has to bring."""
    return program.sources is not None and any(spawn.words or spawn.shell for spawn in program.sources.code.spawns)


def gopath_workdir(case: Case) -> Moved | None:
    """Return the work directory a module build is given when it would run in GOPATH itself, where `go` refuses to.

    "$GOPATH/go.mod exists but should not" (cmd/go); the golang images' WORKDIR is GOPATH (facts: golang).
    """
    stage, root = case.stage, case.stage.root
    own = root.config.workdir if isinstance(root, KnownImage) else None
    if own is None or dict(stage.config.env).get("GOPATH") != own:
        return None
    if any(step.instruction.name == "WORKDIR" for step in stage.all_steps) or len(stage.chain) > 1:
        return None
    copies = (step for step in stage.steps if isinstance(step, CopyStep) and step.origin is None)
    brings_module = any(_brings_module(case, step, own) for step in copies)
    return Moved(own, "/src") if brings_module else None


def _brings_module(case: Case, step: CopyStep, folder: str) -> bool:
    inside = normpath(step.target) == folder
    names = {basename(source) for source in step.sources}
    whole = any(normpath(join("/", source)) == "/" for source in step.sources)
    return inside and ("go.mod" in names or (whole and case.context.exists("go.mod")))


def base_of(case: Case, program: Built) -> Base | None:
    """Return the runtime image for a program; None where only a closure can have the right libraries."""
    root = case.stage.root
    if program.linkage is Linkage.STATIC:
        return Base(STATIC, f"the program is static: {program.why}", (program.evidence,))
    if program.linkage is Linkage.UNKNOWN or not isinstance(root, KnownImage) or root.libc != "glibc":
        return None
    if program.sources is None or program.sources.code.of(Topic.NATIVE) or not _fits(root):
        return None
    why = f"the program is dynamic ({program.why}) and needs no library but glibc, which is not newer in the build"
    fact = Evidence(f"facts: {root.family}", f"{root.ref.written} is {root.release}, glibc {root.libc_version}")
    return Base(BASE, why, (program.evidence, fact))


def _fits(root: KnownImage) -> bool:
    """Return whether the builder's glibc is not newer than that of the runtime image."""
    have = runtime("base", "debian13").libc_version
    built = root.libc_version
    if have is None or built is None:
        return False
    return [int(n) for n in built.split(".")] <= [int(n) for n in have.split(".")]


def _assets(case: Case, program: Built, moved: Moved | None) -> Iterator[Copy]:
    """Yield the files and folders that the sources open by relative path and that the context has."""
    workdir = case.stage.config.workdir or "/"
    folder = context_folder(case.stage, workdir, case.context)
    if program.sources is None or folder is None:
        return
    for name in dict.fromkeys(_relative(found) for found in program.sources.code.of(Topic.ASSET)):
        if name and case.context.exists(join(folder, name)):
            path = normpath(join(workdir, name))
            yield Copy("", (moved.apply(path) if moved else path,), path)


def _relative(found: Found) -> str:
    """Return the part of a relative path before the first pattern; "" for a path that is not relative."""
    path = found.value.removeprefix("./")
    if isabs(path) or not path or path.startswith(".."):
        return ""
    parts = path.split("/")
    plain = [
        part for part in parts[: next((i for i, p in enumerate(parts) if "*" in p or "?" in p), len(parts))] if part
    ]
    return "/".join(plain)


def _workdir_edits(case: Case, moved: Moved | None) -> tuple[Edit, ...]:
    """Return the edit that gives the build stage a work directory of its own, in the file's own keyword case."""
    if moved is None:
        return ()
    first = case.stage.instruction
    keyword = "workdir" if first.keyword.islower() else "WORKDIR"
    end = first.span.end
    return (Edit(Span(end, end, first.span.line), f"{keyword} {moved.new}{case.build.document.newline}"),)


def _workdir(case: Case, reading: Reading) -> str | None:
    """Return the work directory of the final stage; None to leave the base image's own behind."""
    own = any(step.instruction.name == "WORKDIR" for step in case.stage.all_steps)
    return case.stage.config.workdir if own or reading.assets else None


def _dropped(case: Case) -> Mapping[str, tuple[str, Evidence]]:
    """Return the variables only the toolchain reads, and the PATH that the Go image sets for it."""
    root = case.stage.root
    set_by_base = dict(root.config.env) if isinstance(root, KnownImage) else {}
    places = {name: where(step.instruction) for step in case.stage.all_steps for name in _sets(step)}
    dropped: dict[str, tuple[str, Evidence]] = {}
    for name, value in case.stage.config.env:
        fact = Evidence(f"facts: {getattr(root, 'family', '')}", f"ENV {name}={value}")
        if name in _TOOLCHAIN:
            dropped[name] = ("only the Go toolchain reads it", places.get(name, fact))
        elif name == "PATH" and set_by_base.get(name) == value:
            dropped[name] = ("it names the folders of the Go toolchain, which stays behind", fact)
    return dropped


def _sets(step: Step) -> tuple[str, ...]:
    return tuple(name for name, _, _ in pairs(step.instruction)) if step.instruction.name == "ENV" else ()


def _decisions(case: Case, reading: Reading) -> Iterator[Decision]:
    program = reading.program
    if reading.moved:
        yield _moved_decision(case, reading.moved)
    if program.path != reading.written and "/" in reading.written:
        what = f"the program is {program.path}, where the build puts it, not {reading.written}"
        why = f"nothing in the file makes {reading.written}; the only {basename(program.path)} that is built lies there"
        yield Decision("program", what, why, Safety.REVIEW, (program.evidence, _command(case)))
    yield _files_decision(reading)
    if _workdir(case, reading) is None and (case.stage.config.workdir or "/") != "/":
        yield _workdir_decision(case, reading)


def _command(case: Case) -> Evidence:
    lines = [s.instruction for s in case.stage.all_steps if s.instruction.name in {"CMD", "ENTRYPOINT"}]
    return where(lines[-1]) if lines else case.needs.evidence[0]


def _moved_decision(case: Case, moved: Moved) -> Decision:
    what = f"the build stage works in {moved.new}, not in the base image's {moved.old}"
    why = f"{moved.old} is GOPATH, where go refuses a go.mod; nothing of the source tree belongs there"
    line = next(step.instruction for step in case.stage.steps if isinstance(step, CopyStep))
    fact = Evidence("facts: golang", f"WORKDIR {moved.old}, GOPATH={moved.old}")
    return Decision("stage", what, why, Safety.REVIEW, (fact, where(line)))


def _files_decision(reading: Reading) -> Decision:
    """Say what comes along: the program, and the files its sources open; a look is due where they are not seen."""
    names = ", ".join((reading.program.path, *(copy.target for copy in reading.assets)))
    what = (
        f"{names} come along; the toolchain, sources and caches stay behind"
        if reading.assets
        else (f"only {names} comes along; the toolchain, sources and caches stay behind")
    )
    sources = reading.program.sources
    if sources is None or sources.code.problems:
        why = "the sources could not be read, so files the program opens at run time are not known"
        return Decision("files", what, why, Safety.REVIEW, (reading.program.evidence,))
    opened = tuple(found.evidence for found in sources.code.of(Topic.ASSET))
    why = (
        "these are the files the sources open by relative path" if reading.assets else "no source opens a relative path"
    )
    return Decision("files", what, why, Safety.SAFE, (reading.program.evidence, *opened))


def _workdir_decision(case: Case, reading: Reading) -> Decision:
    old = case.stage.config.workdir
    sources = reading.program.sources
    seen = sources is not None and not sources.code.problems
    why = (
        "it is the Go image's own, and no source opens a relative path"
        if seen
        else (
            "it is the Go image's own; a file opened by relative path would not be found, and the sources were not seen"
        )
    )
    fact = Evidence("facts: golang", f"WORKDIR {old}")
    return Decision(
        "workdir", f"the program starts in /, not in {old}", why, Safety.SAFE if seen else Safety.REVIEW, (fact,)
    )


RECIPE = Recipe("go", handles, plan)
