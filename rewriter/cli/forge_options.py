"""The options of `dfmod bot` and `dfmod fleet`, and their help: what typer makes of a parameter of each type."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

BOT = """Convert repositories and open a pull request in each, or keep the one that is there up to date.

Run it as often as you like: where nothing changed, nothing is written. A branch somebody pushed to is left alone, and
what was declined stays declined until its Dockerfile changes. The token is taken from DFMOD_TOKEN.
"""
FLEET = (
    """Roll conversions out over many repositories: survey them, report, open pull requests in waves, follow them."""
)

Repositories = Annotated[
    list[str] | None, typer.Argument(metavar="[REPOSITORY]...", help="Addresses: https://github.com/owner/name.")
]
ListFile = Annotated[
    str | None,
    typer.Option("--repositories", metavar="FILE", help="More of them, one a line, or JSON Lines; - for stdin."),
]
Kind = Annotated[
    Literal["github", "gitlab", "gitea", "bitbucket", "pagure", "patch"] | None,
    typer.Option("--forge", help="What the host is, if its name does not tell. patch: write mails, send nothing."),
]
ApiAddress = Annotated[str | None, typer.Option("--api", metavar="URL", help="Where the API is, if not as usual.")]
TokenFile = Annotated[str | None, typer.Option("--token-file", metavar="FILE", help="Read the token from a file.")]
User = Annotated[str | None, typer.Option("--user", help="Whose token it is, where git has to say so (Pagure).")]
Into = Annotated[str | None, typer.Option("--into", metavar="DIR", help="With --forge patch: where the mails go.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Write nothing; show every write, and the text it has.")]
Group = Annotated[
    Literal["auto", "repo", "directory", "file"] | None, typer.Option("--group", help="What one pull request is for.")
]
Draft = Annotated[bool, typer.Option("--draft", help="Open drafts.")]
Labels = Annotated[list[str] | None, typer.Option("--label", help="Give new pull requests this label.")]
SigningKind = Annotated[Literal["none", "ssh", "gpg"], typer.Option("--signing", help="How to sign the commits.")]
SigningKey = Annotated[
    str, typer.Option("--signing-key", metavar="KEY", help="The key: a file (ssh; Ed25519 or RSA), an id (gpg).")
]
Ledger = Annotated[str, typer.Option("--ledger", metavar="FILE", help="What is known so far, JSON Lines; appended to.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="Visit at most so many repositories.")]
Wave = Annotated[str | None, typer.Option("--wave", help="Only the repositories of this wave.")]
WritesPerHour = Annotated[int, typer.Option("--writes-per-hour", min=4, help="The budget of this run.")]
StopAt = Annotated[
    float, typer.Option("--stop-at", min=0, max=1, help="Stop when this share of what was decided was declined.")
]
