"""What people do to a repository, with git as they would: commits, pushes, branches."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
}


def git(folder: Path, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
    """Run git as somebody; return what it prints, stripped."""
    command = ("git", "-c", "safe.directory=*", "-c", "commit.gpgSign=false", *arguments)
    done = subprocess.run(
        command, cwd=folder, env={**ENVIRONMENT, **(env or {})}, input=stdin, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def new_repository(bare: Path, files: dict[str, bytes]) -> Path:
    """Make a bare repository with a first commit on main; return it."""
    bare.mkdir(parents=True)
    git(bare, "init", "--bare", "--initial-branch=main")
    git(bare, "config", "http.receivepack", "true")
    commit(bare, "main", files)
    return bare


def commit(
    bare: Path, branch: str, files: dict[str, bytes], *, message: str = "Work", env: Mapping[str, str] | None = None
) -> str:
    """Put files on a branch of a bare repository, on top of what is there; return the commit."""
    index = {"GIT_INDEX_FILE": str(bare / "people-index")}
    (bare / "people-index").unlink(missing_ok=True)
    head = head_of(bare, branch)
    if head:
        git(bare, "read-tree", head, env=index)
    for path, data in files.items():
        blob = git(bare, "hash-object", "-w", "--stdin", stdin=data)
        git(bare, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=index)
    tree = git(bare, "write-tree", env=index)
    made = git(bare, "commit-tree", *(("-p", head) if head else ()), "-m", message, tree, env=env)
    git(bare, "update-ref", f"refs/heads/{branch}", made)
    return made


def head_of(bare: Path, branch: str) -> str:
    """Return where a branch points, "" if it does not exist."""
    return git(bare, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")


def file_of(bare: Path, commit: str, path: str) -> bytes:
    """Return the content of a file in a commit."""
    done = subprocess.run(
        ("git", "show", f"{commit}:{path}"), cwd=bare, env=ENVIRONMENT, capture_output=True, check=True
    )
    return done.stdout
