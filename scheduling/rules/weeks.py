"""Which week a page shows."""

from datetime import date, datetime

from lopso.kernel.clock import local_day, monday_of

EARLIEST, LATEST = date(2020, 1, 1), date(2099, 12, 24)


def day_shown(day: date | None, now: datetime) -> date:
    """`day` within the years that pages show; today without one."""
    return min(max(day or local_day(now), EARLIEST), LATEST)


def monday_shown(day: date | None, now: datetime) -> date:
    """The Monday of the week that holds `day`; of this week without one."""
    return monday_of(day_shown(day, now))
