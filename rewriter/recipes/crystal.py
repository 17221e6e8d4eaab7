"""Crystal: static programs that a build stage wrote with `--static`, copied into a final stage of their own.

Only where the sources are in sight and start no other program; anything else is left to the general recipe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import basename, join, normpath

from rewriter.analysis.built import Built, Linkage, carried, relocated
from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import Survey
from rewriter.analysis.runs import Run, runs_of
from rewriter.analysis.source_files import line_with
from rewriter.images.model import KnownImage
from rewriter.plan import Plan, Refusal
from rewriter.recipes.base import Case, certain
from rewriter.recipes.compiled import Language, find_exact, needs_shell
from rewriter.recipes.compiled_in_place import plan_in_place
from rewriter.recipes.places import where
from rewriter.semantics.build import CopyStep, Stage
from rewriter.syntax.words import pairs

# How a program starts another one, or takes what a user of the image can do for granted.
_STARTS = ("Process.", "system(", "`", "%x(")
_SEEN = Survey()  # what is looked for in the sources is looked for in all of them at once
_TOOLCHAIN = ("CRYSTAL_", "SHARDS_")


def _planned(case: Case) -> Plan | Refusal | None:
    root = case.stage.root
    if not isinstance(root, KnownImage) or not root.has_shell or root.language is not None:
        return None
    if needs_shell(case.command) or not any(isinstance(step, CopyStep) for step in case.stage.all_steps):
        return None
    programs = carried(case.build, _built_in)
    program = find_exact(case, case.command.program[0], programs)
    if program is None or not _starts_nothing(case.context):
        return None
    return plan_in_place(case, CRYSTAL, programs)


def _built_in(stage: Stage) -> tuple[Built, ...]:
    """Return the static programs that the stage compiles, where its commands leave them."""
    built: list[Built] = []
    for run in runs_of(stage):
        if isinstance(run, Run):
            built = [*relocated(built, run), *_compiled(stage, run)]
    return tuple(built)


def _compiled(stage: Stage, run: Run) -> Iterator[Built]:
    """Yield what `crystal build` and `shards build` write with `--static`, of the latter the targets that are named."""
    words = run.argv or ()
    builder = stage.root if isinstance(stage.root, KnownImage) else None
    if builder is None or builder.libc != "musl":  # glibc looks hosts up through libraries it opens by name
        return
    if run.cwd is None or len(words) < 3 or words[1] != "build" or "--static" not in words:
        return
    for path in _outputs(basename(words[0]), words[2:]):
        yield Built(normpath(join(run.cwd, path)), Linkage.STATIC, "`--static`", run.evidence, _SEEN, builder)


def _outputs(tool: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the paths a build writes to, relative ones from where it runs: `-o`, else the name of the source."""
    plain = [word for word in words if not word.startswith("-")]
    if tool == "shards":
        return tuple(f"bin/{word}" for word in plain)
    named = [words[place + 1] for place, word in enumerate(words[:-1]) if word in {"-o", "--output"}]
    sources = [basename(word).removesuffix(".cr") for word in plain if word.endswith(".cr")]
    return tuple((named or sources)[:1]) if tool == "crystal" else ()


def _starts_nothing(context: Context) -> bool:
    """Return whether sources are in sight, and none of them starts another program."""
    files = tuple(context.walk(suffixes=(".cr",)))
    texts = ((path, context.text(path)) for path in files)
    return bool(files) and all(text is not None and line_with(path, text, _STARTS) is None for path, text in texts)


def _variables(stage: Stage) -> Mapping[str, tuple[str, Evidence]]:
    """Return the variables that only the compiler reads, with the reason to drop them and the place."""
    lines = [step.instruction for step in stage.all_steps if step.instruction.name == "ENV"]
    why = "only the Crystal toolchain reads it"
    return {name: (why, where(line)) for line in lines for name, _, _ in pairs(line) if name.startswith(_TOOLCHAIN)}


CRYSTAL = Language("crystal", "Crystal", _variables)
RECIPE = certain("crystal", _planned)
