"""The forges, one file each over the protocol `rewriter.bot.forge.Forge`. A new one is a file and a row here."""

from __future__ import annotations

from collections.abc import Callable

from rewriter.bot.api import Api, Pace
from rewriter.bot.forge import Forge
from rewriter.bot.forges.bitbucket import Bitbucket
from rewriter.bot.forges.gitea import Gitea
from rewriter.bot.forges.github import GitHub
from rewriter.bot.forges.gitlab import GitLab
from rewriter.bot.forges.pagure import Pagure
from rewriter.bot.secret import Secret
from rewriter.bot.target import Target

# How the API wants the token, and the user name that git over HTTP goes with where the token does not say it.
_SCHEMES = {"github": "Bearer", "gitlab": "Bearer", "gitea": "token", "bitbucket": "Bearer", "pagure": "token"}
_USERS = {"github": "x-access-token", "gitlab": "oauth2", "bitbucket": "x-token-auth"}


def secret_of(target: Target, token: str | None, user: str | None) -> Secret | None:
    """Return the token for a repository's origin, None without one."""
    return Secret(target.origin, user or _USERS.get(target.kind, "dfmod"), token) if token else None


def forge_of(target: Target, secret: Secret | None, pace: Pace) -> Forge:
    """Return the forge of a repository.

    Raises:
        KeyError: its kind has no API.
    """
    header = f"{_SCHEMES[target.kind]} {secret.token}" if secret else None

    def api(**headers: str) -> Api:
        return Api(target.api, header, secret, headers, pace)

    forges: dict[str, Callable[[Callable[..., Api], str], Forge]] = {
        "bitbucket": Bitbucket,
        "gitea": Gitea,
        "github": GitHub,
        "gitlab": GitLab,
        "pagure": Pagure,
    }
    return forges[target.kind](api, target.path)
