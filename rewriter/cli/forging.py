"""What `bot` and `fleet` share: repositories from a list, a forge for each, one host for one token, the conversion."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field, replace
from importlib.util import find_spec
from pathlib import Path

from rewriter.bot.api import Pace
from rewriter.bot.forge import Forge
from rewriter.bot.forges import forge_of, secret_of
from rewriter.bot.forges.patch import Mailbox
from rewriter.bot.rehearsal import Write
from rewriter.bot.repository import Signing
from rewriter.bot.secret import Secret, find_token
from rewriter.bot.settings import Settings as Wishes
from rewriter.bot.settings import SettingsError
from rewriter.bot.target import Target, target_of
from rewriter.bot.visit import Convert, Desk
from rewriter.cli.configuration import configured
from rewriter.cli.faults import UsageError
from rewriter.cli.request import Request
from rewriter.cli.search import STDIN, find
from rewriter.cli.work import convert_file
from rewriter.record import record
from rewriter.report.printable import printable
from rewriter.report.result import Result


@record
class Forging:
    """What the user said about forges, and how to convert."""

    kind: str | None = None
    api: str | None = None
    token_file: str | None = None
    user: str | None = None
    into: str | None = None
    signing: str = "none"
    signing_key: str = ""
    group: str | None = None
    draft: bool = False
    labels: tuple[str, ...] = ()
    dry_run: bool = False
    conversion: Request = field(default_factory=lambda: Request(()))


@record
class Listed:
    """A repository of a list, with the wave it is to go out with."""

    address: str
    wave: str = ""


def listed(addresses: Iterable[str], file: str | None) -> list[Listed]:
    """Return the repositories named one by one and in a file: a line is an address or a JSON object, `-` is stdin.

    Raises:
        UsageError: there is none, the file cannot be read, or a line is neither.
    """
    found = [Listed(address) for address in addresses]
    for number, line in enumerate(_lines(file), 1):
        text = line.strip()
        if text and not text.startswith("#"):
            found.append(_listed(text, number))
    if not found:
        raise UsageError("no repository; name one, or a file of them with --repositories")
    return list(dict.fromkeys(found))


def targets(repositories: Sequence[Listed], said: Forging) -> list[Target]:
    """Return what the addresses name.

    Raises:
        UsageError: one is no address of a repository, or a token would go to more than one host.
    """
    try:
        found = [target_of(one.address, said.kind, said.api) for one in repositories]
    except ValueError as error:
        raise UsageError(printable(str(error))) from error
    if "patch" in {target.kind for target in found} and said.into is None:
        raise UsageError("--forge patch needs a folder; name one with --into")
    origins = sorted({target.origin for target in found})
    if len(origins) > 1 and any(_token(target, said) for target in found):
        raise UsageError(f"a token is for one host, here are {len(origins)}: {', '.join(origins)}; run once for each")
    return found


def forge_at(target: Target, said: Forging, pace: Pace) -> Forge | Mailbox:
    """Return the forge of a repository.

    Raises:
        UsageError: the library for it is not installed, or there is no token.
    """
    return Mailbox(Path(said.into or ".")) if target.kind == "patch" else api_forge(target, said, pace)


def api_forge(target: Target, said: Forging, pace: Pace) -> Forge:
    """Return the forge of a repository that has an API.

    Raises:
        UsageError: the library for it is not installed, or there is no token.
    """
    if find_spec("httpx") is None:
        raise UsageError("forges are spoken to with httpx; install dfmod[bot]")
    secret = _secret(target, said)
    if secret is None and not said.dry_run:
        raise UsageError("no token; set DFMOD_TOKEN, or name a file that holds one with --token-file")
    return forge_of(target, secret, pace)


def desk(target: Target, said: Forging, rehearse: Callable[[Write], None] | None = None) -> Desk:
    """Return what a visit needs.

    Raises:
        UsageError: signing was asked for without a key.
    """
    if said.signing != "none" and not said.signing_key:
        raise UsageError("--signing needs --signing-key")
    return Desk(
        converter(said.conversion),
        _secret(target, said),
        Signing(said.signing, said.signing_key),
        overrides=lambda wishes: _overridden(wishes, said),
        rehearse=rehearse,
    )


def converter(request: Request) -> Convert:
    """Return the conversion of all Dockerfiles below a folder, with what the folder's own configuration says.

    Its templates are not used: they are programs of somebody else's, and would run beside the token.
    """

    def convert(folder: Path) -> Iterable[Result]:
        found, _ = find([str(folder)])
        try:
            kept, in_force, _ = configured(found, request)
        except UsageError as error:
            raise SettingsError(str(error).replace(f"{folder}/", "")) from error
        settings = [replace(force, templates=request.templates).settings for force in in_force]
        return [convert_file(*pair) for pair in zip(kept, settings, strict=True)]

    return convert


def _overridden(wishes: Wishes, said: Forging) -> Wishes:
    wishes = replace(wishes, draft=True) if said.draft else wishes
    wishes = replace(wishes, labels=said.labels) if said.labels else wishes
    return replace(wishes, group=said.group) if said.group is not None else wishes  # type: ignore[arg-type]


def _secret(target: Target, said: Forging) -> Secret | None:
    try:
        return secret_of(target, _token(target, said), said.user)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _token(target: Target, said: Forging) -> str | None:
    if target.kind == "patch" and said.token_file is None:
        return None
    try:
        return find_token(target.kind, target.origin, os.environ, said.token_file)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _lines(file: str | None) -> list[str]:
    if file is None:
        return []
    try:
        text = sys.stdin.read() if file == STDIN else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--repositories: {file} cannot be read") from error
    return text.splitlines()


def _listed(text: str, number: int) -> Listed:
    if not text.startswith("{"):
        return Listed(text)
    try:
        row = json.loads(text)
    except ValueError as error:
        raise UsageError(f"--repositories: line {number} is no JSON") from error
    address, wave = row.get("repository"), row.get("wave", "")
    if not isinstance(address, str) or not isinstance(wave, str):
        raise UsageError(f"--repositories: line {number} names no repository")
    return Listed(address, wave)
