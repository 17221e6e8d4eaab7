"""Which named programs may themselves be scripts, so that the closure stage has to look what they need in turn.

A script of the build context has been read by then; these come from packages, downloads, or a RUN that wrote them.
"""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import basename

from rewriter.analysis.artefacts import locate
from rewriter.analysis.found import SHELLS
from rewriter.analysis.runs import Run
from rewriter.images.catalog import program_packages, wrappers
from rewriter.images.model import KnownImage
from rewriter.recipes.base import Case
from rewriter.semantics.build import CopyStep

# Programs that are scripts, although they look as if they were not.
_SCRIPTS = frozenset(
    "addgroup adduser apache2ctl apachectl chromium deluser egrep exiftool fgrep gunzip ldd libreoffice pg_ctlcluster "
    "psql service soffice uncompress update-ca-certificates update-rc.d which xvfb-run zcat zgrep zless".split()
)
# Programs that never are: those of coreutils and their like, interpreters, servers, what health checks use.
_BINARIES = frozenset(
    "[ apache2 awk base64 basename caddy cat chgrp chmod chown comm cp curl cut date dd df dirname dnsmasq dot du "
    "echo env expr false ffmpeg ffprobe file find flock getent gosu grep groups gzip haproxy head hostname httpd id "
    "install ip java jq kill ldconfig lighttpd ln ls mariadbd md5sum memcached mkdir mkfifo mktemp mosquitto mv "
    "mysqld named nc netstat nginx node nohup nproc od openssl paste perl pgrep php pidof pkill postgres printf ps "
    "pwd python python3 readlink realpath redis-server rm rmdir ruby sed seq setpriv setsid sha256sum sleep sort "
    "split squid ss sshd stat stty su su-exec sync tac tail tar tee test timeout tini touch tr true tty uname unbound "
    "uniq unlink unzip varnishd wc wget whoami xargs xz yes zip".split()
)
_FETCH = frozenset({"curl", "wget"})


def maybe_scripts(case: Case, names: Iterable[str]) -> tuple[str, ...]:
    """Return those of the programs that may be scripts nobody has read."""
    written = _writes_programs(case)
    certain = _certain(case)
    return tuple(
        name
        for name in names
        if basename(name) in _SCRIPTS
        or (basename(name) not in certain and _starts_java(case, name))
        or (
            basename(name) not in certain
            and (written or _is_of_a_package(case, basename(name)))
            and not _is_copied(case, name)
        )
    )


def _certain(case: Case) -> frozenset[str]:
    root = case.stage.root
    known = {name for name, _ in root.programs} if isinstance(root, KnownImage) else set()
    return _BINARIES | SHELLS | known | {name for row in wrappers() for name in map(basename, row.names)}


def _writes_programs(case: Case) -> bool:
    """Return whether a RUN of the stage writes a script or fetches anything."""
    words = {word for run in case.needs.runs if isinstance(run, Run) for word in run.words if word}
    return bool(words & _FETCH) or any("#!" in run.step.instruction.text for run in case.needs.runs)


def _is_of_a_package(case: Case, name: str) -> bool:
    """Return whether a package that the stage installs may bring the program.

    In an image of a language what no package of the distribution is known for is from that language's packages, whose
    commands that language runs.
    """
    packages = [need for need in case.needs.packages if need.role.role == "runtime"]
    root = case.stage.root
    if isinstance(root, KnownImage) and root.language:
        return any(need.name in program_packages(need.manager, name) for need in packages)
    return bool(packages)


def _starts_java(case: Case, name: str) -> bool:
    """Return whether a path is most likely the start script that sbt's `stage` or Gradle's `installDist` make.

    On an image of Java there is little else to run by a path; what the context has has been read.
    """
    root = case.stage.root
    is_java = isinstance(root, KnownImage) and root.language == "java" and name not in dict(root.programs).values()
    return is_java and "/" in name and locate(case.stage, case.context, name)[1] is None


def _is_copied(case: Case, name: str) -> bool:
    """Return whether a COPY brings it: from the context, where it has been read, or from a stage that built it."""
    if locate(case.stage, case.context, name)[1] is not None:
        return True
    copies = (step for step in case.stage.all_steps if isinstance(step, CopyStep) and step.origin is not None)
    brought = {basename(path) for step in copies for path in (step.target, *step.sources)}
    return basename(name) in brought
