"""Addresses that hold a secret are not guessed for long: misses are counted by client address.

A miss is a 404 under such an address, whether unknown, replaced or revoked. The counts live in the memory of
each process: they cost no statement, and a restart forgives.
"""

from collections import OrderedDict, deque
from datetime import datetime, timedelta

from litestar.handlers import BaseRouteHandler
from litestar.types import Message, Scope

from lopso.kernel.errors import TooMany
from lopso.kernel.i18n import gettext as _
from lopso.web.client import limited_address
from lopso.web.guards import Connection

GUARDED = ("/hv/", "/lich-rieng/", "/loi-moi/", "/kiem-tra/")
"""A learner's page, calendar feeds, invitations, certificates by their number."""

WINDOW = timedelta(minutes=10)
MISSES = 100
"""Within the window; a ward office with a drawer of old cards stays far below."""

_MOST_ADDRESSES = 10_000


class MissCounter:
    """Misses of late by client address; the address that missed longest ago is forgotten first."""

    def __init__(self) -> None:
        self._misses: OrderedDict[str, deque[datetime]] = OrderedDict()

    def count(self, address: str, now: datetime) -> None:
        """Note one miss."""
        self._misses.setdefault(address, deque(maxlen=MISSES)).append(now)
        self._misses.move_to_end(address)
        if len(self._misses) > _MOST_ADDRESSES:
            self._misses.popitem(last=False)

    def waits(self, address: str, now: datetime) -> int:
        """Seconds that this address has to wait; 0: none."""
        misses = self._misses.get(address)
        if misses is None or len(misses) < MISSES:
            return 0
        return max(0, int((misses[0] + WINDOW - now).total_seconds()))


async def limit_guesses(connection: Connection, _handler: BaseRouteHandler) -> None:
    """Guard of every route.

    Raises:
        TooMany: this client has missed too often of late.
    """
    if not connection.scope["path"].startswith(GUARDED):
        return
    state = connection.app.state
    host = connection.client.host if connection.client else ""
    seconds = state.misses.waits(limited_address(host), state.clock())
    if seconds:
        sentence = _("Có quá nhiều yêu cầu trong thời gian ngắn. Xin thử lại sau ít phút.")
        raise TooMany(sentence, retry_after=seconds)


async def count_misses(message: Message, scope: Scope) -> None:
    """``before_send`` hook."""
    if message["type"] != "http.response.start" or message["status"] != 404:
        return
    if scope["path"].startswith(GUARDED):
        state = scope["litestar_app"].state
        client = scope["client"]
        state.misses.count(limited_address(client[0] if client else ""), state.clock())
