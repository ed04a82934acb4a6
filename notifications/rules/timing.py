"""When a message may be sent and until when it is of use. Instants in UTC, clock times in Huế."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from lopso.kernel import clock

SOON = timedelta(hours=48)
"""A change of a session nearer than this is announced at once."""

UNDO_TIME = timedelta(minutes=5)
"""How long a cancellation can be undone before anybody hears of it."""

NEAR = timedelta(hours=2)
"""People may be on their way to a session that begins so soon: its cancellation is told at once."""

RESULTS_AT = time(17)
"""When results are sent: skills confirmed until then come in one message."""

WIDEST = (time(6), time(22))
"""A city chooses its quiet hours within these; those of a ward lie within the city's."""

_RESULT_OF_USE = timedelta(days=3)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Times:
    """Reminder times of one kind of session that differ from the usual; None: no such reminder."""

    day_before_at: time | None
    hours_before: int | None


@dataclass(frozen=True, slots=True)
class Policy:
    """When messages are sent, how many, for how much: the policy of the city, or of a ward.

    Attributes:
        day_before_at: clock time of the reminder on the day before; None: no such reminder.
        hours_before: hours before the start for the reminder of the same day; None: no such reminder.
        quiet_until: nothing is sent before this clock time…
        quiet_from: …nor after this one.
        daily_cap: the most messages to one number on one day.
        useless_minutes: in the last minutes before the start no reminder is sent.
        kinds: times of kinds of session that differ.
        monthly_budget: what a ward's messages of one month may cost, in đồng; None: no limit.
        budget_warning: per cent of it at which staff are warned.
    """

    day_before_at: time | None = time(18)
    hours_before: int | None = 2
    quiet_until: time = time(7)
    quiet_from: time = time(21)
    daily_cap: int = 6
    useless_minutes: int = 0
    kinds: Mapping[str, Times] = field(default_factory=dict[str, Times])
    monthly_budget: Decimal | None = None
    budget_warning: int = 80

    def of(self, kind: str) -> "Policy":
        """The policy with the times of one kind of session."""
        times = self.kinds.get(kind)
        if times is None:
            return self
        return replace(self, day_before_at=times.day_before_at, hours_before=times.hours_before)


USUAL = Policy(kinds={"market_round": Times(time(18), None)})
"""The default. Traders are up before dawn and at their stalls all day: they are reminded on the eve alone."""


@dataclass(frozen=True, slots=True)
class Window:
    """When a message may be sent: not before `due_at`, never at or after `useless_after`."""

    due_at: datetime
    useless_after: datetime


def awake(policy: Policy, instant: datetime) -> bool:
    """Whether `instant` is outside the quiet hours; the minute of `quiet_from` still is."""
    minute = clock.local(instant).time().replace(second=0, microsecond=0)
    return policy.quiet_until <= minute <= policy.quiet_from


def day_before(policy: Policy, starts_at: datetime, now: datetime) -> Window | None:
    """The window of the reminder on the eve of a session.

    Of use until the evening's quiet hours: the morning after, the reminder of the same day takes over.
    A due time already past means at once outside the quiet hours while it is of use, else not at all.
    """
    if policy.day_before_at is None:
        return None
    eve = clock.local_day(starts_at) - timedelta(days=1)
    wanted = min(max(policy.day_before_at, policy.quiet_until), policy.quiet_from)
    # One minute past the last waking one: a text due at quiet_from itself still goes.
    useless_after = min(_last_of_use(policy, starts_at), clock.at(eve, policy.quiet_from) + _MINUTE)
    return _from_now(policy, Window(clock.at(eve, wanted), useless_after), now)


def same_day(policy: Policy, starts_at: datetime, now: datetime) -> Window | None:
    """The window of the reminder some hours before the start, moved out of the quiet hours of that day.

    More hours than the day has before the start mean the first minute after the quiet hours. None where even
    that leaves no time before the start: a session at dawn is reminded on its eve alone.
    """
    if policy.hours_before is None:
        return None
    day = clock.local_day(starts_at)
    wanted = starts_at - timedelta(hours=policy.hours_before)
    due_at = min(max(wanted, clock.at(day, policy.quiet_until)), clock.at(day, policy.quiet_from))
    return _from_now(policy, Window(due_at, _last_of_use(policy, starts_at)), now)


def at_once(policy: Policy, useless_after: datetime, now: datetime) -> Window | None:
    """The window of a message sent now, or after the quiet hours; None when that is too late to be of use."""
    today = clock.local_day(now)
    if awake(policy, now):
        due_at = now
    elif clock.local(now).time() < policy.quiet_until:
        due_at = clock.at(today, policy.quiet_until)
    else:
        due_at = clock.at(today + timedelta(days=1), policy.quiet_until)
    return Window(due_at, useless_after) if due_at < useless_after else None


def cancellation(policy: Policy, starts_at: datetime, now: datetime) -> Window | None:
    """The window of a cancellation notice: `UNDO_TIME` after the act, so that a mistake reaches nobody.

    At once where the session is near, or where the quiet hours would begin meanwhile.
    """
    later = now + UNDO_TIME
    at_once_instead = starts_at - now <= NEAR or (awake(policy, now) and not awake(policy, later))
    return at_once(policy, starts_at, now if at_once_instead else later)


def result(policy: Policy, now: datetime) -> Window:
    """The window of a message about results: late in the afternoon, today or tomorrow."""
    due_at = results_of(policy, clock.local_day(now))
    if due_at <= now:
        due_at = results_of(policy, clock.local_day(now) + timedelta(days=1))
    return Window(due_at, due_at + _RESULT_OF_USE)


def results_of(policy: Policy, day: date) -> datetime:
    """When results are sent on `day`."""
    return clock.at(day, min(max(RESULTS_AT, policy.quiet_until), policy.quiet_from))


def moved(
    policy: Policy, old_starts_at: datetime, starts_at: datetime, *, announced: bool, now: datetime
) -> Window | None:
    """The window of a move notice.

    At once when the old time was already announced, or when the old or the new one is near. Otherwise the
    reminder of the new time says it all, except where it would come after the old day: then the notice is
    sent on the eve of the old day.
    """
    if announced or min(old_starts_at, starts_at) - now <= SOON:
        return at_once(policy, starts_at, now)
    if clock.local_day(starts_at) <= clock.local_day(old_starts_at):
        return None
    eve = day_before(policy, old_starts_at, now)
    return Window(eve.due_at, starts_at) if eve else at_once(policy, starts_at, now)


def _last_of_use(policy: Policy, starts_at: datetime) -> datetime:
    return starts_at - timedelta(minutes=policy.useless_minutes)


def _from_now(policy: Policy, window: Window, now: datetime) -> Window | None:
    due_at = max(window.due_at, now)
    if due_at >= window.useless_after or not awake(policy, due_at):
        return None
    return Window(due_at, window.useless_after)
