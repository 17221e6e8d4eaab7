"""A busybox that can do what Alpine's can: Debian's is built without `comm` and without `tar -T`.

Built once, static, from the source of Debian's package with its default configuration; takes about a minute.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from tests.lab import debian
from tests.lab.machine import folder, locked, need, run

SUITE = "bookworm"
# The traffic shaper does not compile with newer kernel headers. The rest is as Alpine has it: applets are programs.
SWITCHED_ON = ("STATIC",)
SWITCHED_OFF = ("TC", "FEATURE_PREFER_APPLETS", "FEATURE_SH_STANDALONE")


def busybox() -> Path:
    """Return the program; made once.

    Raises:
        LabError: it cannot be built here.
    """
    place = folder("toolchains", "busybox") / "busybox"
    with locked():
        if not place.exists():
            need("make", "make")
            need("bzip2", "bzip2")
            with tempfile.TemporaryDirectory(dir=folder("run")) as work:
                source = _source(Path(work))
                _build(source)
                shutil.move(source / "busybox", place)
    return place


def _source(work: Path) -> Path:
    """Return the unpacked source of Debian's package."""
    apt = _sources_of(debian._apt(SUITE), work)
    run(*apt, "update", "-qq")
    run(*apt, "source", "-qq", "--download-only", "busybox", cwd=work)
    (archive,) = work.glob("busybox_*.orig.tar.*")
    source = work / "source"
    source.mkdir()
    run("tar", "-x", "-f", archive, "-C", source, "--strip-components=1")
    return source


def _sources_of(apt: tuple[str, ...], work: Path) -> tuple[str, ...]:
    """Return apt-get with the source packages of the release instead of its binary ones."""
    listed = work / "sources.list"
    listed.write_text(f"deb-src [signed-by={debian.KEYRING}] {debian.mirror()} {SUITE} main\n")
    (work / "lists/partial").mkdir(parents=True)
    return (*apt, f"-oDir::Etc::SourceList={listed}", f"-oDir::State::Lists={work / 'lists'}")


def _build(source: Path) -> None:
    run("make", "-s", "defconfig", cwd=source)
    config = source / ".config"
    text = config.read_text()
    settings = {name: f"CONFIG_{name}=y" for name in SWITCHED_ON}
    settings |= {name: f"# CONFIG_{name} is not set" for name in SWITCHED_OFF}
    for name, line in settings.items():
        text = re.sub(rf"^(# )?CONFIG_{name}[= ].*$", line, text, flags=re.MULTILINE)
    config.write_text(text)
    run("make", "-s", f"-j{os.cpu_count()}", cwd=source)
