"""A stage while its instructions are read: the configuration so far, and what words expand to.

The only mutable value of this package; `begin` makes one from a base, `finish` freezes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from rewriter.images.model import DEFAULT_PATH, DEFAULT_SHELL, Command, Healthcheck, ImageConfig, Pairs, Shell
from rewriter.semantics.build import State
from rewriter.semantics.paths import workdir
from rewriter.semantics.scope import Scope


@dataclass(slots=True)
class Draft:
    """The fields of `ImageConfig` that instructions change, with the scope beside them.

    `cmd_is_own` says that this stage set the command: then ENTRYPOINT does not clear it. `args` are the build
    arguments of the user, `global_args` what an ARG without a default falls back to.
    """

    base: ImageConfig
    scope: Scope
    args: Mapping[str, str]
    global_args: Mapping[str, str]
    user: str | None
    workdir: str | None
    entrypoint: Command | None
    cmd: Command | None
    shell: tuple[str, ...] | None
    stopsignal: str | None
    healthcheck: Healthcheck | None
    author: str | None
    env: list[tuple[str, str]]
    labels: dict[str, str]
    ports: set[str]
    volumes: set[str]
    onbuild: list[str] = field(default_factory=list)
    cmd_is_own: bool = False
    _env_places: dict[str, int] = field(default_factory=dict)
    _state: State | None = None

    def set_env(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Carry out an ENV: a name keeps its place in the image; of two equal names the first is replaced."""
        for pair in pairs:
            place = self._env_places.setdefault(pair[0], len(self.env))
            self.env[place : place + 1] = [pair]
            self.scope.assign([pair])

    def state(self) -> State:
        """Return what is in force now; as long as nothing changes, the same value again."""
        cwd, env, shell = self.workdir or "/", self.scope.variables(), self.shell or DEFAULT_SHELL
        last = self._state
        if last is None or last.env is not env or (last.cwd, last.user, last.shell) != (cwd, self.user, shell):
            self._state = last = State(cwd, self.user, env, shell)
        return last


def begin(
    base: ImageConfig, inherited: Pairs, escape: str, args: Mapping[str, str], global_args: Mapping[str, str]
) -> Draft:
    """Return the draft of a stage built on `base`, where `inherited` are the variables at the end of a base stage.

    As in BuildKit, a PATH is added where there is none, and the variables of the image are set once more, so that
    they win over inherited ARGs of the same name. ONBUILD triggers are not inherited; they run.
    """
    env = list(base.env)
    if all(name != "PATH" for name, _ in env):
        env.append(("PATH", DEFAULT_PATH))
    scope = Scope(escape)
    scope.assign(inherited)
    scope.assign(env)
    places: dict[str, int] = {}
    for place, (name, _) in enumerate(env):
        places.setdefault(name, place)
    return Draft(
        base=base,
        scope=scope,
        args=args,
        global_args=global_args,
        user=base.user or None,
        workdir=workdir(base.workdir, base.workdir) if base.workdir else None,
        entrypoint=base.entrypoint,
        cmd=base.cmd,
        shell=base.shell,
        stopsignal=base.stopsignal,
        healthcheck=base.healthcheck,
        author=base.author,
        env=env,
        labels=dict(base.labels),
        ports=set(base.ports),
        volumes=set(base.volumes),
        _env_places=places,
    )


def finish(draft: Draft) -> ImageConfig:
    """Return the configuration the stage would have as an image."""
    base = draft.base
    return ImageConfig(
        user=draft.user,
        workdir=draft.workdir,
        env=_shared(tuple(draft.env), base.env),
        entrypoint=draft.entrypoint,
        cmd=draft.cmd,
        shell=draft.shell,
        ports=tuple(sorted(draft.ports)),
        volumes=tuple(sorted(draft.volumes)),
        labels=_shared(tuple(draft.labels.items()), base.labels),
        stopsignal=draft.stopsignal,
        healthcheck=_run_by(draft.healthcheck, draft.shell or DEFAULT_SHELL),
        onbuild=tuple(draft.onbuild),
        author=draft.author,
    )


def _shared(new: Pairs, old: Pairs) -> Pairs:
    """Return the old tuple where nothing changed: long chains of stages then share one."""
    return old if new == old else new


def _run_by(check: Healthcheck | None, shell: tuple[str, ...]) -> Healthcheck | None:
    """Return the health check with the shell the engine will use for it: the SHELL of the finished image."""
    if check is None or not isinstance(check.command, Shell):
        return check
    return replace(check, command=Shell(check.command.script, shell))
