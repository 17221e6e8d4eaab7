"""Scripts that fail, or fail elsewhere, for how their file is made: line ends, mode, first line (hazard H08)."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename

from rewriter.analysis.found import SHELLS
from rewriter.analysis.script import ScriptFile
from rewriter.images.model import KnownImage
from rewriter.notes import Note, Rule, Severity
from rewriter.recipes.base import Case
from rewriter.semantics.build import CopyStep, RunStep

CARRIAGE_RETURNS = Rule("script-with-carriage-returns", "a script has the line ends of Windows", "H08")
NOT_EXECUTABLE = Rule("script-not-executable", "a script that is run is not executable", "H08")
NO_FIRST_LINE = Rule("script-without-interpreter", "a script that is run does not name its interpreter", "H08")
ABSENT_SHELL = Rule("script-interpreter-missing", "a script names a shell that the image does not have", "H08")

_WITHOUT_BASH = frozenset({"alpine", "node", "php", "python", "ruby"})


def script_notes(case: Case, script: ScriptFile, *, by_shell: bool) -> Iterator[Note]:
    """Yield what is wrong with the file of a script that is run directly, or given to a shell (`by_shell`)."""
    runs = " ".join(step.instruction.text for step in case.stage.all_steps if isinstance(step, RunStep))
    broken = script.carriage_returns if by_shell else script.carriage_return
    if broken and not any(name in runs for name in ("dos2unix", "\\r", "fromdos")):
        message = f"{script.path} has carriage returns at its line ends, which Linux takes for a part of the words"
        yield _note(
            CARRIAGE_RETURNS, message, "save it with LF line ends, and keep them with `* text eol=lf` in .gitattributes"
        )
    if by_shell:
        return
    if not script.executable and "chmod" not in runs and not _made_executable(case, script):
        message = f"{script.path} is not executable where this was read"
        yield _note(NOT_EXECUTABLE, message, "set the mode with `git update-index --chmod=+x` or COPY --chmod")
    if script.interpreter is None:
        message = f"{script.path} has no `#!` line: the engine alone cannot run it, tini and shells give it to /bin/sh"
        yield _note(NO_FIRST_LINE, message, "make `#!/bin/sh` its first line")
    elif absent := _absent(case, script):
        message = f"{script.path} is run by {absent}, which {_image(case)} does not have and no RUN installs"
        yield _note(ABSENT_SHELL, message, f"install {absent}, or write the script for /bin/sh")


def _note(rule: Rule, message: str, help_: str) -> Note:
    return Note(rule, Severity.WARNING, message, None, help_)


def _made_executable(case: Case, script: ScriptFile) -> bool:
    name = basename(script.path)
    copies = (step for step in case.stage.all_steps if isinstance(step, CopyStep) and dict(step.flags).get("chmod"))
    return any(name in step.instruction.text or any("." in source for source in step.sources) for step in copies)


def _absent(case: Case, script: ScriptFile) -> str:
    """Return the shell that is surely not there: Alpine has bash, ksh and zsh as packages alone."""
    root, name = case.stage.root, script.program or ""
    installed = {need.name for need in case.needs.packages}
    is_bare = isinstance(root, KnownImage) and root.packages == "apk" and root.family in _WITHOUT_BASH
    return name if is_bare and name in SHELLS - {"sh", "ash"} and name not in installed else ""


def _image(case: Case) -> str:
    """Return the name of the base image."""
    root = case.stage.root
    return root.ref.written if isinstance(root, KnownImage) else "the base image"
