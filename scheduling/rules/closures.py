"""What a closure cancels."""

from dataclasses import dataclass
from datetime import date, timedelta

MOST_DAYS = 31


@dataclass(frozen=True, slots=True)
class ClosurePlan:
    """Which wards, which days (in Huế, both included), which kinds of session."""

    ward_ids: tuple[str, ...]
    first_day: date
    last_day: date
    kinds: tuple[str, ...]

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of it."""
        number = (self.last_day - self.first_day).days + 1
        return tuple(self.first_day + timedelta(days=each) for each in range(number))
