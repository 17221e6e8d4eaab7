"""Look at a container's processes where this machine cannot: a remote engine, a virtual machine, a user without rights.

A second container joins the first one's processes and network for a moment and prints what is in `/proc` there. It is
the original's own image, which is at hand and usually has a shell; where it has none, nothing is seen.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rewriter.engine.client import COMMAND_SECONDS, Client

_MARK = b"\n--dfmod-peek-- "
# $$ is the shell itself, whose children and which are left out. What ends meanwhile prints nothing.
_SCRIPT = r"""
cd /proc
say() { printf '\n--dfmod-peek-- %s\n' "$1"; }
for p in [0-9]*; do
    grep -q "^PPid:.$$\$" $p/status 2>/dev/null || [ $p = $$ ] && continue
    for f in status cmdline environ maps net/tcp net/tcp6; do say file:$p/$f; cat $p/$f 2>/dev/null; done
    for l in $p/cwd $p/exe $p/ns/pid $p/fd/*; do say link:$l; readlink $l 2>/dev/null; done
done
say end:
"""


@contextmanager
def peeked(client: Client, container: str) -> Iterator[Path | None]:
    """Provide a folder that holds of `/proc` in the container what is read of it; None where it cannot be seen."""
    dump = _dump(client, container)
    if dump is None:
        yield None
        return
    with TemporaryDirectory(prefix="dfmod-") as folder:
        for piece in dump.split(_MARK)[1:-1]:
            name, _, content = piece.partition(b"\n")
            kind, _, path = name.decode(errors="replace").partition(":")
            _put(Path(folder, path), kind, content)
        yield Path(folder)


def _dump(client: Client, container: str) -> bytes | None:
    if not client.peek:
        return None
    joined = ("--pid", f"container:{container}", "--network", f"container:{container}")
    rights = ("--user", "0", "--cap-add", "SYS_PTRACE", "--label", client.label, "--name", f"{container}-peek")
    command = ("run", "--rm", *joined, *rights, "--entrypoint", "/bin/sh", client.peek, "-c", _SCRIPT)
    done = subprocess.run(  # noqa: S603 (the user's own engine)
        (client.kind, *command),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    return done.stdout if done.returncode == 0 and done.stdout.endswith(b"end:\n") else None


def _put(place: Path, kind: str, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if kind == "file":
        place.write_bytes(content)
    elif target := content.rstrip(b"\n"):
        place.symlink_to(target.decode(errors="surrogateescape"))
