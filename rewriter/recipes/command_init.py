"""An init that already stands in front of the command: taken off, its options said in tini's words."""

from __future__ import annotations

from collections.abc import Mapping

from rewriter.images.catalog import init_named, take_apart
from rewriter.notes import Rule
from rewriter.recipes.command_kind import Blocked
from rewriter.record import record

FORMER_INIT = Rule("init-already-there", "the command starts with an init of its own", "H17")
UNKNOWN_OPTION = Rule("init-option-without-counterpart", "the init has an option that tini does not have", "H17")

# What an option comes to in tini 0.19: its own words, or None for what it cannot do. A value is the next word.
_TINI: Mapping[str, tuple[str, ...] | None] = {"-R": None}
_DUMB_INIT: Mapping[str, tuple[str, ...] | None] = {
    "-c": (),
    "--single-child": (),
    "-v": ("-v",),
    "--verbose": ("-v",),
    "-r": None,
    "--rewrite": None,
}
_OPTIONS = {"tini": _TINI, "docker-init": _TINI, "dumb-init": _DUMB_INIT, "catatonit": _TINI}
_STAND_IN = "stand-in"


@record
class Former:
    """The pair without its init; `words` are the init as it was, `options` those of tini that do the same."""

    entrypoint: tuple[str, ...]
    cmd: tuple[str, ...]
    words: tuple[str, ...]
    options: tuple[str, ...]


def take_off_init(entrypoint: tuple[str, ...], cmd: tuple[str, ...], env: Mapping[str, str]) -> Former | Blocked | None:
    """Return the pair without the init at its head, why that cannot be done, or None where there is no init.

    The init's options may run on into CMD: `ENTRYPOINT ["tini"]` with `CMD ["--", "app"]`.
    """
    words = (*entrypoint, *cmd)
    init = init_named(words[0]) if words else None
    if init is None or init.role != "wrapper":
        return None
    # An init without a command is one whose command is given to `docker run`.
    use = take_apart(words if cmd else (*words, _STAND_IN))
    if use is None:
        return _blocked(init.name, " ".join(words[1:]))
    behind = use.command if cmd else use.command[:-1]
    former = words[: len(words) - len(behind)]
    kept = min(len(cmd), len(behind))
    options = _translated(init.name, use.options, env)
    if options is None:
        return _blocked(init.name, " ".join(use.options))
    return Former(behind[: len(behind) - kept], behind[len(behind) - kept :], former, options)


def _blocked(name: str, options: str) -> Blocked:
    why = f"{name} is given `{options}`, and tini has nothing that does the same"
    return Blocked(UNKNOWN_OPTION, why, "leave the option out if the program does without it, then convert")


def _translated(name: str, options: tuple[str, ...], env: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return tini's options for those of another init; None if there are none.

    dumb-init signals the whole session (tini's `-g`), unless told to signal its child alone.
    """
    known = _OPTIONS.get(name, {})
    single = env.get("DUMB_INIT_SETSID") == "0" or not {"-c", "--single-child"}.isdisjoint(options)
    words = ["-g"] if name == "dumb-init" and not single else []
    for option in options:
        same = known.get(option, (option,))
        if same is None or any(option.startswith(no) for no, yes in known.items() if yes is None):
            return None
        words += same
    return tuple(words)
