"""The token: where it may come from, which host may see it, and how it is kept out of everything that is written.

It travels in a header and in the environment of git, never in an argument, an address or a file. Its value is shown
by no `repr`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

HIDDEN = "[hidden]"
_ANYWHERE = ("DFMOD_TOKEN",)
# The variables that a forge's own tools and runners use are for that forge alone.
_VARIABLES = {
    "github": ("GH_TOKEN", "GITHUB_TOKEN"),
    "gitlab": ("GITLAB_TOKEN",),
    "gitea": ("GITEA_TOKEN",),
    "bitbucket": (),
    "pagure": (),
    "patch": (),
}
_OWN_HOST = {"github": ("GITHUB_SERVER_URL", "https://github.com"), "gitlab": ("CI_SERVER_URL", "https://gitlab.com")}
_SHORTEST = 8
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Secret:
    """A token with the user it belongs to, for one origin (`https://host:port`) and no other.

    Raises:
        ValueError: everyone on the way to that origin could read it.
    """

    origin: str
    user: str
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.origin)
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError(f"a token is not sent over http, which anyone can read; use https for {parts.hostname}")

    @property
    def basic(self) -> str:
        """The value of an Authorization header for git over HTTP."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.token}".encode()).decode("ascii")

    def scrub(self, text: str) -> str:
        """Return the text without the token, in whatever spelling it may have got there."""
        forms = {self.token, quote(self.token, safe=""), self.basic.removeprefix("Basic ")}
        forms.add(base64.b64encode(self.token.encode()).decode("ascii").rstrip("="))
        for form in sorted(forms, key=len, reverse=True):
            text = text.replace(form, HIDDEN)
        return text


def find_token(kind: str, origin: str, environment: Mapping[str, str], file: str | None) -> str | None:
    """Return the token for a forge: from a file, from DFMOD_TOKEN, or from the forge's own variable.

    Such a variable is used for the forge it was set for: GITHUB_TOKEN goes to github.com, or to GITHUB_SERVER_URL.

    Raises:
        ValueError: the file cannot be read or holds no token.
    """
    if file is not None:
        return _checked(_read(file), file)
    names = _ANYWHERE + (_VARIABLES[kind] if _is_own_host(kind, origin, environment) else ())
    found = ((name, environment.get(name, "").strip()) for name in names)
    return next((_checked(token, name) for name, token in found if token), None)


def _is_own_host(kind: str, origin: str, environment: Mapping[str, str]) -> bool:
    if kind not in _OWN_HOST:
        return True
    variable, default = _OWN_HOST[kind]
    return origin == (environment.get(variable) or default).rstrip("/")


def _read(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the token file {file} cannot be read") from error


def _checked(token: str, where: str) -> str:
    """Return the token if it can be one: it becomes a header, and is looked for in texts.

    Raises:
        ValueError: it is too short or holds a blank or a control character.
    """
    if len(token) < _SHORTEST or not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError(f"{where} holds no token: one is at least {_SHORTEST} plain characters without a blank")
    return token
