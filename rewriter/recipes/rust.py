"""Rust: programs that `cargo` wrote, on `static` or `cc`, where all they need at run time is certain.

A final stage that only copies the program from another stage keeps its lines and changes its base; a program that is
run where it was built is copied out of that stage. Anything that is not certain is left to the general recipe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from posixpath import basename, join, normpath

from rewriter.analysis.built import Built, Linkage, carried
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.needs import PackageNeed
from rewriter.analysis.rust_stage import built_in, mentioned_in
from rewriter.images.catalog import runtime
from rewriter.images.model import KnownImage
from rewriter.plan import Plan, Refusal
from rewriter.recipes import go
from rewriter.recipes.base import Case, certain
from rewriter.recipes.compiled import Language, base_for, find_exact, needs_shell, sight_of
from rewriter.recipes.compiled_in_place import plan_in_place
from rewriter.recipes.places import where
from rewriter.recipes.sources import source_notes
from rewriter.semantics.build import CopyStep, Stage
from rewriter.syntax.words import pairs

# What cargo and rustup read; a compiled program reads RUST_LOG and RUST_BACKTRACE, which are not among them.
_TOOLCHAIN = ("CARGO_", "RUSTUP_", "RUSTFLAGS", "RUSTC_", "SQLX_OFFLINE")
# Packages of a final stage whose content a runtime image has, by the library they are for.
_PACKAGES = {
    "libc6": "libc.so.6",
    "libgcc-s1": "libgcc_s.so.1",
    "libgcc1": "libgcc_s.so.1",
    "libstdc++6": "libstdc++.so.6",
    "libgomp1": "libgomp.so.1",
    "zlib1g": "libz.so.1",
    "libzstd1": "libzstd.so.1",
    "libssl3": "libssl.so.3",
    "libssl3t64": "libssl.so.3",
    "libssl-dev": "libssl.so.3",
}
# What a program that has everything in it does not look for.
_LIBRARIES = frozenset({*_PACKAGES, "libgcc", "libstdc++", "libssl1.1", "libcrypto3"})
# Variables by which a program finds libraries that are not looked for here.
_LOADER = frozenset({"LD_LIBRARY_PATH", "LD_PRELOAD", "LD_AUDIT"})
# Folders of the system: what is laid there may be a library or take the place of a file of the image.
_SYSTEM = ("/bin", "/etc/ld.so", "/lib", "/sbin", "/usr/bin", "/usr/lib", "/usr/local/lib", "/usr/sbin")


def _planned(case: Case) -> Plan | Refusal | None:
    root, command = case.stage.root, case.command
    if not isinstance(root, KnownImage) or not root.has_shell or root.language is not None or go.handles(case):
        return None
    if needs_shell(command) or command.user or command.kind.dev_server or command.kind.launcher:
        return None
    programs = _copied(case)
    program = find_exact(case, command.program[0], programs)
    if program is None or not _is_certain(case, program, programs):
        return None
    base = base_for(programs)
    if base is None:
        return None
    found = plan_in_place(_with_covered(case, base.name, program), RUST, programs)
    if not isinstance(found, Plan) or program.code is None:
        return found
    return replace(found, notes=(*found.notes, *source_notes(program.code)))


def _copied(case: Case) -> tuple[Built, ...]:
    """Return the Rust programs that the target copies from the stages that build them."""
    if not any(isinstance(step, CopyStep) and isinstance(step.origin, Stage) for step in case.stage.all_steps):
        return ()
    named = mentioned_in(case.build.stages)
    return carried(case.build, lambda stage: built_in(stage, case.context, named))


def _is_certain(case: Case, program: Built, programs: tuple[Built, ...]) -> bool:
    """Return whether nothing but the files that are copied is used: no program, no library that is not known."""
    for one in {program, *programs}:
        if one.code is not None and (one.code.problems or one.code.spawns):
            return False
    if program.code is None and not sight_is_bounded(program):
        return False
    if _LOADER & {name for name, _ in case.stage.config.env}:
        return False
    return all(_lands_beside(step, programs) for step in case.stage.all_steps if isinstance(step, CopyStep))


def sight_is_bounded(program: Built) -> bool:
    """Return whether the libraries of a program are known although its sources are not."""
    return program.linkage is Linkage.STATIC or program.libraries is not None


def _lands_beside(step: CopyStep, programs: tuple[Built, ...]) -> bool:
    """Return whether a COPY leaves the folders of the system alone, but for programs that are known."""
    target = normpath(step.target)
    if not target.startswith(_SYSTEM):
        return True
    inside = [normpath(join(target, basename(source))) for source in step.sources]
    paths = {program.path for program in programs}
    return target in paths or all(path in paths for path in inside)


def _with_covered(case: Case, image: str, program: Built) -> Case:
    """Return the case with the packages marked whose content the runtime image has, or that nothing uses."""
    packages = tuple(_covered(need, image, program) for need in case.needs.packages)
    return replace(case, needs=replace(case.needs, packages=packages))


def _covered(need: PackageNeed, image: str, program: Built) -> PackageNeed:
    why = _why_covered(need, image, program)
    return replace(need, role=replace(need.role, role="covered", why=why)) if why else need


def _why_covered(need: PackageNeed, image: str, program: Built) -> str:
    """Return why the final stage can do without a package, "" where it cannot."""
    name, _, distro = image.rpartition("-")
    if program.linkage is Linkage.STATIC and need.name in _LIBRARIES:
        return "the program has its libraries in it"
    library = _PACKAGES.get(need.name) if need.manager == "apt" else None
    if library is not None and library in runtime(name, distro).libraries:
        return f"the target image has {library}"
    is_tool = need.role.role == "build" and need.role.known and not need.name.endswith(("-dev", "-devel", "-static"))
    starts = sight_of(program).is_clear or need.name == "pkg-config"
    if (is_tool or need.name == "openssl") and starts and program.code is not None:
        return "the program starts no other program"
    return ""


def toolchain_variables(stage: Stage) -> Mapping[str, tuple[str, Evidence]]:
    """Return the variables that only cargo and rustup read, with the reason to drop them and the place."""
    return dict(_variables(stage))


def _variables(stage: Stage) -> Iterator[tuple[str, tuple[str, Evidence]]]:
    for step in stage.all_steps:
        for name, _, _ in pairs(step.instruction) if step.instruction.name == "ENV" else ():
            if name.startswith(_TOOLCHAIN):
                yield name, ("only the Rust toolchain reads it", where(step.instruction))


RUST = Language("rust", "Rust", toolchain_variables)
RECIPE = certain("rust", _planned)
