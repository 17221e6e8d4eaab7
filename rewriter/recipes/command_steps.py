"""What stands in front of a program in ENTRYPOINT and CMD, taken off piece by piece: inits, shells, scripts.

Every step takes a pair and returns it with one thing less in front, or as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from posixpath import join
from typing import Literal

from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import at_line
from rewriter.analysis.script import ScriptFile
from rewriter.images.model import ImageConfig, Pairs, Wrapper, argv
from rewriter.notes import Rule
from rewriter.recipes.command_init import take_off_init
from rewriter.recipes.command_kind import Blocked, user_switch
from rewriter.recipes.command_shell import (
    Names,
    Scripted,
    is_entrypoint_of,
    reason,
    script_place,
    scripted,
    without_wrapper,
)
from rewriter.record import record
from rewriter.semantics.shell import (
    CannotTell,
    Inlined,
    NotInlined,
    NotSimple,
    Programs,
    Simple,
    inline,
    programs,
    read,
    simple,
)
from rewriter.semantics.shell.called import ends_in_exec

ERRORS_JOINED = Rule("error-output-joined", "the command sends its error output to standard output", "H02")
CD = Rule("cd-in-command", "the command changes directory before it starts the program", "H02")
ASSIGNMENT = Rule("assignment-in-command", "the command sets variables for the program", "H02")
WRAPPER = Rule("base-image-wrapper", "the entrypoint is a script of the base image", "H11")

Place = Literal["entrypoint", "cmd"]


@record
class NeedsShell:
    """Why a shell has to come along: `shell` are its words up to the script, `script` is "" where a file is run.

    `stays` says that the shell remains the program's parent, so that signals have to reach the group.
    """

    place: Place
    shell: tuple[str, ...]
    script: str
    why: str
    stays: bool


@record
class Pair:
    """The pair on its way: what is still in front of the program, and what was learnt taking things off.

    `script_file` is the script that still is in front, `inlined` are those whose commands stand here in their place,
    `evidence` the lines of theirs. `user` is the one that a switch in front named, `switched` its tool and place.
    """

    entrypoint: tuple[str, ...]
    cmd: tuple[str, ...]
    arguments: Literal["replace", "append", "now-replace"]
    passes_on: bool
    former_init: tuple[str, ...] = ()
    init_options: tuple[str, ...] = ()
    needs_shell: NeedsShell | None = None
    script_file: str | None = None
    inlined: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    user: str | None = None
    switched: tuple[str, Place] | None = None
    cwd: str | None = None
    env: Pairs = ()
    dropped_cmd: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    found: tuple[tuple[Rule, Place, str], ...] = ()


def started(config: ImageConfig, *, passes_on: bool) -> Pair:
    """Return the pair as it stands.

    An ENTRYPOINT of one empty string counts as none when the container is created (moby daemon/create.go).
    """
    entrypoint = argv(config.entrypoint)
    entrypoint = () if entrypoint == ("",) else entrypoint
    return Pair(entrypoint, argv(config.cmd), "append" if entrypoint else "replace", passes_on)


def reduced(
    pair: Pair,
    config: ImageConfig,
    wrapper: Wrapper | None,
    names: Names,
    scripts: Mapping[str, ScriptFile],
) -> Pair | Blocked:
    """Return the pair with nothing in front of the program that can go, or why nothing is done for it."""
    while True:
        following = _init_step(pair, config)
        if isinstance(following, Blocked):
            return following
        following = _user_step(following, config)
        known = wrapper if wrapper and is_entrypoint_of(wrapper, following.entrypoint) else None
        if known is None:
            following = _shell_step(_script_step(following, config, scripts))
        else:
            following = _shell_step(replace(following, passes_on=following.passes_on or known.passes_through))
            following = _wrapper_step(following, config, known, names)
        if following == pair:
            return pair
        pair = following


def _init_step(pair: Pair, config: ImageConfig) -> Pair | Blocked:
    former = take_off_init(pair.entrypoint, pair.cmd, dict(config.env))
    if former is None or isinstance(former, Blocked):
        return pair if former is None else former
    return replace(
        pair,
        entrypoint=former.entrypoint,
        cmd=former.cmd,
        arguments=pair.arguments if former.entrypoint or pair.arguments != "append" else "replace",
        former_init=(*pair.former_init, *former.words),
        init_options=(*pair.init_options, *former.options),
    )


def _user_step(pair: Pair, config: ImageConfig) -> Pair:
    """Take off a switch to a constant user: nothing runs as root before it here, so USER says the same."""
    run_as = user_switch((*pair.entrypoint, *pair.cmd))
    starts_as_root = (config.user or "root").partition(":")[0] in {"root", "0"}
    if run_as is None or not run_as.exact or pair.needs_shell or pair.user or not starts_as_root:
        return pair
    place: Place = "entrypoint" if pair.entrypoint else "cmd"
    entrypoint: tuple[str, ...] = ()
    cmd = run_as.words
    if place == "entrypoint":
        kept = min(len(pair.cmd), len(run_as.words))
        entrypoint, cmd = run_as.words[: len(run_as.words) - kept], run_as.words[len(run_as.words) - kept :]
        if kept < len(pair.cmd) or cmd != pair.cmd:
            return pair  # CMD names the user, or is part of a script for `su`
    user = run_as.user if run_as.user.partition(":")[0] not in {"root", "0"} else None
    return replace(
        pair,
        entrypoint=entrypoint,
        cmd=cmd,
        arguments=pair.arguments if entrypoint else "replace",
        user=user,
        switched=(run_as.tool, place),
        reasons=(*pair.reasons, f"{run_as.tool} only switches to {run_as.user}, which the image does itself"),
    )


def _shell_step(pair: Pair) -> Pair:
    inside = scripted(pair.entrypoint)
    if inside:
        return _unshelled(pair, "entrypoint", inside)
    # ENTRYPOINT ["sh", "-c"] takes its script from CMD.
    open_shell = pair.cmd and scripted((*pair.entrypoint, "_")) and scripted((*pair.entrypoint, *pair.cmd))
    if open_shell:
        return _unshelled(pair, "cmd", open_shell)
    inside = scripted(pair.cmd)
    if inside is None or not pair.entrypoint or pair.passes_on:
        return _unshelled(pair, "cmd", inside) if inside else pair
    why = "its words are given to the entrypoint as arguments"
    return _needing(pair, NeedsShell("cmd", inside.shell, inside.script, why, stays=False))


def _needing(pair: Pair, need: NeedsShell) -> Pair:
    return pair if pair.needs_shell else replace(pair, needs_shell=need)


def _unshelled(pair: Pair, place: Place, inside: Scripted) -> Pair:
    one = NotSimple("login shell") if inside.login else simple(inside.script)
    if isinstance(one, NotSimple):
        tree = read(inside.script)
        stays = isinstance(tree, CannotTell) or not ends_in_exec(tree)
        return _needing(pair, NeedsShell(place, inside.shell, inside.script, reason(one.why), stays))
    ignored = place == "entrypoint"
    return _with_front(
        replace(
            pair,
            entrypoint=() if ignored or scripted((*pair.entrypoint, "_")) else pair.entrypoint,
            cmd=one.words,
            arguments="now-replace" if ignored else pair.arguments if pair.passes_on else "replace",
            dropped_cmd=pair.cmd if ignored else (),
            reasons=(*pair.reasons, "it is one simple command, and the shell did nothing else"),
        ),
        place,
        one,
    )


def _with_front(pair: Pair, place: Place, one: Simple) -> Pair:
    """Note what stood in front of a simple command, or after it."""
    found = []
    if one.cwd is not None:
        found.append((CD, place, f"`cd {one.cwd}` becomes WORKDIR, which a command given to `docker run` sees as well"))
    if one.env:
        pairs = " ".join(f"{name}={value}" for name, value in one.env)
        found.append((ASSIGNMENT, place, f"`{pairs}` becomes ENV, which a command given to `docker run` sees as well"))
    if "2>&1" in one.dropped:
        found.append((ERRORS_JOINED, place, "`2>&1` is left out: error output is on standard error again"))
    cwd = pair.cwd if one.cwd is None else join(pair.cwd or "", one.cwd)
    return replace(pair, cwd=cwd, env=(*pair.env, *one.env), found=(*pair.found, *found))


def _wrapper_step(pair: Pair, config: ImageConfig, wrapper: Wrapper, names: Names) -> Pair:
    rest = pair.entrypoint[1:]
    words = without_wrapper(wrapper, (*rest, *pair.cmd), dict(config.env), names)
    if words is None:
        why = f"the entrypoint {pair.entrypoint[0]} is a script of the base image"
        return _needing(pair, NeedsShell("entrypoint", (wrapper.interpreter,), "", why, stays=False))
    at = len(words) - len(pair.cmd) if rest else 0
    what = f"the base image's entrypoint {pair.entrypoint[0]} is left out: it starts `{' '.join(words)}`"
    return replace(
        pair,
        entrypoint=words[:at],
        cmd=words[at:],
        arguments="append" if at else "replace",
        reasons=(*pair.reasons, f"{pair.entrypoint[0]} of the base image starts just this"),
        found=(*pair.found, (WRAPPER, "entrypoint", what)),
    )


def _script_step(pair: Pair, config: ImageConfig, scripts: Mapping[str, ScriptFile]) -> Pair:
    words = pair.entrypoint or pair.cmd
    at = 0 if words and words[0] in scripts else script_place(words)
    if at is None or words[at] == pair.script_file or words[at] in pair.inlined:
        return pair
    place: Place = "entrypoint" if pair.entrypoint else "cmd"
    script = scripts.get(words[at])
    inside = inline(script.text) if script else None
    if script and isinstance(inside, Inlined) and (inside.words or words[at + 1 :] or place == "entrypoint"):
        pair = _noted(pair, place, script, inside, config)
        return _in_its_place(replace(pair, inlined=(*pair.inlined, words[at])), place, inside, words[at + 1 :])
    pair = replace(pair, script_file=words[at])
    known = programs(script.text) if script else None
    if not isinstance(inside, NotInlined) or not isinstance(known, Programs):
        why = f"{words[at]} is a shell script"
        return _needing(pair, NeedsShell(place, words[:at], "", why, stays=False))
    why = f"{words[at]}, line {inside.line}: {reason(inside.why)}"
    passes_on = pair.passes_on or known.passes_on == "exec"
    need = NeedsShell(place, words[:at], "", why, stays=not known.ends_in_exec)
    return _needing(replace(pair, passes_on=passes_on, needs_shell=None), need)


def _noted(pair: Pair, place: Place, script: ScriptFile, inside: Inlined, config: ImageConfig) -> Pair:
    """Note what a trivial script sets; a variable it does not export counts where the image sets it."""
    set_here = dict(config.env)
    env = (*((name, text) for name, text in inside.local if name in set_here), *inside.env)
    dropped = ("2>&1",) if "2>&1" in inside.dropped else ()
    front = _with_front(pair, place, Simple(inside.cwd, env, inside.words, dropped))
    line = at_line(script.path, script.text.split("\n"), inside.line)
    reasons = (*pair.reasons, f"{script.path} does nothing else")
    return replace(front, evidence=(*pair.evidence, line), reasons=reasons)


def _in_its_place(pair: Pair, place: Place, inside: Inlined, rest: tuple[str, ...]) -> Pair:
    """Put what a trivial script starts in its place; `rest` are the words behind the script."""
    words = (*inside.words, *rest)
    if inside.passes_arguments and place == "entrypoint":
        return replace(pair, entrypoint=words, arguments="append" if words else "replace")
    if inside.passes_arguments or place == "cmd":
        return replace(pair, cmd=words if inside.passes_arguments else inside.words)
    return replace(pair, entrypoint=(), cmd=inside.words, arguments="now-replace", dropped_cmd=pair.cmd)
