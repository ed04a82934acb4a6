"""The Vietnamese lunar calendar, compared with the positions of Sun and Moon on every day of a century."""

import math
from bisect import bisect_right
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from lopso.kernel.lunar import LunarDay, lunar_day, lunar_words, solar_day

EAST = timedelta(hours=7)
UNDECIDED = timedelta(seconds=30)  # how exactly the turning of the Earth is known for the end of the century
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)


class Ephemeris:
    """Lunar months from 1999 to 2101 by the rules of the calendar, of astronomical moments."""

    def __init__(self) -> None:
        import ephem  # a compiled library that only this test needs

        self._ephem: Any = ephem
        self.moons = self._new_moons(datetime(1998, 11, 1), datetime(2102, 3, 1))  # noqa: DTZ001  (UTC)
        self.starts = [moon.date() for moon in self.moons]
        self.months = self._months()

    def day(self, day: date) -> LunarDay:
        number = bisect_right(self.starts, day) - 1
        month, year, leap = self.months[number]
        return LunarDay((day - self.starts[number]).days + 1, month, year, leap)

    def undecided(self, day: date) -> bool:
        """Whether the month that holds `day` or the next begins so close to midnight that nobody can say."""
        number = bisect_right(self.starts, day) - 1
        return any(_from_midnight(moon) < UNDECIDED for moon in self.moons[number : number + 2])

    def _new_moons(self, since: datetime, until: datetime) -> list[datetime]:
        moons: list[datetime] = []
        moment = self._ephem.Date(since)
        while (moment := self._ephem.next_new_moon(moment)) < self._ephem.Date(until):
            moons.append(moment.datetime() + EAST)
        return moons

    def _sign(self, day: date) -> int:
        """In which twelfth of its way the Sun is when `day` begins."""
        moment = self._ephem.Date(datetime(day.year, day.month, day.day) - EAST)  # noqa: DTZ001  (UTC)
        sun = self._ephem.Sun(moment)
        place = self._ephem.Equatorial(sun.g_ra, sun.g_dec, epoch=moment)
        return int(math.degrees(self._ephem.Ecliptic(place, epoch=moment).lon) % 360 // 30)

    def _months(self) -> dict[int, tuple[int, int, bool]]:
        """Number, year and whether leap, of each month by its place in `starts`.

        The month of the winter solstice is the eleventh; of thirteen from one to the next, the first without
        a change of sign is leap.
        """
        signs = [self._sign(start) for start in self.starts]
        changes = [{(a + n) % 12 for n in range(1, (b - a) % 12 + 1)} for a, b in pairwise(signs)]
        months: dict[int, tuple[int, int, bool]] = {}
        for eleventh, following in pairwise(n for n, each in enumerate(changes) if 9 in each):
            leap = None
            if following - eleventh == 13:
                leap = next(n for n in range(eleventh + 1, following) if not changes[n])
            year = self.starts[eleventh].year
            for place in range(eleventh, following):
                counted = place - eleventh - (leap is not None and place >= leap)
                months[place] = ((10 + counted) % 12 + 1, year + (counted >= 2), place == leap)
        return months


def _from_midnight(moment: datetime) -> timedelta:
    passed = timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)
    return min(passed, timedelta(days=1) - passed)


def test_every_day_of_the_century_is_what_sun_and_moon_say() -> None:
    ephemeris = Ephemeris()
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    wrong = [day for day in days if lunar_day(day) != ephemeris.day(day)]
    assert [day for day in wrong if not ephemeris.undecided(day)] == []
    assert len(wrong) <= 30


def test_every_day_of_the_century_is_found_by_its_lunar_day() -> None:
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    assert [day for day in days if solar_day(lunar_day(day)) != day] == []


@pytest.mark.parametrize(
    ("day", "lunar"),
    [
        (date(2027, 2, 4), LunarDay(28, 12, 2026)),
        (date(2027, 2, 6), LunarDay(1, 1, 2027)),
        (date(2007, 2, 17), LunarDay(1, 1, 2007)),  # in China a day later
        (date(2030, 2, 2), LunarDay(1, 1, 2030)),
        (date(2025, 7, 25), LunarDay(1, 6, 2025, leap=True)),
    ],
)
def test_known_days_of_printed_calendars(day: date, lunar: LunarDay) -> None:
    assert lunar_day(day) == lunar


@pytest.mark.parametrize(
    "lunar", [LunarDay(30, 12, 2026), LunarDay(1, 6, 2026, leap=True), LunarDay(31, 1, 2027)]
)
def test_a_lunar_day_that_is_not_there_is_none(lunar: LunarDay) -> None:
    assert solar_day(lunar) is None


def test_lunar_days_are_written_as_people_say_them() -> None:
    assert lunar_words(date(2027, 2, 4)) == "28 tháng Chạp"
    assert lunar_words(date(2027, 2, 10)) == "mùng 5 tháng Giêng"
    assert lunar_words(date(2027, 9, 15)) == "rằm tháng 8"
    assert lunar_words(date(2025, 7, 25)) == "mùng 1 tháng 6 nhuận"
