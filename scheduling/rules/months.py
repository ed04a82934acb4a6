"""The weeks in which a month is shown."""

from datetime import date, datetime, timedelta

from lopso.kernel.clock import monday_of
from scheduling.rules.weeks import day_shown


def month_shown(day: date | None, now: datetime) -> date:
    """The first day of the month that holds `day`; of this month without one."""
    return day_shown(day, now).replace(day=1)


def month_after(first: date, months: int = 1) -> date:
    """The first day of the month that comes `months` after that of `first`; before it where negative."""
    years, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(years, month + 1, 1)


def weeks_of_month(first: date) -> list[date]:
    """The Mondays of the weeks, four to six, that hold a day of the month that begins on `first`."""
    last = month_after(first) - timedelta(days=1)
    mondays = [monday_of(first)]
    while mondays[-1] + timedelta(days=7) <= last:
        mondays.append(mondays[-1] + timedelta(days=7))
    return mondays
