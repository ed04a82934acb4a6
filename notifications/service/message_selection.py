"""Which messages an action of staff applies to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, or_

from notifications.models import Message
from notifications.rules.delivery_problems import UNWANTED
from notifications.rules.states import BY_STAFF, PROBLEM_STATES
from notifications.rules.topics import CHANGE_NOTICES
from notifications.service.ledger import MAX_REPEATS
from notifications.service.open_messages import OPEN_STATES
from notifications.service.resends import still_relevant

MessageAction = Literal["hold", "release", "withdraw", "put_back", "send_again", "resolve", "reopen"]


@dataclass(frozen=True, slots=True)
class MessageSelection:
    """Messages of a ward: one, those of a session, or those of one purpose of a session.

    Attributes:
        at: only those held, withdrawn or resolved at this very instant: to undo that action.
    """

    ward_id: str
    message_id: int | None = None
    session_id: int | None = None
    purpose: str | None = None
    at: datetime | None = None

    @property
    def where(self) -> list[ColumnElement[bool]]:
        """The condition, `at` left out.

        Raises:
            ValueError: neither a message nor a session is given; a whole ward is never selected.
        """
        if self.message_id is None and self.session_id is None:
            raise ValueError("name a text or a session")
        found = [Message.ward_id == self.ward_id]
        if self.message_id is not None:
            found.append(Message.id == self.message_id)
        if self.session_id is not None:
            found.append(Message.session_id == self.session_id)
        if self.purpose is not None:
            found.append(Message.purpose == self.purpose)
        return found


def applicable(
    action: MessageAction, selection: MessageSelection, now: datetime
) -> list[ColumnElement[bool]]:
    """The condition of the messages that `action` would change now."""
    unresolved = [Message.state.in_(PROBLEM_STATES), Message.resolved_at.is_(None)]
    already_due = or_(Message.state != "suppressed", Message.due_at <= now)
    by_staff = [Message.state == "withdrawn", Message.state_reason == BY_STAFF, Message.resolved_at.is_(None)]
    conditions: Mapping[MessageAction, Sequence[ColumnElement[bool]]] = {
        "hold": [Message.state.in_(OPEN_STATES), Message.held_at.is_(None), Message.useless_after > now],
        "release": [Message.state == "planned", Message.held_at.is_not(None)],
        "withdraw": [Message.state.in_(OPEN_STATES)],
        "put_back": [*by_staff, *still_relevant(now)],
        "send_again": [
            *unresolved,
            Message.state_reason.not_in(UNWANTED),
            Message.repeat < MAX_REPEATS,
            *still_relevant(now),
        ],
        # Of many, only those whose readers could have missed something by now.
        "resolve": unresolved if selection.message_id else [*unresolved, already_due],
        "reopen": [Message.resolved_at.is_not(None), Message.resolution != "sent_again"],
    }
    found = [*selection.where, *conditions[action]]
    done_at = {"release": Message.held_at, "put_back": Message.finished_at, "reopen": Message.resolved_at}
    if selection.at is not None and action in done_at:
        found.append(done_at[action] == selection.at)
    return found


def resendable(
    selection: MessageSelection,
    now: datetime,
    *,
    change_notices_only: bool = False,
    perhaps_twice: bool = False,
) -> list[ColumnElement[bool]]:
    """The condition of the messages that `send_again` would plan once more.

    Args:
        change_notices_only: the ward's month is spent.
        perhaps_twice: also those of unknown outcome.
    """
    where = applicable("send_again", selection, now)
    if not perhaps_twice:
        where.append(Message.state != "ambiguous")
    if change_notices_only:
        where.append(Message.purpose.in_(CHANGE_NOTICES))
    return where
