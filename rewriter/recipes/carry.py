"""The closure of a build: what the final stage is given of a stage it cannot be told apart from by name.

Carries what the build added to its base image, the language runtime the base brings, the programs that are named,
and leaves behind the packages that only the build needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename

from rewriter.analysis.evidence import Evidence
from rewriter.analysis.runs import Deed, Opaque
from rewriter.images.catalog import program_packages, release
from rewriter.images.model import KnownImage
from rewriter.plan import Closure, Copy, Decision, Safety
from rewriter.recipes.base import Case
from rewriter.recipes.layout import build_name, fresh, written_platform
from rewriter.semantics.build import CopyStep
from rewriter.syntax.tokens import tokens

# Runtimes that programs are run by; the other languages' base images are toolchains, of which nothing runs later.
INTERPRETED = frozenset(
    {"python", "node", "ruby", "php", "java", "dotnet", "erlang", "elixir", "deno", "bun", "perl", "web"}
)
FOLDER = "/closure/"
# Programs that every POSIX shell has built in, so that asking a shell where they lie tells nothing.
BUILT_IN = frozenset({"[", "echo", "false", "kill", "printf", "pwd", "test", "true"})


def closure_of(
    case: Case,
    programs: tuple[str, ...],
    without: tuple[str, ...] = (),
    *,
    optional: tuple[str, ...] = (),
    scripts: tuple[str, ...] = (),
) -> Closure:
    """Return the closure stage for the case's target, with these programs besides what the build added.

    `without` are patterns of paths, of trees too, that stay behind.
    """
    stage, root = case.stage, case.stage.root
    name, written = _compared(case)
    known = root if isinstance(root, KnownImage) else None
    trees = [tree for tree in _trees(known) if tree not in without]
    return Closure(
        stage=fresh(case.build, "closure"),
        build=build_name(case.build),
        compare=name,
        trees=tuple(tree for tree in trees if "*" not in tree),
        patterns=(*(tree for tree in trees if "*" in tree), *_in_temporary(case)),
        programs=tuple(name for name in dict.fromkeys(programs) if name not in BUILT_IN),
        installed=tuple(dict.fromkeys(need.name for need in case.needs.packages if need.role.role == "runtime")),
        drop=dropped(case, programs),
        without=(*without, *_former_init(case)),
        users=_users(case),
        base=written,
        as_root=(stage.config.user or "root").partition(":")[0] not in {"root", "0"},
        libc=known.libc if known else None,
        packages=known.packages if known else None,
        merged_usr=bool(known and known.release and release(known.release).merged_usr),
        optional=_optional(programs, optional),
        scripts=scripts,
        run=_looks_in_run(case, known),
        nonroot=case.options.nonroot,
    )


def _optional(programs: tuple[str, ...], optional: tuple[str, ...]) -> tuple[str, ...]:
    """Return what comes along where the image has it; of what shells have built in, both places it may lie in."""
    names_built_in = [name for name in (*programs, *optional) if name in BUILT_IN]
    built_in = (f"{folder}/{name}" for name in names_built_in for folder in ("/bin", "/usr/bin"))
    names = (name for name in optional if name not in programs and name not in BUILT_IN)
    return tuple(dict.fromkeys((*names, *built_in)))


def _looks_in_run(case: Case, known: KnownImage | None) -> bool:
    """Return whether something may have been put below /run: by this file, by a package, by the base's own server."""
    serves = known is None or known.language not in INTERPRETED - {"php", "web"}
    return serves or bool(case.needs.packages) or "/run" in case.build.document.text


def dropped(case: Case, programs: tuple[str, ...]) -> tuple[str, ...]:
    """Return the packages that stay behind: those that only a build needs, less the ones that bring a program.

    A stage that builds nothing installs what it runs, whatever packages are mostly for.
    """
    builds = any(isinstance(run, Opaque) or run.deed is Deed.OTHER for run in case.needs.runs)
    names = {basename(program) for program in programs}
    needed = {
        package for need in case.needs.build_only for name in names for package in program_packages(need.manager, name)
    }
    only = (need.name for need in case.needs.build_only if builds and need.name not in needed)
    return tuple(dict.fromkeys(only))


def _former_init(case: Case) -> tuple[str, ...]:
    """Return the init that tini takes the place of, where the file names it by path."""
    return tuple(word for word in case.command.former_init[:1] if word.startswith("/"))


def _trees(known: KnownImage | None) -> tuple[str, ...]:
    """Return the runtime of the base image; which architecture stands in a path is told when the image is built."""
    trees = known.trees if known and (known.language is None or known.language in INTERPRETED) else ()
    return tuple(tree.replace("{arch}", "*") for tree in trees)


def _in_temporary(case: Case) -> tuple[str, ...]:
    """Return where the program lies and works in folders for temporary files, which a closure passes over."""
    targets = tuple(step.target.rstrip("/") for step in case.stage.all_steps if isinstance(step, CopyStep))
    brought = (word for word in case.command.program if any(f"{word}/".startswith(f"{one}/") for one in targets))
    named = (case.command.cwd or case.stage.config.workdir or "/", *case.command.program[:1], *brought)
    return tuple(dict.fromkeys(word for word in named if f"{word}/".startswith(("/tmp/", "/var/tmp/"))))


def _users(case: Case) -> tuple[str, ...]:
    """Return the user the program runs as, where it is not root."""
    if case.command.user:
        return (case.command.user.partition(":")[0],)
    return (case.needs.user.name,) if case.needs.user else ()


def _compared(case: Case) -> tuple[str, str]:
    """Return the image to compare with and, where it must be made a stage first, what its FROM says.

    A variable or a platform cannot stand in `RUN --mount=from=`.
    """
    start = case.stage.chain[0]
    words = [word.text for word in tokens(case.build.document, start.instruction)[1:]]
    image = next(word for word in words if not word.startswith("--"))
    platform = written_platform(start)
    if "$" in image or platform:
        flags = (f"--platform={platform}",) if platform else ()
        return fresh(case.build, "base"), " ".join((*flags, image))
    return image, ""


def copy_of(closure: Closure) -> Copy:
    """Return the line that brings the closure into the final stage."""
    return Copy(closure.stage, (FOLDER,), "/")


def closure_decisions(case: Case, closure: Closure, evidence: tuple[Evidence, ...]) -> Iterator[Decision]:
    """Yield what the closure carries and what it leaves behind, with the places that ask for it."""
    compared = closure.base.split(" ")[-1] or closure.compare
    what = f"everything the build added to {compared} comes along, with the libraries it needs"
    why = "no file a RUN or COPY made can be forgotten, and the C library stays the one it was built with"
    yield Decision("files", what, why, Safety.SAFE, evidence)
    for need in case.needs.build_only:
        if need.name not in closure.drop:
            continue
        why = need.role.why
        yield Decision(f"packages.{need.name}", f"{need.name} stays behind", why, Safety.SAFE, (need.evidence,))
