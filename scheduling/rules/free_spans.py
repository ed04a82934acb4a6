"""What is left of a day between the times that are taken."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from scheduling.rules.recurrence import Slot, TimeSpan


def free_spans(
    taken: Iterable[TimeSpan], since: datetime, until: datetime, *, at_least: timedelta
) -> list[Slot]:
    """Spans between `since` and `until` that nothing of `taken` touches, earliest first.

    Args:
        taken: in any order; may overlap and lie outside.
        at_least: shorter ones are left out.
    """
    found: list[Slot] = []
    for each in sorted(taken, key=lambda one: one.starts_at):
        if min(each.starts_at, until) - since >= at_least:
            found.append(Slot(since, min(each.starts_at, until)))
        since = max(since, each.ends_at)
    if until - since >= at_least:
        found.append(Slot(since, until))
    return found
