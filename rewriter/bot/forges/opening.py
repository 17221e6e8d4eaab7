"""Opening exactly one pull request over a connection that may lose the answer, the same way for every forge."""

from __future__ import annotations

from collections.abc import Callable

from rewriter.bot.api import Api, HttpError, LostError
from rewriter.bot.forge import Change
from rewriter.bot.state import State

_LOOKS = 3
_LOOK_SECONDS = 3.0
_LAG_SECONDS = 5.0


def open_once(
    send: Callable[[], Change],
    look: Callable[[], tuple[Change, ...]],
    api: Api,
    *,
    is_duplicate: Callable[[HttpError], bool],
    is_lag: Callable[[HttpError], bool] = lambda _: False,
) -> Change:
    """Send a request that opens a pull request, and return it; the one that is there, where it is there already.

    A lost answer, and "there is one already", are looked up. A forge that does not know the pushed branch yet is asked
    again a little later.

    Raises:
        BotError: it is refused, or whether it took place cannot be found out.
    """
    for _ in range(_LOOKS):
        try:
            return send()
        except LostError:
            found = _opened(look, api)
        except HttpError as error:
            if is_lag(error):
                api.pace.sleep(_LAG_SECONDS)
                continue
            found = _opened(look, api) if is_duplicate(error) else None
            if found is None:
                raise
        if found is not None:
            return found
    return send()


def _opened(look: Callable[[], tuple[Change, ...]], api: Api) -> Change | None:
    """Return the open one, looking more than once: what was written shows up with a delay."""
    for _ in range(_LOOKS):
        found = next((change for change in look() if change.state is State.OPEN), None)
        if found is not None:
            return found
        api.pace.sleep(_LOOK_SECONDS)
    return None
