"""HTTP as the forges want it: the only door to httpx. Knows status codes and headers, no forge.

Reads are repeated while they may help. A write is repeated only if the server said it did not take place, or if
repeating it changes nothing; else its end is unknown and `LostError` asks the caller to look. One write a second at
most, and as long a pause as the server names.
"""

from __future__ import annotations

import random
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from rewriter import __version__
from rewriter.bot.secret import Secret
from rewriter.bot.status import BotError, Status
from rewriter.report.printable import printable

if TYPE_CHECKING:
    import httpx

_ATTEMPTS = 5
_WRITE_SPACING = 1.0
_SECONDARY_PAUSE = 60.0
Params = Mapping[str, str | int | tuple[str, ...]]


class HttpError(BotError):
    """An answer that says no: its code and what it said, without anything of the request."""

    def __init__(self, status: Status, message: str, code: int, said: str) -> None:
        super().__init__(status, message)
        self.code = code
        self.said = said


class LostError(BotError):
    """A write whose end is not known: look before doing it again."""

    def __init__(self, message: str) -> None:
        super().__init__(Status.FAILED, message)


@dataclass(frozen=True, slots=True)
class Pace:
    """The clock and the patience of a run; tests have their own."""

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    patience: float = 900.0
    on_write: Callable[[str, str], None] = lambda _method, _path: None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that says yes."""

    data: Any
    next: str | None


@dataclass(slots=True, weakref_slot=True)
class Api:
    """An API below one address; `authorization` is the header's value and shown nowhere."""

    base: str
    authorization: str | None = field(repr=False)
    secret: Secret | None
    headers: Mapping[str, str]
    pace: Pace
    _client: httpx.Client | None = field(default=None, repr=False)
    _last_write: float = 0.0

    def read(self, path: str, params: Params | None = None) -> Reply:
        """Return the answer to a GET.

        Raises:
            HttpError: the server says no.
            BotError: it does not answer, or wants a longer pause than there is patience for.
        """
        return self._until_answered("GET", path, repeatable=True, params=params)

    def pages(self, path: str, params: Params | None = None) -> Iterator[Any]:
        """Yield the answers to a GET, page by page, as the Link header leads."""
        reply = self.read(path, params)
        yield reply.data
        while reply.next is not None:
            if not reply.next.startswith(self.base + "/"):
                raise BotError(Status.FAILED, "the next page is on another host")
            reply = self.read(reply.next.removeprefix(self.base))
            yield reply.data

    def write(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        form: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> Reply:
        """Return the answer to a write.

        Raises:
            LostError: it is not repeatable, and whether it took place is not known.
            HttpError: the server says no.
            BotError: it does not answer, or wants a longer pause than there is patience for.
        """
        self.pace.on_write(method, path)
        wait = self._last_write + _WRITE_SPACING - self.pace.now()
        if 0 < wait <= _WRITE_SPACING:
            self.pace.sleep(wait)
        try:
            return self._until_answered(method, path, repeatable=repeatable, json=json, form=form)
        finally:
            self._last_write = self.pace.now()

    def _until_answered(self, method: str, path: str, *, repeatable: bool, **content: Any) -> Reply:
        waited = 0.0
        for attempt in range(_ATTEMPTS):
            answer = self._once(method, path, **content)
            pause = _pause(answer, attempt, self.pace.now(), repeatable=repeatable)
            if pause is None:
                return self._read_answer(answer, method, path)
            if waited + pause > self.pace.patience or attempt == _ATTEMPTS - 1:
                break
            waited += pause
            self.pace.sleep(pause)
        if isinstance(answer, Exception) or answer.status_code >= 500:
            raise BotError(Status.FAILED, f"{method} {path}: no answer after {_ATTEMPTS} attempts")
        raise BotError(Status.RATE_LIMITED, f"{method} {path}: the forge asks to wait {pause:.0f} seconds")

    def _once(
        self, method: str, path: str, *, params: Params | None = None, json: object = None, form: object = None
    ) -> httpx.Response | Exception:
        """Return the answer, or the error of the connection."""
        import httpx  # noqa: PLC0415 (slow, and an extra)

        if self._client is None:
            headers = {"User-Agent": f"dfmod/{__version__}", "Accept": "application/json", **self.headers}
            if self.authorization is not None:
                headers["Authorization"] = self.authorization
            self._client = httpx.Client(headers=headers, timeout=httpx.Timeout(60, connect=20), follow_redirects=False)
            weakref.finalize(self, self._client.close)
        try:
            return self._client.request(method, self.base + path, params=params, json=json, data=form)  # type: ignore[arg-type]
        except httpx.TransportError as error:
            return error

    def _read_answer(self, answer: httpx.Response | Exception, method: str, path: str) -> Reply:
        if isinstance(answer, Exception):
            raise LostError(f"{method} {path}: the connection ended ({type(answer).__name__})")
        code, text = answer.status_code, answer.text
        if code >= 500:
            raise LostError(f"{method} {path}: {code}")
        if code >= 300:
            said = printable(self.secret.scrub(text[:2000]) if self.secret else text[:2000])
            raise HttpError(_word(code, method), f"{method} {path}: {code} {said[:300]}", code, said)
        try:
            data = answer.json() if text.strip() else None
        except ValueError as error:
            raise BotError(Status.FAILED, f"{method} {path}: the answer is no JSON") from error
        following = answer.links.get("next", {}).get("url")
        return Reply(data, following)


def _pause(answer: httpx.Response | Exception, attempt: int, now: float, *, repeatable: bool) -> float | None:
    """Return how long to wait before asking again, None where the answer is the answer."""
    growing = 2.0**attempt * random.uniform(0.8, 1.2)  # noqa: S311 (spreads load)
    if isinstance(answer, Exception):
        never_sent = type(answer).__name__ in ("ConnectError", "ConnectTimeout")
        return growing if repeatable or never_sent else None
    if answer.status_code == 429 or (answer.status_code == 403 and _is_limit(answer)):
        return _named_pause(answer.headers, now) or _SECONDARY_PAUSE * 2.0**attempt
    if answer.status_code >= 500:
        return growing if repeatable else None
    return None


def _is_limit(answer: httpx.Response) -> bool:
    """Return whether a 403 means "later": GitHub's documentation names these three signs."""
    headers = answer.headers
    return (
        "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0" or "rate limit" in answer.text.lower()
    )


def _named_pause(headers: Mapping[str, str], now: float) -> float | None:
    after = headers.get("retry-after", "")
    if after.isdecimal():
        return float(after)
    if after:
        try:
            return max(parsedate_to_datetime(after).timestamp() - now, 1.0)
        except ValueError:
            return None
    reset = headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset") or ""
    used_up = "0" in (headers.get("x-ratelimit-remaining"), headers.get("ratelimit-remaining"))
    return max(float(reset) - now, 1.0) if reset.isdecimal() and used_up else None


def _word(code: int, method: str) -> Status:
    if code < 400:
        return Status.MOVED
    if code == 401:
        return Status.UNAUTHORISED
    if code in (403, 404) and method != "GET":
        # A token that may only read is told so, or that there is nothing here.
        return Status.READ_ONLY
    return Status.UNAUTHORISED if code in (403, 404) else Status.FAILED
