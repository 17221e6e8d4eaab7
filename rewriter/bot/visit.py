"""One repository from its address to its pull requests: look, clone, convert, and propose each group of files.

How files are converted is a parameter: it is the command line that knows how to search a folder and read its options.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rewriter import __version__
from rewriter.bot.body import Measurement, Style, body, title
from rewriter.bot.forge import Forge, Remote
from rewriter.bot.forges.patch import Mailbox
from rewriter.bot.groups import group_results
from rewriter.bot.identity import FileChange, branch_name, file_digest, plan_digest
from rewriter.bot.propose import Case, Proposed, propose
from rewriter.bot.rehearsal import Rehearsal, Write
from rewriter.bot.repository import UNSIGNED, Look, Repository, Signing, look
from rewriter.bot.repository import clone as clone_at
from rewriter.bot.secret import Secret
from rewriter.bot.settings import Settings, SettingsError, read_settings
from rewriter.bot.state import Branch, Wanted
from rewriter.bot.status import BotError, Status
from rewriter.bot.target import Target
from rewriter.report.diff import blob_id
from rewriter.report.result import Failed, Fault, Result

Convert = Callable[[Path], Iterable[Result]]
Measure = Callable[[Path, Sequence[Result]], Sequence[Measurement]]
_REGULAR = ("100644", "100755")
# There an open pull request takes room, whoever's turn it is.
_TAKES_ROOM = frozenset(
    {Status.OPENED, Status.UPDATED, Status.CURRENT, Status.EDITED, Status.STALE, Status.REOPENED, Status.BRANCH_GONE}
)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a visit needs besides the repository: how to convert the files below a folder, and how to write."""

    convert: Convert
    secret: Secret | None = None
    signing: Signing = UNSIGNED
    overrides: Callable[[Settings], Settings] = lambda settings: settings
    measure: Measure = lambda _folder, _results: ()
    rehearse: Callable[[Write], None] | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """What became of a repository: the commit it was looked at, its results, and its pull requests."""

    target: Target
    base: str = ""
    results: tuple[Result, ...] = ()
    proposed: tuple[Proposed, ...] = ()


def visit(target: Target, forge: Forge | Mailbox, desk: Desk) -> Visit:
    """Return what became of one repository; whatever goes wrong is a word in it."""
    return _in_a_clone(target, desk, lambda clone: _visit(target, clone, forge, desk))


def survey(target: Target, desk: Desk, known: str = "") -> Visit | None:
    """Return what could be converted in one repository, None where its base is the one already known.

    No forge is asked, and nothing is written.
    """
    found = _in_a_clone(target, desk, lambda clone: Visit(target, clone.base, clone.results), known)
    return None if found.base == known and found.base and not found.proposed else found


@dataclass(frozen=True, slots=True)
class _Clone:
    """A repository at its base, with what its conversion gave."""

    repository: Repository
    settings: Settings
    heads: dict[str, str]
    files: dict[bytes, tuple[str, str]]
    results: tuple[Result, ...]

    @property
    def base(self) -> str:
        return self.repository.base


def _in_a_clone(target: Target, desk: Desk, use: Callable[[_Clone], Visit], known: str = "") -> Visit:
    """Return what is made of a clone, which is gone afterwards; `known` is a base that is not cloned again."""
    with tempfile.TemporaryDirectory(prefix="dfmod-") as place:
        folder = Path(place, "clone")
        folder.mkdir()
        try:
            seen = look(target.url, folder.parent, desk.secret)
            if seen.default not in seen.heads:
                return _ended(target, Status.NOTHING, "the repository is empty")
            if seen.heads[seen.default] == known:
                return Visit(target, known)
            repository, settings = _cloned(target, seen, desk, folder)
            if not settings.enabled:
                return _ended(target, Status.DISABLED, base=repository.base)
            files = repository.files()
            results = tuple(_relative(result, repository.folder, files) for result in desk.convert(repository.folder))
            return use(_Clone(repository, settings, seen.heads, files, results))
        except SettingsError as error:
            return _ended(target, Status.FAILED, str(error))
        except BotError as error:
            return _ended(target, error.status, str(error))


def _ended(target: Target, status: Status, message: str = "", base: str = "") -> Visit:
    return Visit(target, base, (), (Proposed("", status, message=message),))


def _visit(target: Target, clone: _Clone, forge: Forge | Mailbox, desk: Desk) -> Visit:
    style = Style(forge.body_limit, forge.folds, forge.reference)
    cases = _cases(clone, style, desk)
    if isinstance(forge, Mailbox):
        proposed = _deliver(target, cases, clone.repository, forge, desk)
    else:
        proposed = _propose(cases, clone.repository, forge, clone.settings.max_open, desk.rehearse)
    return Visit(target, clone.base, clone.results, proposed)


def _propose(
    cases: list[Case], repository: Repository, forge: Forge, most: int, rehearse: Callable[[Write], None] | None
) -> tuple[Proposed, ...]:
    obstacle = forge.obstacle() if any(case.wanted for case in cases) else None
    remote: Remote = repository
    if rehearse is not None:
        forge = remote = Rehearsal(forge, say=rehearse)
    proposed: list[Proposed] = []
    for case in cases:
        room = sum(p.status in _TAKES_ROOM for p in proposed) < most
        proposed.append(propose(case, remote, forge, obstacle=obstacle, room=room))
    return tuple(proposed)


def _deliver(
    target: Target, cases: list[Case], repository: Repository, mailbox: Mailbox, desk: Desk
) -> tuple[Proposed, ...]:
    proposed = []
    for case in cases:
        one, writes = mailbox.deliver(case, repository, target.path, rehearse=desk.rehearse is not None)
        proposed.append(one)
        if desk.rehearse is not None:
            for write in writes:
                desk.rehearse(write)
    return tuple(proposed)


def _cloned(target: Target, seen: Look, desk: Desk, folder: Path) -> tuple[Repository, Settings]:
    """Return the clone at the branch that the settings name; they are those of the default branch."""
    get = partial(clone_at, target.url, secret=desk.secret, signing=desk.signing)
    repository = get(folder, branch=seen.default, commit=seen.heads[seen.default])
    settings = desk.overrides(read_settings(folder))
    if settings.base in ("", seen.default):
        return repository, replace(settings, base=seen.default)
    if settings.base not in seen.heads:
        raise SettingsError(f"bot.base: there is no branch {settings.base}")
    other = folder.parent / "other"
    other.mkdir()
    return get(other, branch=settings.base, commit=seen.heads[settings.base]), settings


def _relative(result: Result, folder: Path, files: dict[bytes, tuple[str, str]]) -> Result:
    """Return a result under the file's name in git; failed where git does not have the file as it was read."""
    real = os.path.relpath(os.path.realpath(result.path), os.path.realpath(folder))
    mode, blob = files.get(os.fsencode(real), ("", ""))
    if result.status == "rewritten" and (mode not in _REGULAR or blob != blob_id(result.before)):
        why = Failed(Fault.INPUT, "not a regular file of the repository", "name the file itself, not a link to it")
        return Result(real, result.before, why)
    return replace(result, path=real)


def _cases(clone: _Clone, style: Style, desk: Desk) -> list[Case]:
    """Return a case for every group, and one for every branch of ours that no group has any more.

    Those that have a branch come first: what is open takes room before something new does.
    """
    # Git cannot hold a branch `dfmod` and a branch `dfmod/convert` both.
    prefix = clone.settings.branch_prefix
    if prefix.rstrip("/") in clone.heads:
        prefix = prefix.rstrip("/") + "-"
    grouped = group_results(clone.results, clone.settings.group)
    groups = {branch_name(prefix, key): found for key, found in grouped.items()}
    ours = re.compile(re.escape(prefix) + r"convert(-([a-z0-9-]+-)?[0-9a-f]{8})?")
    left: dict[str, tuple[Result, ...]] = {
        name: () for name in clone.heads if ours.fullmatch(name) and name not in groups
    }
    cases = [_case(name, found, clone, style, desk) for name, found in {**groups, **left}.items()]
    return sorted(cases, key=lambda case: (case.found is None, case.branch))


def _case(branch: str, results: tuple[Result, ...], clone: _Clone, style: Style, desk: Desk) -> Case:
    repository, settings = clone.repository, clone.settings
    head = clone.heads.get(branch)
    summary = title(results)
    subject = settings.commit_message.replace("{summary}", summary[:1].lower() + summary[1:])

    def text(limit: int, follows: int | None) -> str:
        measured = desk.measure(repository.folder, results)
        return body(results, branch, replace(style, limit=limit), follows=follows, measured=measured)

    return Case(
        branch=branch,
        base=settings.base,
        title=summary,
        wanted=_wanted(results, clone, subject),
        found=Branch(head, repository.own(branch, head)) if head else None,
        text=text,
        tool=__version__,
        rebase=settings.rebase,
        recreate=settings.recreate,
        draft=settings.draft,
        labels=settings.labels,
        reviewers=settings.reviewers,
    )


def _wanted(results: tuple[Result, ...], clone: _Clone, subject: str) -> Wanted | None:
    """Return the commit for the converted files, which the clone then has; None where there are none."""
    repository, files = clone.repository, clone.files
    known = [(os.fsencode(result.path), result) for result in results if os.fsencode(result.path) in files]
    digests = {path: file_digest(path, files[path][1]) for path, _ in known}
    changes = tuple(
        FileChange(path, files[path][1], repository.store(result.after), files[path][0])
        for path, result in known
        if result.status == "rewritten"
    )
    if not changes:
        return None
    changed = frozenset(digests[change.path] for change in changes)
    head = repository.commit(changes, subject)
    return Wanted(head, repository.base, plan_digest(changes), changed, tuple(sorted(digests.values())))
