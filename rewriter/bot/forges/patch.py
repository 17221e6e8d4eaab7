"""No forge at all: each proposal becomes a mail that `git am` takes, with its text beside it, in a folder.

Nothing is sent anywhere. A file that is as it should be is not written again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from rewriter.bot.propose import Case, Proposed
from rewriter.bot.rehearsal import Write
from rewriter.bot.repository import Repository
from rewriter.bot.status import Status


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The folder; what a forge would say of itself stands here for it."""

    folder: Path
    body_limit: int = 1_000_000
    folds: bool = False
    reference: str = "#"

    def deliver(self, case: Case, repository: Repository, path: str, *, rehearse: bool) -> tuple[Proposed, list[Write]]:
        """Write the mail and the text of a case, unless they are there; return what became of it.

        `path` is the repository's; a name in the folder is made of it and the branch.
        """
        if case.wanted is None:
            return Proposed(case.branch, Status.NOTHING), []
        name = _name(path, case.branch)
        files = {
            self.folder / f"{name}.patch": repository.mail(case.wanted.head),
            self.folder / f"{name}.md": case.text(self.body_limit, None).encode(),
        }
        missing = {file: data for file, data in files.items() if not file.is_file() or file.read_bytes() != data}
        writes = [Write("write", file.name, data.decode("utf-8", "backslashreplace")) for file, data in missing.items()]
        if not rehearse:
            self.folder.mkdir(parents=True, exist_ok=True)
            for file, data in missing.items():
                file.write_bytes(data)
        status = Status.WRITTEN if missing else Status.CURRENT
        return Proposed(case.branch, status, url=str(self.folder / f"{name}.patch")), writes


def _name(path: str, branch: str) -> str:
    """Return a file name for a branch of a repository: readable, plain, and no other's."""
    whole = f"{path}/{branch}"
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in whole).strip("-")
    return f"{plain[-80:]}-{hashlib.sha256(whole.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
