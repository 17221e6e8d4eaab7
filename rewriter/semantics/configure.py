"""Instructions that change the configuration of a stage, one function each.

Follows the `dispatch...` functions of BuildKit's converter. Reads no file and adds no step.
"""

from __future__ import annotations

from collections.abc import Callable

from rewriter.images.model import DEFAULT_SHELL, Command, Exec, Healthcheck, Shell
from rewriter.semantics.draft import Draft
from rewriter.semantics.paths import workdir
from rewriter.semantics.problems import BuildError
from rewriter.semantics.values import check_signal, ports
from rewriter.syntax import blanks
from rewriter.syntax.document import Instruction
from rewriter.syntax.instructions import duration
from rewriter.syntax.words import flag, pairs


def configure(draft: Draft, instruction: Instruction) -> None:
    """Carry out an instruction other than RUN, COPY and ADD.

    Raises:
        BuildError: a value is refused.
    """
    _READERS[instruction.name](draft, instruction)


def command_of(instruction: Instruction, shell: tuple[str, ...] | None) -> Command | None:
    """Return the command of a RUN, CMD or ENTRYPOINT; None for an empty list, which the engine takes as not set."""
    if instruction.form == "json":
        return Exec(instruction.words) if instruction.words else None
    return Shell(instruction.value or "", shell or DEFAULT_SHELL)


def onbuild_text(instruction: Instruction) -> str:
    """Return the trigger an ONBUILD stores, here-documents included."""
    bodies = (f"\n{heredoc.content}{heredoc.name}" for heredoc in instruction.heredocs)
    return "".join((instruction.text[len(instruction.keyword) :].lstrip("\t\n\f\r "), *bodies))


def _expanded(draft: Draft, instruction: Instruction) -> list[tuple[str, str]]:
    """Return the pairs of an ENV or LABEL, all expanded before any of them is set."""
    expand = draft.scope.expand
    return [(expand(name), expand(value)) for name, value, _ in pairs(instruction)]


def _env(draft: Draft, instruction: Instruction) -> None:
    draft.set_env(_expanded(draft, instruction))


def _arg(draft: Draft, instruction: Instruction) -> None:
    draft.scope.declare(instruction, draft.args, draft.global_args)


def _label(draft: Draft, instruction: Instruction) -> None:
    draft.labels.update(_expanded(draft, instruction))


def _maintainer(draft: Draft, instruction: Instruction) -> None:
    draft.author = instruction.value


def _workdir(draft: Draft, instruction: Instruction) -> None:
    draft.workdir = workdir(draft.workdir, draft.scope.expand(instruction.value or ""))


def _user(draft: Draft, instruction: Instruction) -> None:
    """An empty result removes the user."""
    draft.user = draft.scope.expand(instruction.value or "") or None


def _expose(draft: Draft, instruction: Instruction) -> None:
    words = [word for written in instruction.words for word in draft.scope.expand_words(written)]
    draft.ports.update(port for word in words for port in ports(word))


def _volume(draft: Draft, instruction: Instruction) -> None:
    paths = [draft.scope.expand(word.strip(blanks.UNICODE)) for word in instruction.words]
    if not all(paths):
        raise BuildError("VOLUME specified can not be an empty string")
    draft.volumes.update(paths)


def _stopsignal(draft: Draft, instruction: Instruction) -> None:
    signal = draft.scope.expand(instruction.value or "")
    check_signal(signal)
    draft.stopsignal = signal


def _shell(draft: Draft, instruction: Instruction) -> None:
    draft.shell = instruction.words


def _cmd(draft: Draft, instruction: Instruction) -> None:
    draft.cmd = command_of(instruction, draft.shell)
    draft.cmd_is_own = True


def _entrypoint(draft: Draft, instruction: Instruction) -> None:
    """ENTRYPOINT clears a command that comes from the base, not one that this stage set."""
    draft.entrypoint = command_of(instruction, draft.shell)
    if not draft.cmd_is_own:
        draft.cmd = None


def _onbuild(draft: Draft, instruction: Instruction) -> None:
    draft.onbuild.append(onbuild_text(instruction))


def _healthcheck(draft: Draft, instruction: Instruction) -> None:
    kind, *words = instruction.words
    if kind.upper() == "NONE":
        draft.healthcheck = Healthcheck("NONE", None)
        return
    is_exec = instruction.form == "json"
    draft.healthcheck = Healthcheck(
        kind="CMD" if is_exec else "CMD-SHELL",
        command=Exec(tuple(words)) if is_exec else Shell(" ".join(words), draft.shell or DEFAULT_SHELL),
        interval=_interval(instruction, "interval"),
        timeout=_interval(instruction, "timeout"),
        start_period=_interval(instruction, "start-period"),
        start_interval=_interval(instruction, "start-interval"),
        retries=int(flag(instruction, "retries") or "0"),
    )


def _interval(instruction: Instruction, name: str) -> int:
    return duration(flag(instruction, name) or "0")


_READERS: dict[str, Callable[[Draft, Instruction], None]] = {
    "ARG": _arg,
    "CMD": _cmd,
    "ENTRYPOINT": _entrypoint,
    "ENV": _env,
    "EXPOSE": _expose,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _label,
    "MAINTAINER": _maintainer,
    "ONBUILD": _onbuild,
    "SHELL": _shell,
    "STOPSIGNAL": _stopsignal,
    "USER": _user,
    "VOLUME": _volume,
    "WORKDIR": _workdir,
}
