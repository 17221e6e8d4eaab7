"""Which forge an address belongs to, and where its API is."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

KINDS = ("github", "gitlab", "gitea", "bitbucket", "pagure", "patch")
_HOSTS = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "codeberg.org": "gitea",
    "bitbucket.org": "bitbucket",
    "pagure.io": "pagure",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A repository: its address for git, its forge, and its path there (`owner/name`)."""

    url: str
    kind: str
    origin: str
    api: str
    path: str


def target_of(address: str, kind: str | None = None, api: str | None = None) -> Target:
    """Return the repository an address names; `kind` where the host does not tell, `api` where it is not the usual one.

    Raises:
        ValueError: it is no address, or the forge cannot be told.
    """
    parts = urlsplit(address)
    if kind == "patch":
        return Target(address, kind, _origin(address), "", parts.path.strip("/").removesuffix(".git"))
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError(f"{address}: no http address; with `--forge patch`, any address git takes")
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"{parts.hostname}: an address must hold no user and no token; put it into DFMOD_TOKEN")
    path = parts.path.strip("/").removesuffix(".git")
    kind = kind or _HOSTS.get(parts.hostname)
    if kind is None:
        raise ValueError(f"{address}: say which forge this is with --forge ({', '.join(KINDS)})")
    origin = _origin(address)
    if not path or (kind != "pagure" and "/" not in path) or any(part in ("", ".", "..") for part in path.split("/")):
        raise ValueError(f"{address}: not the address of a repository")
    return Target(f"{origin}/{path}.git", kind, origin, (api or _api(kind, origin)).rstrip("/"), path)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _api(kind: str, origin: str) -> str:
    match kind:
        case "github":
            return "https://api.github.com" if origin == "https://github.com" else f"{origin}/api/v3"
        case "gitlab":
            return f"{origin}/api/v4"
        case "gitea":
            return f"{origin}/api/v1"
        case "bitbucket":
            return "https://api.bitbucket.org/2.0"
        case _:
            return f"{origin}/api/0"
