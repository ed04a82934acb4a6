"""When somebody who cannot come has to be replaced in a hurry."""

from datetime import datetime, timedelta

URGENT = timedelta(hours=24)
"""A place that became free this shortly before the session is filled first."""


def is_urgent(starts_at: datetime, now: datetime) -> bool:
    """Whether the session begins within `URGENT`."""
    return now < starts_at <= now + URGENT
