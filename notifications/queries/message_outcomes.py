"""SQL: what became of a message, as the call list sees it."""

from datetime import timedelta

from sqlalchemy import Interval, and_, bindparam, case, func, literal, or_

from lopso.kernel.db import UtcDateTime
from notifications.models import Message
from notifications.queries.message_conditions import FIRST_DUE
from notifications.rules.states import BY_STAFF, PENDING_STATES, SENT_STATES

OVERDUE_AFTER = timedelta(hours=2)
"""A message that is late by so much waits for a provider that may not be available in time…"""

OVERDUE_SHARE = 0.25
"""…or by this part of the time in which it is of use, where that is less."""

_OVERDUE_PART = (Message.useless_after - FIRST_DUE).op("*", precedence=8, return_type=Interval())(
    OVERDUE_SHARE
)
_OVERDUE = FIRST_DUE + func.least(literal(OVERDUE_AFTER), _OVERDUE_PART) < bindparam("now", type_=UtcDateTime)
OUTCOME = case(
    (Message.state == "withdrawn", "by_staff"),
    (and_(Message.state == "planned", Message.held_at.is_not(None)), "held"),
    (and_(Message.state == "planned", _OVERDUE), "overdue"),
    else_=Message.state,
)
"""The state of a message, or "by_staff", "held", "overdue". Needs the parameter `now`."""

IS_REACHED = or_(
    OUTCOME.in_((*PENDING_STATES, *SENT_STATES)), Message.resolution.in_(("called", "met", "not_needed"))
)
"""Sent, or still to be sent in time, or somebody noted that the recipient knows."""

IS_CURRENT = or_(
    Message.state != "withdrawn", and_(Message.state_reason == BY_STAFF, Message.resolved_at.is_(None))
)
"""Not withdrawn, but for those that staff chose not to send."""
