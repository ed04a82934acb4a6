"""Group who hears of which sessions: one message for each phone and series, or closure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from notifications.rules import drafting
from notifications.rules.timing import Window
from notifications.service.planning.context import PlanningContext
from wordings.rules.facts import Recipient, SessionFacts

RecipientsBySession = Mapping[int, Sequence[Recipient]]
"""Session id → who is to hear of the session."""

SeriesKey = tuple[str, int]
"""A series, a session that belongs to none, or a closure."""


@dataclass(slots=True)
class RecipientGroup:
    """What one phone hears of one series or closure: the sessions, earliest first; whom it names."""

    sessions: list[SessionFacts] = field(default_factory=list[SessionFacts])
    people: dict[Recipient, None] = field(default_factory=dict[Recipient, None])


def series_key(session: SessionFacts) -> SeriesKey:
    """What one announcement or move notice may cover: the session's series, or the session alone."""
    return ("series", session.series_id) if session.series_id is not None else ("session", session.id)


def _notice_key(session: SessionFacts) -> SeriesKey:
    """What one notice may cover: what one closure cancelled, of whatever series; else as `series_key`."""
    return series_key(session) if session.closure_id is None else ("closure", session.closure_id)


def group_by_series(
    sessions: Iterable[SessionFacts],
    recipients: RecipientsBySession,
    *,
    key: Callable[[SessionFacts], SeriesKey] = series_key,
) -> dict[tuple[SeriesKey, str], RecipientGroup]:
    """The groups by series (or another `key`) and phone, in the order of their first sessions."""
    groups: dict[tuple[SeriesKey, str], RecipientGroup] = {}
    for session in sorted(sessions, key=lambda each: (each.starts_at, each.id)):
        for people in drafting.by_phone(recipients.get(session.id, ())):
            group = groups.setdefault((key(session), people[0].phone), RecipientGroup())
            group.sessions.append(session)
            group.people |= dict.fromkeys(people)
    return groups


def immediate_groups(
    context: PlanningContext,
    recipients: RecipientsBySession,
    window_of: Callable[[SessionFacts], Window | None] | None = None,
) -> list[tuple[RecipientGroup, Window]]:
    """The groups for messages sent now, or after the quiet hours, each with its window.

    Sessions that begin before the message could be sent are left out; those people have to be called.

    Args:
        window_of: another window than that of a message sent now.
    """
    window_of = window_of or context.immediate_window
    windows = {each.id: window_of(each) for each in context.sessions}
    in_time = [each for each in context.sessions if windows[each.id] is not None]
    groups = group_by_series(in_time, recipients, key=_notice_key).values()
    found = [(group, windows[group.sessions[0].id]) for group in groups]
    return [(group, window) for group, window in found if window is not None]
