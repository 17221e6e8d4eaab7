"""One repository: looked at from afar, cloned, and given a commit that anyone who makes it again makes the same.

A commit is made from blobs, without the work tree. Its dates are its parent's and its message names its plan, so that
it can be recognised from itself alone: whoever amends it, even under the bot's own name, makes another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rewriter.bot.git import Git
from rewriter.bot.identity import EMAIL, NAME, FileChange, message, plan_digest, trailer_plan
from rewriter.bot.secret import Secret
from rewriter.bot.state import Own
from rewriter.bot.status import BotError, Status
from rewriter.report.printable import printable

_HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Look:
    """What a remote shows: its default branch and where each branch points."""

    default: str
    heads: dict[str, str]


@dataclass(frozen=True, slots=True)
class Signing:
    """How commits are signed: "none", "ssh" or "gpg", with the name of the key. Never with a key from a repository."""

    kind: str = "none"
    key: str = ""


UNSIGNED = Signing()


def look(url: str, folder: Path, secret: Secret | None) -> Look:
    """Return the default branch of a remote and the heads of its branches, with one connection.

    Raises:
        BotError: it does not answer, or wants another token.
    """
    listed = Git(folder, secret).run("ls-remote", "--symref", "--", url, "HEAD", f"{_HEADS}*", network=True)
    default, heads = "", {}
    for line in listed.decode("utf-8", "surrogateescape").splitlines():
        value, _, name = line.partition("\t")
        if name == "HEAD" and value.startswith(f"ref: {_HEADS}"):
            default = value.removeprefix(f"ref: {_HEADS}")
        elif name.startswith(_HEADS):
            heads[name.removeprefix(_HEADS)] = value
    return Look(default, heads)


@dataclass(frozen=True, slots=True)
class Repository:
    """A clone, with its remote behind it. Keeps the protocol `Remote`."""

    git: Git
    url: str
    base: str
    signing: Signing = UNSIGNED

    @property
    def folder(self) -> Path:
        """The work tree, at the base."""
        return self.git.folder

    def files(self) -> dict[bytes, tuple[str, str]]:
        """Return the mode and the blob of every file of the base, by its path."""
        rows = self.git.run("ls-tree", "-r", "-z", self.base).split(b"\0")
        listed = (row.partition(b"\t") for row in rows if row)
        fields = ((path, head.decode("ascii").split()) for head, _, path in listed)
        return {path: (mode, blob) for path, (mode, kind, blob) in fields if kind == "blob"}

    def store(self, data: bytes) -> str:
        """Return the name of these bytes as a blob, which the clone then has."""
        return _line(self.git.run("hash-object", "-w", "--no-filters", "--stdin", stdin=data))

    def commit(self, changes: Iterable[FileChange], subject: str) -> str:
        """Return the commit that makes these changes to the base: the same for the same changes, whoever makes it."""
        changes = tuple(changes)
        index = {"GIT_INDEX_FILE": str(self.folder / ".git" / "dfmod-index")}
        rows = b"".join(b"%s %s\t%s\0" % (c.mode.encode(), c.after.encode(), c.path) for c in changes)
        self.git.run("read-tree", self.base, more=index)
        self.git.run("update-index", "-z", "--index-info", stdin=rows, more=index)
        tree = _line(self.git.run("write-tree", more=index))
        text = message(subject, plan_digest(changes)).encode()
        sign = _sign(self.signing)
        return _line(
            self.git.run(
                *sign[0],
                *("commit-tree", *sign[1], "-p", self.base, "-F", "-", tree),
                stdin=text,
                more=_identity(self._date(self.base)),
            )
        )

    def own(self, branch: str, head: str) -> Own | None:
        """Return what the head of a branch of the remote carries if it proves to be the bot's, else None.

        It does when its one parent has its dates, both its people are the bot, and the plan that its message names is
        what it changes.

        Raises:
            BotError: it cannot be fetched.
        """
        self._fetch(branch, head)
        form = "--format=%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B"
        shown = self.git.run("show", "--no-patch", "--no-notes", form, head).decode("utf-8", "backslashreplace")
        parents, *people, text = shown.split("\0", 7)
        plan = trailer_plan(text)
        if " " in parents or not parents or plan is None:
            return None
        date = str(self._date(parents))
        if people != [NAME, EMAIL, date, NAME, EMAIL, date] or plan != self._plan(parents, head):
            return None
        return Own(plan, parents)

    def mail(self, commit: str) -> bytes:
        """Return a commit as a mail that `git am` takes."""
        plain = ("--no-signature", "--no-color", "--no-ext-diff", "--no-textconv", "--full-index")
        return self.git.run("format-patch", "--stdout", "--no-renames", *plain, "-1", commit)

    def push(self, commit: str, branch: str, lease: str | None) -> None:
        """Make a branch of the remote point at a commit, if it points at the lease now.

        Raises:
            BotError: it does not, or the forge does not want it.
        """
        self._push(f"{commit}:{_HEADS}{branch}", branch, lease or "")

    def delete(self, branch: str, lease: str) -> None:
        """Delete a branch of the remote, if it points at the lease.

        Raises:
            BotError: it does not, or the forge does not want it.
        """
        self._push(f":{_HEADS}{branch}", branch, lease)

    def _fetch(self, branch: str, head: str) -> None:
        self.git.run("fetch", "--quiet", "--no-tags", "--depth=2", "--", self.url, f"{_HEADS}{branch}", network=True)
        if _line(self.git.run("rev-parse", "--verify", "FETCH_HEAD^{commit}")) != head:
            raise BotError(Status.POSTPONED, "the branch moved while it was looked at")

    def _push(self, refspec: str, branch: str, lease: str) -> None:
        flags = ("--porcelain", "--no-verify", "--no-signed", f"--force-with-lease={_HEADS}{branch}:{lease}")
        done = self.git.attempt("push", *flags, "--", self.url, refspec, network=True)
        if done.returncode != 0:
            raise self._refused(done.stdout, done.stderr)

    def _refused(self, said: bytes, errors: bytes) -> BotError:
        rejected = [line for line in said.decode("utf-8", "backslashreplace").splitlines() if line.startswith("!\t")]
        if not rejected:
            return self.git.failure("push", errors)
        why = rejected[0].rpartition("\t")[2]
        told = printable(f"{why} {errors.decode('utf-8', 'backslashreplace')}".lower())
        told = self.git.secret.scrub(told) if self.git.secret else told
        if "stale info" in why or "fetch first" in why or "already exists" in why or "cannot lock ref" in why:
            return BotError(Status.LEASE, "somebody pushed to the branch meanwhile")
        if "merge queue" in told:
            return BotError(Status.QUEUED, why)
        if "protected" in told:
            return BotError(Status.PROTECTED, why)
        return BotError(Status.PUSH_REFUSED, f"{printable(why)}")

    def _date(self, commit: str) -> int:
        return int(_line(self.git.run("show", "--no-patch", "--no-notes", "--format=%ct", commit)).splitlines()[0])

    def _plan(self, parent: str, head: str) -> str | None:
        """Return the plan that lies between two commits; None where it is none of ours: files come, go, change mode."""
        raw = self.git.run("diff-tree", "-r", "-z", "--no-renames", "--full-index", "--raw", parent, head).split(b"\0")
        changes = []
        for head_, path in zip(raw[0:-1:2], raw[1::2], strict=True):
            mode, new_mode, before, after, kind = head_.decode("ascii").removeprefix(":").split()
            if kind != "M" or mode != new_mode:
                return None
            changes.append(FileChange(path, before, after, mode))
        return plan_digest(changes)


def clone(
    url: str, folder: Path, *, branch: str, commit: str, secret: Secret | None = None, signing: Signing = UNSIGNED
) -> Repository:
    """Return a clone of one commit, the head of a branch, with its files as they are in git, byte for byte.

    Raises:
        BotError: it cannot be had.
    """
    git = Git(folder, secret)
    git.run("init", "--quiet", "--template=", f"--initial-branch={NAME}")
    git.run("fetch", "--quiet", "--no-tags", "--depth=1", "--", url, f"{_HEADS}{branch}", network=True)
    fetched = _line(git.run("rev-parse", "--verify", "FETCH_HEAD^{commit}"))
    if fetched != commit:
        raise BotError(Status.POSTPONED, "the base moved while it was looked at")
    # A repository's own attributes would have files converted on their way to the work tree.
    attributes = folder / ".git" / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text("* -text -eol -ident -filter -working-tree-encoding\n", encoding="ascii")
    git.run("-c", "advice.detachedHead=false", "checkout", "--quiet", "--detach", commit)
    return Repository(git, url, commit, signing)


def _identity(date: int) -> dict[str, str]:
    return {
        "GIT_AUTHOR_NAME": NAME,
        "GIT_AUTHOR_EMAIL": EMAIL,
        "GIT_AUTHOR_DATE": f"@{date} +0000",
        "GIT_COMMITTER_NAME": NAME,
        "GIT_COMMITTER_EMAIL": EMAIL,
        "GIT_COMMITTER_DATE": f"@{date} +0000",
    }


def _sign(signing: Signing) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the settings and the flag that sign a commit. An Ed25519 or RSA key makes the same commit each time."""
    if signing.kind == "none":
        return (), ()
    form = "ssh" if signing.kind == "ssh" else "openpgp"
    return ("-c", f"gpg.format={form}", "-c", f"user.signingkey={signing.key}"), ("-S",)


def _line(data: bytes) -> str:
    return data.decode("ascii").strip()
