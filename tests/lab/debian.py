"""Debian packages and root file systems of any release, by apt's own checked downloads. Leaves the host's apt alone."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
import time
from pathlib import Path

from tests.lab.machine import REMEMBER_SECONDS, LabError, folder, need, output, run

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
UNREAD_FOLDERS = ("man", "doc", "info", "locale", "lintian")


def architecture() -> str:
    """Return the machine's architecture by Debian's name, which is also the one builders use for amd64 and arm64."""
    return output("dpkg", "--print-architecture")


def download(suite: str, packages: tuple[str, ...], into: Path) -> tuple[Path, ...]:
    """Return the packages' files of this release, in the given order, downloaded into a folder.

    Raises:
        LabError: there is no Debian mirror, or it lacks one of them.
    """
    apt = _apt(suite)
    run(*apt, "download", "-qq", *packages, cwd=into)
    return tuple(_newest(into, package) for package in packages)


def unpack(package: Path, into: Path) -> None:
    """Unpack a package's files over a folder, following the links to folders that are there already."""
    with tempfile.TemporaryDirectory() as work:
        tar = Path(work, "files.tar")
        with tar.open("wb") as files:
            subprocess.run(("dpkg-deb", "--fsys-tarfile", package), check=True, stdout=files)
        run("tar", "-x", "-f", tar, "-C", into, "--keep-directory-symlink")


def root_tar(suite: str, packages: tuple[str, ...] = ()) -> Path:
    """Return a tar file of a small Debian root with these packages; made once.

    Raises:
        LabError: it cannot be made here; mmdebstrap needs root.
    """
    name = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:12] if packages else "minimal"
    tar = folder("roots") / f"{suite}-{name}.tar"
    if not tar.exists():
        need("mmdebstrap", "mmdebstrap")
        partial = tar.with_suffix(".partial.tar")
        without = (f"--dpkgopt=path-exclude=/usr/share/{unread}/*" for unread in UNREAD_FOLDERS)
        include = ",".join(("ca-certificates", *packages))
        manuals = ('--essential-hook=mkdir -p "$1/usr/share/man/man1"',) if packages else ()  # Java links into it
        make = (
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            *without,
            *manuals,
            *_merged(suite),
            f"--include={include}",
        )
        run(*make, suite, partial, mirror())
        partial.rename(tar)
    return tar


def _merged(suite: str) -> tuple[str, ...]:
    """Return what gives bookworm a merged /usr from the start; else the tool that moves it brings all of Perl."""
    hooks = "/usr/share/mmdebstrap/hooks/merged-usr"
    return (f"--hook-dir={hooks}", "--include=usr-is-merged") if suite == "bookworm" else ()


def mirror() -> str:
    """Return the address of the Debian mirror this machine uses.

    Raises:
        LabError: the machine is not a Debian.
    """
    sites = output("apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages").split()
    main = [site for site in sites if site.rstrip("/").endswith("/debian")]
    if not main:
        raise LabError("no Debian mirror in apt's sources; help: install Docker, or use a Debian machine")
    return main[0]


def _apt(suite: str) -> tuple[str, ...]:
    """Return apt-get with a state of its own, in which only this release exists."""
    sources = folder("apt", suite) / "sources.list"
    apt = (
        "apt-get",
        f"-oDir::Etc::SourceList={sources}",
        "-oDir::Etc::SourceParts=/dev/null",
        f"-oDir::State::Lists={folder('apt', suite, 'lists')}",
        f"-oDir::Cache={folder('apt', suite, 'cache')}",
        "-oDir::State::status=/dev/null",
        "-oAPT::Sandbox::User=root",
        "-oAcquire::Languages=none",
    )
    if not sources.exists() or time.time() - sources.stat().st_mtime > REMEMBER_SECONDS:
        sources.write_text(f"deb [signed-by={KEYRING}] {mirror()} {suite} main\n")
        folder("apt", suite, "lists", "partial")
        folder("apt", suite, "cache", "archives", "partial")
        run(*apt, "update", "-qq")
    return apt


def _newest(downloaded: Path, package: str) -> Path:
    found = sorted(downloaded.glob(f"{package}_*.deb"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise LabError(f"{package}: not downloaded")
    return found[-1]
