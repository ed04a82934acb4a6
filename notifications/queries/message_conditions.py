"""SQL conditions and expressions about messages, shared by queries and services."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, CompoundSelect, and_, case, func, or_, select, union
from sqlalchemy.orm import aliased

from lopso.kernel import clock
from notifications.models import Message, MessageSession
from notifications.rules.states import BY_STAFF

SHOWN_STATE: ColumnElement[str] = case(
    (and_(Message.state == "planned", Message.held_at.is_not(None)), "held"), else_=Message.state
)
"""The state as people see it: "held" beside those of the ledger."""

COSTLY = ("planned", "held", "claimed", "sending", "sent", "delivered", "undelivered", "ambiguous")
"""States of texts that cost something, or will."""

NOT_REPLACED = or_(Message.state != "withdrawn", Message.resolution != "sent_again")
"""All texts but those that were taken out and put back: another stands in their place."""

TOLD_BY_STAFF = Message.resolution.in_(("called", "met"))
"""Somebody said it to the recipient instead."""

GONE: ColumnElement[bool] = or_(
    Message.state.in_(("sending", "sent", "delivered", "undelivered", "ambiguous")), TOLD_BY_STAFF
)
"""What it says may be known: it went, or was said instead."""

GONE_AT: ColumnElement[datetime] = func.coalesce(
    Message.sent_at, Message.tried_at, Message.resolved_at, Message.created_at
)
"""When a message of which `GONE` holds went, or was said."""

SAID_OR_PLANNED: ColumnElement[bool] = or_(
    Message.state.not_in(("withdrawn", "suppressed")),
    and_(Message.state == "withdrawn", Message.state_reason == BY_STAFF, Message.resolved_at.is_(None)),
)
"""It went, will go or could not; or staff withdrew it: it is not to be planned once more."""

ENDED_AT: ColumnElement[datetime] = func.coalesce(
    Message.sent_at, Message.tried_at, Message.finished_at, Message.created_at
)
"""When a message went, or found its end."""

FIRST_DUE: ColumnElement[datetime] = func.coalesce(Message.first_due_at, Message.due_at)
"""When a text should have gone, whatever retries it needed; by ward this has an index."""

_ALONE = aliased(Message)


def about_sessions(session_ids: Collection[int]) -> ColumnElement[bool]:
    """Whether a message speaks of one of these sessions, alone or with others.

    A union of two lookups: an OR over two tables would scan the whole ledger.
    """
    return Message.id.in_(select(messages_about(session_ids).subquery().c.message_id))


def messages_about(session_ids: Collection[int]) -> CompoundSelect[tuple[int, int]]:
    """`message_id` and `session_id` of the messages that speak of these sessions, alone or with others."""
    return union(
        select(_ALONE.id.label("message_id"), _ALONE.session_id.label("session_id")).where(
            _ALONE.session_id.in_(session_ids)
        ),
        select(MessageSession.message_id, MessageSession.session_id).where(
            MessageSession.session_id.in_(session_ids)
        ),
    )


def on_day(ward_id: str, day: date) -> list[ColumnElement[bool]]:
    """Messages of a ward that are sent, were sent or were due on `day`."""
    return [
        Message.ward_id == ward_id,
        clock.start_of_day(day) <= FIRST_DUE,
        clock.start_of_day(day + timedelta(days=1)) > FIRST_DUE,
        NOT_REPLACED,
    ]
