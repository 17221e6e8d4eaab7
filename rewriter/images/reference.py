"""Image references: `registry/repository:tag@digest`, read as the distribution reference grammar does.

Follows `reference.ParseNormalizedNamed` of distribution/reference, which BuildKit uses for FROM. Knows nothing about
which images exist.
"""

from __future__ import annotations

import re

from rewriter.images.model import ImageRef

DOCKER_HUB = "docker.io"

_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = rf"{_PART}(?:/{_PART})*"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST_SIZES = {"sha256": 64, "sha384": 96, "sha512": 128}
_LONGEST_PATH = 255


def parse_reference(text: str) -> ImageRef | None:
    """Return the parts of an image reference, or None for a text that the grammar refuses.

    Docker Hub is spelled out: `golang:1.20` has the registry `docker.io` and the repository `library/golang`, as have
    `docker.io/golang:1.20` and `index.docker.io/library/golang:1.20`; `written` keeps the spelling. A colon before the
    last slash belongs to a port, never to a tag. Upper case in a repository is refused.
    """
    rest, at, digest = text.partition("@")
    if (at and not _is_digest(digest)) or re.fullmatch(r"[a-f0-9]{64}", text):
        return None
    registry, path = _split_registry(rest)
    repository, colon, tag = path.partition(":")
    if colon and not re.fullmatch(_TAG, tag):
        return None
    if registry == DOCKER_HUB and "/" not in repository:
        repository = f"library/{repository}"
    if not re.fullmatch(_HOST, registry) or not re.fullmatch(_PATH, repository) or len(repository) > _LONGEST_PATH:
        return None
    return ImageRef(registry, repository, tag or None, digest or None, text)


def _split_registry(name: str) -> tuple[str, str]:
    """Return the registry and what follows it, as `splitDockerDomain` does.

    The first part is a registry when it could not be a folder of Docker Hub: it has a dot, a colon or a capital
    letter, or is `localhost`.
    """
    first, slash, rest = name.partition("/")
    if not slash:
        return DOCKER_HUB, name
    if first == "index.docker.io":
        return DOCKER_HUB, rest
    if first == "localhost" or "." in first or ":" in first or first != first.lower():
        return first, rest
    return DOCKER_HUB, name


def _is_digest(text: str) -> bool:
    algorithm, _, value = text.partition(":")
    size = _DIGEST_SIZES.get(algorithm)
    return size is not None and re.fullmatch(rf"[a-f0-9]{{{size}}}", value) is not None
