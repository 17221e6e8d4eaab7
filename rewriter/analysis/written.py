"""Which files and folders a stage puts into its image, told from its COPY, ADD, WORKDIR and RUN lines; or why not.

For recipes that name what they copy. Only what is understood to the last command counts: copies and builds below
folders of the image's own, packages that the caller says are not missed, users. Nothing is said of what a package
manager keeps for itself, nor of what is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from posixpath import basename, dirname, isabs, join, normpath

from rewriter.analysis.evidence import Evidence
from rewriter.analysis.runs import Deed, Opaque, Run, runs_in
from rewriter.analysis.writers import Cannot, Writes, writes_of
from rewriter.images.model import KnownImage, Packages
from rewriter.record import record
from rewriter.semantics.build import CopyStep, RunStep, SetStep, Stage, Step
from rewriter.semantics.shell import SimpleCommand, commands_of

# Folders of every distribution, in which images put folders of their own.
_SHARED = frozenset("/ /home /media /mnt /opt /srv /usr /usr/local /usr/src /var /var/lib /var/log /var/www".split())
# Trees of the distribution: what is put there may take the place of something, or be found by name.
_SYSTEM = frozenset(
    "/bin /boot /dev /etc /lib /lib32 /lib64 /libx32 /nodejs /proc /root /run /sbin /sys /tmp /usr/bin /usr/games "
    "/usr/include /usr/java /usr/lib /usr/lib32 /usr/lib64 /usr/libexec /usr/libx32 /usr/local/bin /usr/local/etc "
    "/usr/local/games /usr/local/include /usr/local/lib /usr/local/man /usr/local/sbin /usr/local/share /usr/sbin "
    "/usr/share /var/cache /var/lib/apt /var/lib/dpkg /var/local /var/lock /var/mail /var/run /var/spool "
    "/var/tmp".split()
)
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".txz", ".tar.zst")
# Names that files have, and no folders.
_FILES = (
    *(".jar", ".war", ".js", ".mjs", ".cjs", ".ts", ".json", ".yml", ".yaml", ".toml", ".xml", ".properties", ".conf"),
    *(".cfg", ".ini", ".lock", ".txt", ".sh", ".env", ".pem", ".crt", ".key", ".html", ".css", ".sql", ".wasm"),
)
_SAFE_MODES = frozenset({"+x", "a+x", "u+x", "ug+x", "755", "0755", "+rx", "a+rx", "+r", "a+r", "a+rX"})
_ROOTS = frozenset({"", "0", "root"})

Spare = Callable[[Packages, str], bool]


@record
class Place:
    """A file or folder. `owner` is whose the folder itself is ("" for root's), as `user:group`.

    `whole`: all that lies in it is the owner's. `file`: it is a file for certain.
    """

    path: str
    owner: str = ""
    whole: bool = True
    file: bool = False


@record
class Written:
    """The places a stage writes, none inside another, and whether its RUNs make users."""

    places: tuple[Place, ...]
    users: bool = False

    def holds(self, path: str) -> bool:
        """Return whether a path is one of the places or lies in one."""
        return any(_in(path, place.path) for place in self.places)


@record
class Untold:
    """Why it cannot be told what a stage writes, and where that is seen."""

    why: str
    evidence: Evidence


def written(stage: Stage, spare: Spare) -> Written | Untold:
    """Return what the stage, and those of the file it is built on, write into the image.

    `spare` says of a package whether the image does without it.
    """
    root = stage.root
    trees = root.trees if isinstance(root, KnownImage) else ()
    found = _Found(tuple(tree.partition("*")[0].partition("{")[0].rstrip("/") for tree in trees))
    steps = stage.all_steps
    for step, after in zip(steps, (*(one.state.cwd for one in steps[1:]), stage.state.cwd), strict=True):
        try:
            _follow(found, step, spare, after)
        except Cannot as unclear:
            return Untold(str(unclear), Evidence(f"Dockerfile:{step.instruction.span.line}", step.instruction.text))
    return Written(tuple(found.places.values()), found.users)


@dataclass(slots=True)
class _Found:
    """What was written so far, by path."""

    trees: tuple[str, ...]
    places: dict[str, Place] = field(default_factory=dict)
    empty: set[str] = field(default_factory=set)
    users: bool = False

    def make(self, path: str, owner: str = "") -> None:
        """Note that a folder is made at a path; it is empty where nothing is known in it."""
        is_new = not any(_in(path, place) or _in(place, path) for place in self.places)
        self.add(path, owner)
        if is_new:
            self.empty.add(path)

    def around(self, path: str) -> Place | None:
        """Return the place that a path is, or lies in."""
        return next((place for place in self.places.values() if _in(path, place.path)), None)

    def add(self, path: str, owner: str = "", *, file: bool = False) -> None:
        """Note that something is written at a path, by or for this user; what is made anew is the owner's."""
        around = self.around(path)
        if around is not None:
            self.empty.discard(around.path)
            if owner != around.owner:
                self.places[around.path] = Place(around.path, around.owner, whole=False)
            return
        if not self.is_own(path):
            raise Cannot(f"it writes to {path}, which the distribution has as well")
        inner = [place for place in self.places.values() if _in(place.path, path)]
        for place in inner:
            del self.places[place.path]
        is_whole = all(place.whole and place.owner == owner for place in inner)
        self.places[path] = Place(path, owner, is_whole, file)

    def is_own(self, path: str) -> bool:
        """Return whether a path is none that the base image has."""
        if path in _SHARED or any(_in(path, tree) or _in(tree, path) for tree in (*_SYSTEM, *self.trees)):
            return False
        return dirname(path) in _SHARED or self.is_own(dirname(path))


def _follow(found: _Found, step: Step, spare: Spare, after: str) -> None:
    """Follow one step; `after` is the work directory below it."""
    match step:
        case CopyStep():
            for path, inside in _landing(step):
                _copied(found, step, path, inside=inside)
        case RunStep():
            _run(found, step, spare)
        case SetStep() if step.instruction.name == "WORKDIR":
            if found.is_own(normpath(after)) and found.around(normpath(after)) is None:
                found.make(normpath(after))


def _landing(step: CopyStep) -> Iterator[tuple[str, bool]]:
    """Yield the paths that a COPY or ADD writes, and whether it writes into a folder of that path."""
    target = normpath(step.target)
    for name, _ in step.inline:
        yield normpath(join(target, name)) if not isabs(name) else normpath(name), False
    for source in step.sources:
        name = basename(source.rstrip("/"))
        is_file = name.endswith(_FILES) and not (set("*?[") & set(name))
        unpacks = step.instruction.name == "ADD" and name.endswith(_ARCHIVES)
        into = step.target.endswith("/") or len(step.sources) > 1
        if is_file and not unpacks and (into or target in _SHARED):
            yield normpath(join(target, name)), False
        else:
            yield target, not is_file or unpacks


def _copied(found: _Found, step: CopyStep, path: str, *, inside: bool) -> None:
    if any(name == "chmod" for name, _ in step.flags) and inside:
        raise Cannot(f"it changes the mode of all in {path}")
    owner = _owner(dict(step.flags).get("chown", ""))
    found.add(path, owner, file=not inside and path.endswith(_FILES))
    if step.origin is not None and owner == "" and inside:  # owners come along from the other stage
        place = found.around(path)
        if place is not None:
            found.places[place.path] = Place(place.path, place.owner, whole=False)


def _run(found: _Found, step: RunStep, spare: Spare) -> None:
    runs = tuple(runs_in(step))
    if any(isinstance(run, Opaque) for run in runs):
        raise Cannot("its script cannot be read")
    commands = commands_of(step.command, step.state.env, step.state.cwd)
    for run, command in zip(runs, commands, strict=True):
        if isinstance(run, Run):
            _redirected(found, run, command)
            _done(found, run, spare)


def _redirected(found: _Found, run: Run, command: SimpleCommand) -> None:
    for redirect in command.redirects:
        target = redirect.target.text
        if not redirect.operator.startswith((">", "&>")) or (target and target.startswith("/dev/")):
            continue
        if target is not None and (target.isdecimal() or target == "-"):
            continue
        if target is None or run.cwd is None:
            raise Cannot("it writes to a file whose name cannot be told")
        found.add(normpath(join(run.cwd, target)), _user(run))


def _done(found: _Found, run: Run, spare: Spare) -> None:
    match run.deed:
        case Deed.SILENT | Deed.CLEAN:
            return
        case Deed.USER:
            found.users = True
        case Deed.INSTALL if run.manager is not None:
            kept = [name for name in run.packages if not spare(run.manager, name)]
            if kept or not run.packages:
                raise Cannot(f"it installs {', '.join(kept) or 'packages that cannot be told'}, which may be needed")
        case Deed.FOLDER:
            _folder(found, run)
        case _:
            _wrote(found, run, writes_of(run))


def _wrote(found: _Found, run: Run, writes: Writes) -> None:
    for path in writes.paths:
        if run.cwd is None and not isabs(path):
            raise Cannot("the folder it runs in cannot be told")
        found.add(normpath(join(run.cwd or "/", path)), _user(run))
    for path in writes.inside:
        if run.cwd is None and not isabs(path):
            raise Cannot("the folder it runs in cannot be told")
        folder = normpath(join(run.cwd or "/", path))
        if found.around(folder) is None:
            raise Cannot(f"it writes into {folder}, which is no folder of the application's own")
        found.add(folder, _user(run))


def _folder(found: _Found, run: Run) -> None:
    """Follow mkdir, chown, chmod, touch."""
    words = run.argv
    if words is None or run.cwd is None:
        raise Cannot("the paths it changes cannot be told")
    name, options = words[0], [word for word in words[1:] if word.startswith("-")]
    plain = [word for word in words[1:] if not word.startswith("-")]
    if name in {"mkdir", "touch"} and set(options) <= {"-p", "-pv", "-vp", "-v", "--parents"}:
        note = found.make if name == "mkdir" else found.add
        for path in plain:
            note(_path(run, path), _user(run))
    elif name in {"chown", "chgrp"} and len(plain) > 1:
        for path in plain[1:]:
            owner = plain[0] if name == "chown" else ""
            _given(found, _path(run, path), owner, is_deep=any("R" in option for option in options))
    elif name == "chmod" and len(plain) > 1:
        for path in plain[1:]:
            _changed(found, _path(run, path), plain[0])
    else:
        raise Cannot(f"{name} is used in a way that is not read")


def _path(run: Run, word: str) -> str:
    if set("*?[{~") & set(word):
        raise Cannot(f"{word} may be several paths")
    return normpath(join(run.cwd or "/", word))


def _given(found: _Found, path: str, owner: str, *, is_deep: bool) -> None:
    """Follow a chown: the owner of all below a path, or of the path alone."""
    if ":" not in owner:
        raise Cannot(f"the owner of {path} is changed to {owner or 'another group'}, whose other half is not known")
    new = _owner(owner)
    place = found.around(path)
    if place is None:
        inner = any(_in(other, path) for other in found.places)
        found.add(path, new)
        found.places[path] = Place(path, new, whole=is_deep or not inner)
    elif place.path == path:
        is_whole = is_deep or path in found.empty or (place.whole and place.owner == new)
        found.places[path] = Place(path, new, is_whole)
    elif new != place.owner:
        found.places[place.path] = Place(place.path, place.owner, whole=False)


def _changed(found: _Found, path: str, mode: str) -> None:
    """Follow a chmod, which for a place itself may only say what a copy has anyhow."""
    place = found.around(path)
    if place is None:
        raise Cannot(f"the mode of {path} is changed, which is no folder of the application's own")
    if place.path == path and mode not in _SAFE_MODES:
        raise Cannot(f"the mode of {path} is changed to {mode}")


def _user(run: Run) -> str:
    return _owner(run.step.state.user or "")


def _owner(written_: str) -> str:
    """Return an owner as `user:group`; "" for root. Without a group it is the user's own, named like the user."""
    user, _, group = written_.partition(":")
    if user in _ROOTS and group in _ROOTS:
        return ""
    return f"{user}:{group or user}"


def _in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")
