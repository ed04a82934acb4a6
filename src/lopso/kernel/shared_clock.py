"""The database's clock, shared by all machines."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.kernel.clock import Clock, utc_now

log = structlog.get_logger("lopso.clock")

_NOTABLE = timedelta(seconds=5)


class SharedClock:
    """The local clock corrected by its offset from the database's clock.

    Leases are written by one machine and read by another: with clocks that differ, work that is still under
    way would be taken for lost, and done twice.
    """

    def __init__(self, engine: AsyncEngine, own: Clock = utc_now) -> None:
        self._engine = engine
        self._own = own
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return self._own() + self.offset

    async def set(self) -> None:
        """Ask the database for the time; one statement."""
        async with self._engine.connect() as connection:
            asked = self._own()
            there = await connection.scalar(text("SELECT clock_timestamp()"))
            answered = self._own()
        self.offset = there - (asked + (answered - asked) / 2)
        if abs(self.offset) > _NOTABLE:
            seconds = round(self.offset.total_seconds())
            log.warning("this machine's clock differs from the database's", seconds=seconds)
