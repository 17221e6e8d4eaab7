"""The steps of a stage: what a RUN executes, what a COPY or ADD brings, and all else that sets the configuration.

Follows `dispatchRun` and `dispatchCopy` of BuildKit's converter. Runs nothing and looks into no context.
"""

from __future__ import annotations

from collections.abc import Sequence

from rewriter.images.model import Command, Exec, ImageRef, Pairs, Shell
from rewriter.semantics.build import CopyStep, RunStep, SetStep, Stage, Step
from rewriter.semantics.configure import command_of, configure
from rewriter.semantics.draft import Draft
from rewriter.semantics.mounts import expanded, mounts_of, target_of
from rewriter.semantics.outline import Line
from rewriter.semantics.paths import folder_or_file, join
from rewriter.semantics.problems import BuildError
from rewriter.semantics.values import check_mode
from rewriter.syntax import heredocs
from rewriter.syntax.document import Heredoc, Instruction
from rewriter.syntax.words import WordError, flag

_WEB = ("http://", "https://")
_REMOTE = (*_WEB, "git://", "ssh://", "git@")
_EXPANDED_FLAGS = ("chown", "chmod", "checksum")


def step_of(draft: Draft, line: Line, earlier: Sequence[Stage], label: str) -> Step:
    """Return the step an instruction makes, and carry it out on the draft.

    `earlier` are the stages above, `label` is the name of this one.

    Raises:
        BuildError: BuildKit refuses the instruction.
    """
    state = draft.state()
    match line.instruction.name:
        case "RUN":
            _check_run(draft, line, earlier)
            return RunStep(line.instruction, state, _run_command(line.instruction, state.shell))
        case "COPY" | "ADD":
            return _copy(draft, line, _origin(line, earlier, label))
        case _:
            configure(draft, line.instruction)
            return SetStep(line.instruction, state)


def _check_run(draft: Draft, line: Line, earlier: Sequence[Stage]) -> None:
    sources = iter(line.sources)
    for mount in mounts_of(line.instruction):
        given = dict(expanded(mount, draft.scope.expand))
        source = next(sources) if mount.origin else None
        if isinstance(source, int) and source >= len(earlier):
            place = f'from stage "{mount.origin}" to "{target_of(given)}"'
            raise BuildError(f"cannot mount {place}, stage needs to be defined before current command")


def _run_command(instruction: Instruction, shell: tuple[str, ...]) -> Command:
    """Return what a RUN executes. A heredoc that is all there is on the line is the script; else the shell reads it."""
    command = command_of(instruction, shell) or Exec(())
    if not isinstance(command, Shell) or not instruction.heredocs:
        return command
    if _opening(command.script):
        return Shell(_content(instruction.heredocs[0]), shell)
    bodies = (f"\n{heredoc.content}{heredoc.name}" for heredoc in instruction.heredocs)
    return Shell("".join((command.script, *bodies)), shell)


def _opening(word: str) -> Heredoc | None:
    """Return the heredoc that the word opens; a name that cannot be read opens none."""
    try:
        return heredocs.opening(word)
    except WordError:
        return None


def _content(heredoc: Heredoc) -> str:
    """Return the body as it is used: `<<-` takes the leading tabs off."""
    if not heredoc.chomp:
        return heredoc.content
    return "".join(line.lstrip("\t") for line in heredoc.content.splitlines(keepends=True))


def _origin(line: Line, earlier: Sequence[Stage], label: str) -> Stage | ImageRef | None:
    source = next(iter(line.sources), None)
    if not isinstance(source, int):
        return source
    if source >= len(earlier):
        name = flag(line.instruction, "from")
        raise BuildError(f'cannot copy from stage "{name}", it needs to be defined before current stage "{label}"')
    return earlier[source]


def _copy(draft: Draft, line: Line, origin: Stage | ImageRef | None) -> CopyStep:
    instruction, state, scope = line.instruction, draft.state(), draft.scope
    *written, written_target = instruction.words
    flags = _copy_flags(draft, instruction)
    files = {word: found for word in written if (found := _opening(word))}
    sources = tuple(scope.expand(word) for word in written if word not in files)
    target = folder_or_file(state.cwd, scope.expand(written_target))
    _check_sources(instruction.name, sources, dict(flags))
    bodies = {found.name: found for found in instruction.heredocs}
    is_folder = target.endswith("/") or len(written) > 1
    inline = {
        join(target, found.name) if is_folder else target: _body(draft, found, bodies.get(found.name))
        for found in files.values()
    }
    return CopyStep(instruction, state, sources, target, origin, tuple(inline.items()), flags)


def _copy_flags(draft: Draft, instruction: Instruction) -> Pairs:
    """Return the flags but `--from`, expanded where BuildKit does so; a switch that stands alone is `true`."""
    found: list[tuple[str, str]] = []
    for written in instruction.flags:
        name, mark, value = written.removeprefix("--").partition("=")
        if name in _EXPANDED_FLAGS:
            value = draft.scope.expand(value)
        if name != "from":
            found.append((name, value if mark else "true"))
    return tuple(found)


def _body(draft: Draft, opened: Heredoc, found: Heredoc | None) -> str:
    """Return the content of an inline file; of two bodies with one name the second counts for both."""
    content = "" if found is None else _content(found)
    return draft.scope.expand_body(content) if opened.expand else content


def _check_sources(name: str, sources: tuple[str, ...], flags: dict[str, str]) -> None:
    check_mode(flags.get("chmod", ""))
    for source in sources:
        if name == "COPY" and source.startswith(_REMOTE):
            kind = "URL" if source.startswith(_WEB) else "git ref"
            raise BuildError(f"source can't be a {kind} for COPY")
    if flags.get("checksum") and len(sources) != 1:
        raise BuildError("checksum can't be specified for multiple sources")
    if flags.get("checksum") and not sources[0].startswith(_REMOTE):
        raise BuildError("checksum requires HTTP(S) or Git sources")
