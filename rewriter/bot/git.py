"""Runs git for one folder: a clean environment, nothing of the machine's configuration, no hook, no prompt.

What a repository says about itself must not run anything here: hooks, filters, credential programs, other transports
and redirects are off. The token is in the environment of the one process that needs it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rewriter.bot.secret import Secret
from rewriter.bot.status import BotError, Status
from rewriter.report.printable import printable

_KEPT = (
    "PATH", "TMPDIR", "SYSTEMROOT", "SSH_AUTH_SOCK", "GNUPGHOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
)  # fmt: skip
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "credential.helper=",
    "gc.auto=0",
    "http.followRedirects=false",
    "submodule.recurse=false",
    "protocol.ext.allow=never",
)
_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Git:
    """Git in a folder, with the token for its remote if it has one."""

    folder: Path
    secret: Secret | None = None

    def run(
        self, *arguments: str, stdin: bytes = b"", network: bool = False, more: Mapping[str, str] | None = None
    ) -> bytes:
        """Return what git prints; `network` gives it the token.

        Raises:
            BotError: git failed; what it said is in the message, without the token.
        """
        done = self.attempt(*arguments, stdin=stdin, network=network, more=more)
        if done.returncode != 0:
            raise self.failure(arguments[0], done.stderr)
        return done.stdout

    def attempt(
        self, *arguments: str, stdin: bytes = b"", network: bool = False, more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Return how git ended, for those who read more from it than its output.

        Raises:
            BotError: it is not there, or did not end in time.
        """
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        try:
            return subprocess.run(  # noqa: S603
                ("git", *settings, *arguments),  # noqa: S607
                cwd=self.folder,
                env={**_environment(self.secret if network else None), **(more or {})},
                input=stdin,
                capture_output=True,
                check=False,
                timeout=_SECONDS,
            )
        except OSError as error:
            raise BotError(Status.FAILED, f"git cannot be run: {error.strerror or error}") from error
        except subprocess.TimeoutExpired as error:
            raise BotError(Status.FAILED, f"git {arguments[0]} took longer than {_SECONDS} seconds") from error

    def failure(self, command: str, said: bytes) -> BotError:
        """Return the error for what git said."""
        text = said.decode("utf-8", "backslashreplace").strip()
        text = self.secret.scrub(text) if self.secret else text
        lowered = text.lower()
        if "authentication failed" in lowered or "could not read username" in lowered or "error: 403" in lowered:
            return BotError(Status.UNAUTHORISED, f"git {command}: the token is not accepted, or there is none")
        if "unable to update url base from redirection" in lowered or "error: 301" in lowered:
            return BotError(Status.MOVED, "the repository has moved; use its new address")
        return BotError(Status.FAILED, f"git {command}: {printable(text[-500:])}")


def _environment(secret: Secret | None) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    own = {
        "HOME": os.devnull,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GIT_ALLOW_PROTOCOL": "https:http:ssh:file",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
    }
    return kept | own | (_header(secret) if secret is not None else {})


def _header(secret: Secret) -> dict[str, str]:
    """Return the variables that give git a header for one origin: nothing on disk, nothing in the process list."""
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{secret.origin}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: {secret.basic}",
    }
