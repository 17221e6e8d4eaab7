"""The shape of what files beside the Dockerfile do to the container."""

from __future__ import annotations

import shlex
from enum import Enum
from posixpath import basename, dirname

from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import SHELLS
from rewriter.analysis.yaml_lines import Node
from rewriter.record import record


class Kind(Enum):
    """What is overridden or asked of the image; the check of the hazard table in the comment."""

    ENTRYPOINT = "entrypoint"  # W1 entrypoint, W2 command: the init is dropped
    COMMAND = "command"  # W1 command, W2 args
    HEALTHCHECK = "healthcheck"  # W1
    INIT = "init"  # W1 init: true: the engine adds one of its own
    SHARED_PID = "shared-pid"  # W1 pid: host, W2 shareProcessNamespace: the init is not PID 1
    USER = "user"  # W1 user, W2 runAsUser
    MOUNT = "mount"  # W1 a bind mount; the words are where it lands
    TARGET = "target"  # W1 build.target; the word is the stage
    PROBE = "probe"  # W2 an exec probe
    HOOK = "hook"  # W2 preStop, postStart
    READ_ONLY = "read-only"  # W2 readOnlyRootFilesystem
    JOB = "job"  # W3 the image runs a CI job or is a development container
    SHELL = "shell"  # W3 somebody runs or enters the container with a shell
    SYNC = "sync"  # W3 files are copied into the running container
    RELEASE = "release"  # W4 a platform runs a command in the image before it starts


@record
class Override:
    """One place. `name` is the service or container; `words` what is run, as far as it is literal, `shell` by a shell.

    With `shell`, `words` is the script alone where there is one.
    """

    kind: Kind
    name: str
    words: tuple[str, ...]
    shell: bool
    evidence: Evidence


@record
class Target:
    """The image in question: its context, its Dockerfile, the names the image goes by (their last part).

    `services` are the compose services that build it, each with the folder of its file. `alone` says that the
    repository has no other Dockerfile, so that what names no image can only mean this one.
    """

    directory: str
    dockerfile: str
    names: frozenset[str]
    services: frozenset[tuple[str, str]] = frozenset()
    alone: bool = True

    def is_near(self, path: str) -> bool:
        """Return whether a file lies in the folder of the context or in one above it."""
        folder = dirname(path)
        return not folder or folder == self.directory or self.directory.startswith(f"{folder}/")

    def is_service(self, path: str, name: str) -> bool:
        """Return whether a name is that of a service which builds the image, in a file of the same folder or below."""
        folder = dirname(path)
        return any(key == name and (not at or folder == at or folder.startswith(f"{at}/")) for at, key in self.services)


def image_name(image: str) -> str:
    """Return the last part of an image's name, without tag and digest: what different registries have in common."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()


def command(node: Node | None, *, as_script: bool = False) -> tuple[tuple[str, ...], bool]:
    """Return the words of a list or a string, and whether a shell runs them; `["sh", "-c", X]` is X in a shell.

    With `as_script` a string is for a shell as a whole, as that of a health check is.
    """
    if node is None:
        return (), False
    real = node.real()
    words = tuple(item.real().value or "" for item in real.children if not item.key)
    if not words and real.value:
        if as_script:
            return (real.value,), True
        words = split(real.value)
    return unwrapped(words)


def unwrapped(words: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """Return the script of `sh -c SCRIPT` and True, other words and whether they start a shell."""
    starts = bool(words) and basename(words[0]) in SHELLS
    if starts and len(words) > 2 and words[1].startswith("-") and words[1].endswith("c"):
        return words[2:3], True
    return words, starts


def split(text: str) -> tuple[str, ...]:
    """Return the words of a string as compose takes it apart: quotes count, no shell is involved."""
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())
