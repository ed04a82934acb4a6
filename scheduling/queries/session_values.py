"""Sessions as the rules of changes see them."""

from scheduling.models import ClassSession
from scheduling.rules.plan import SessionPlace, SessionValues
from scheduling.rules.recurrence import Slot
from scheduling.rules.series_change import SeriesMeeting


def values_of(session: ClassSession) -> SessionValues:
    """What can be changed about a session, as it is now."""
    return SessionValues(
        slot=Slot(session.starts_at, session.ends_at),
        place=SessionPlace(session.room_id, session.market_id, session.place),
        title=session.title,
        capacity=session.capacity,
        need_trainers=session.need_trainers,
        need_helpers=session.need_helpers,
        note=session.note,
    )


def meeting_of(session: ClassSession) -> SeriesMeeting:
    """A session as a change of its series meets it."""
    return SeriesMeeting(values_of(session), session.rule_start or session.starts_at)
