"""The steps stand-ins are put together by: import a tree as an image, build upon one. Knows no published image."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.lab import debian
from tests.lab.machine import run, succeeds

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


def is_there(reference: str) -> bool:
    """Return whether the engine has an image of that name."""
    return succeeds("docker", "image", "inspect", reference)


def import_tar(reference: str, tar: Path, *changes: str) -> None:
    """Make an image of a root file system, with changes written as Dockerfile lines."""
    options = (word for change in changes for word in ("--change", change))
    run("docker", "import", *options, "-", reference, stdin=tar)


def build(reference: str, dockerfile: str, trees: Mapping[str, Path]) -> None:
    """Build an image from a Dockerfile that copies from these named trees: `COPY --from=NAME`."""
    with tempfile.TemporaryDirectory() as empty:
        file = Path(empty, "Dockerfile")
        file.write_text(dockerfile)
        contexts = (word for name, tree in trees.items() for word in ("--build-context", f"{name}={tree}"))
        run("docker", "build", "--quiet", "--network", "host", "--tag", reference, *contexts, "--file", file, empty)


def debian_base(suite: str, packages: tuple[str, ...] = ()) -> str:
    """Return the name of an image that holds a Debian root with these packages; made once."""
    key = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:12] if packages else "minimal"
    reference = f"dfmod-lab/{suite}:{key}"
    if not is_there(reference):
        import_tar(reference, debian.root_tar(suite, packages), f"ENV PATH={DEFAULT_PATH}", 'CMD ["bash"]')
    return reference
