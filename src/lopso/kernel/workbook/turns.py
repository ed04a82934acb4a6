"""How many files are parsed at once, over all processes of the application."""

import asyncio
import time

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.errors import DomainError
from lopso.kernel.i18n import gettext as _

AT_ONCE = 2
WAIT = 45.0  # seconds; a file is done or refused before that, unless several wait
_BETWEEN = 0.25  # seconds from one try to the next

# CASE, not OR: the second lock is not tried when the first is taken.
_TRY = text(
    "SELECT CASE WHEN pg_try_advisory_xact_lock(hashtext('parse a list'), 1) THEN true"
    " ELSE pg_try_advisory_xact_lock(hashtext('parse a list'), 2) END"
)


class TooManyFiles(DomainError):
    """As many files as may be parsed at once are still being parsed."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            _("Đang có hai danh sách khác được đọc. Chưa đọc tệp này. Xin chờ một phút rồi gửi lại tệp.")
        )


async def take_turn(db: AsyncSession, *, seconds: float = WAIT) -> None:
    """Wait until fewer than `AT_ONCE` files are being parsed; the turn lasts as long as the transaction.

    The locks are the database's, so that all processes count, and a process that dies frees its own. While it
    waits it holds no connection: nothing may be pending in `db`.

    Raises:
        TooManyFiles: no turn within `seconds`.
    """
    until = time.monotonic() + seconds
    while not await db.scalar(_TRY):
        await db.rollback()
        if time.monotonic() >= until:
            raise TooManyFiles
        await asyncio.sleep(_BETWEEN)
