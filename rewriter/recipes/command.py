"""ENTRYPOINT and CMD: what a container starts today, and the pair that starts the same under an init.

One pure function over the image's configuration, `split_command`. It decides about words alone; whether a program
exists, and where, is for those who know the image's files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from posixpath import join, normpath
from types import MappingProxyType
from typing import Literal

from rewriter.analysis.node_project import Unresolved
from rewriter.analysis.script import ScriptFile
from rewriter.images.model import ImageConfig, Pairs, Wrapper
from rewriter.notes import Note
from rewriter.recipes.command_kind import Blocked, Kind, blocked_script, blocked_words, kind_of
from rewriter.recipes.command_says import Change, changes, notes
from rewriter.recipes.command_shell import Names, script_place
from rewriter.recipes.command_steps import NeedsShell, Pair, Place, reduced, started
from rewriter.record import record

__all__ = [
    "Blocked",
    "Change",
    "CommandPlan",
    "Kind",
    "Names",
    "NeedsShell",
    "NothingToRun",
    "Place",
    "split_command",
    "with_program",
]


_NOTHING_KNOWN = Names()


@record
class CommandPlan:
    """The pair under an init, and what goes with it.

    `entrypoint` begins with `head`: the init, its options, and `--`. `program` is what the pair starts, the head left
    out; `main` says which of the two names the program. `cwd` and `env` are to be set in the image, None and () if
    nothing changes. `arguments` says what `docker run IMAGE X` does with X: it replaces the command or is appended,
    as before, or it had no effect and now replaces the command. `kind` says what sort of program it is. `user` is the
    one that a switch in front of the program named, None if the image's own stays; `why_kept` says why a launcher is
    the program still.
    `former_init` is an init that was there, `init_options` what its options come to, `dropped_cmd` a CMD without
    effect. `changes` are the decisions to take, `notes` what is worth saying; both follow from the other fields.
    """

    entrypoint: tuple[str, ...]
    cmd: tuple[str, ...]
    program: tuple[str, ...]
    main: Place
    init: tuple[str, ...]
    head: tuple[str, ...]
    init_options: tuple[str, ...]
    former_init: tuple[str, ...]
    arguments: Literal["replace", "append", "now-replace"]
    kind: Kind
    needs_shell: NeedsShell | None = None
    cwd: str | None = None
    env: Pairs = ()
    user: str | None = None
    why_kept: Unresolved | None = None
    dropped_cmd: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    notes: tuple[Note, ...] = ()


@record
class NothingToRun:
    """The image has neither ENTRYPOINT nor CMD."""

    why: str = "the image has no command: nothing to run"


def split_command(
    config: ImageConfig,
    init: tuple[str, ...] = ("/tini",),
    *,
    passes_on: bool = False,
    wrapper: Wrapper | None = None,
    names: Names = _NOTHING_KNOWN,
    scripts: Mapping[str, ScriptFile] = MappingProxyType({}),
    lines: tuple[int | None, int | None] = (None, None),
) -> CommandPlan | Blocked | NothingToRun:
    """Return the pair that starts under an init what the image starts today, or why there is none.

    `passes_on`: the exec-form ENTRYPOINT is known to end in `exec "$@"`. `wrapper` is the row of the base image's
    entrypoint script, `names` what is known of bare words. `scripts` are those that can be read, by the word
    that names them: a first call names one in `kind.script_file`. `lines` are those of ENTRYPOINT and CMD. `init` ()
    leaves the init out.
    The rules are those of the engine (moby daemon/container.go: Entrypoint and Cmd are joined, arguments replace
    Cmd) and of the README's table of commands.
    """
    start = started(config, passes_on=passes_on)
    if not start.entrypoint and not start.cmd:
        return NothingToRun()
    pair = reduced(start, config, wrapper, names, scripts)
    if isinstance(pair, Blocked):
        return pair
    return _blocked(pair) or _planned(config, init, pair, lines)


def with_program(plan: CommandPlan, words: tuple[str, ...]) -> CommandPlan:
    """Return the plan with another program in place of the one in `main`: a launcher resolved, an absolute path.

    The words replace those of the place whole. Saying so (`changes`) is left to whoever knows why.
    """
    kind = kind_of(words)
    entrypoint = plan.entrypoint[len(plan.head) :]
    entrypoint, cmd = (words, plan.cmd) if plan.main == "entrypoint" else (entrypoint, words)
    head = _head(plan.init, plan.init_options, stays=kind.stays)
    return replace(plan, entrypoint=(*head, *entrypoint), cmd=cmd, program=(*entrypoint, *cmd), head=head, kind=kind)


def _blocked(pair: Pair) -> Blocked | None:
    if pair.needs_shell and pair.needs_shell.script:
        found = blocked_script(pair.needs_shell.script)
        if found:
            return found
    return blocked_words(pair.entrypoint) or (blocked_words(pair.cmd) if _runs_cmd(pair) else None)


def _runs_cmd(pair: Pair) -> bool:
    """Whether CMD is a command, not the arguments of one: an entry script most likely runs it."""
    return not pair.entrypoint or pair.passes_on or script_place(pair.entrypoint) is not None


def _planned(
    config: ImageConfig, init: tuple[str, ...], pair: Pair, lines: tuple[int | None, int | None]
) -> CommandPlan:
    main: Place = "cmd" if not pair.entrypoint or (pair.cmd and _runs_cmd(pair)) else "entrypoint"
    kind = kind_of(pair.cmd if main == "cmd" else (*pair.entrypoint, *pair.cmd), pair.script_file)
    stays = kind.stays or (pair.needs_shell is not None and pair.needs_shell.stays)
    head = _head(init, pair.init_options, stays=stays)
    pair = replace(pair, cwd=_new_workdir(config, pair), env=_new_variables(config, pair))
    return CommandPlan(
        entrypoint=(*head, *pair.entrypoint),
        cmd=pair.cmd,
        program=(*pair.entrypoint, *pair.cmd),
        main=main,
        init=init,
        head=head,
        init_options=pair.init_options,
        former_init=pair.former_init,
        arguments=pair.arguments,
        kind=kind,
        needs_shell=pair.needs_shell,
        cwd=pair.cwd,
        env=pair.env,
        user=pair.user,
        dropped_cmd=pair.dropped_cmd,
        changes=tuple(changes(config, pair)),
        notes=tuple(notes(config, pair, kind, lines)),
    )


def _new_workdir(config: ImageConfig, pair: Pair) -> str | None:
    old = config.workdir or "/"
    new = normpath(join(old, pair.cwd or ""))
    return new if pair.cwd and new != normpath(old) else None


def _new_variables(config: ImageConfig, pair: Pair) -> Pairs:
    old = dict(config.env)
    return tuple((name, text) for name, text in dict(pair.env).items() if old.get(name) != text)


def _head(init: tuple[str, ...], options: tuple[str, ...], *, stays: bool) -> tuple[str, ...]:
    """Return the init's own words; with `-g` where a shell or launcher stays between it and the program."""
    group = ("-g",) if stays and "-g" not in options else ()
    return (*init, *options, *group, "--") if init else ()
