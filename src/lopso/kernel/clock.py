"""Time: instants are aware and in UTC; people live in Asia/Ho_Chi_Minh."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HUE = ZoneInfo("Asia/Ho_Chi_Minh")

Clock = Callable[[], datetime]
"""Returns the current instant, aware, in UTC. Tests pass their own."""


def utc_now() -> datetime:
    """The current instant in UTC."""
    return datetime.now(UTC)


def local(instant: datetime) -> datetime:
    """`instant` as people in Huế read it."""
    return instant.astimezone(HUE)


def local_day(instant: datetime) -> date:
    """The calendar day of `instant` in Huế."""
    return local(instant).date()


def at(day: date, clock_time: time) -> datetime:
    """The instant (UTC) of a wall-clock time in Huế."""
    return datetime.combine(day, clock_time, HUE).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """Midnight in Huế at which `day` begins, in UTC."""
    return at(day, time())


def monday_of(day: date) -> date:
    """The Monday of the week that holds `day`."""
    return day - timedelta(days=day.weekday())
