"""How an assignment changes its state; who calls this holds the locks, flushes and publishes (`bookings`)."""

from datetime import datetime
from typing import Literal

from lopso.kernel.access import Actor
from scheduling.models import Assignment, ClassSession
from scheduling.rules.commitments import AssignmentRole
from trainers.models import Trainer


def new_assignment(
    session: ClassSession, trainer: Trainer, *, role: AssignmentRole, agreed: bool, by: Actor, now: datetime
) -> Assignment:
    """The row that asks a helper; accepted at once where they agreed, or the session has begun."""
    accepted = agreed or session.starts_at <= now
    return Assignment(
        ward_id=session.ward_id,
        session_id=session.id,
        trainer_id=trainer.id,
        role=role,
        state="accepted" if accepted else "offered",
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        offered_at=now,
        offered_by=by.user_id,
        answered_at=now if accepted else None,
    )


def accept(row: Assignment, now: datetime) -> None:
    """The helper comes."""
    row.state, row.reason, row.answered_at = "accepted", "", now


def decline(row: Assignment, reason: str, now: datetime) -> None:
    """The helper does not come; `reason` is not empty."""
    row.state, row.reason, row.answered_at = "declined", reason, now


def ask_again(row: Assignment) -> None:
    """The helper is asked as if they had not answered."""
    row.state, row.reason, row.answered_at = "offered", "", None


def end(row: Assignment, state: Literal["withdrawn", "replaced"], reason: str, now: datetime) -> None:
    """The helper is not needed any more; one who was replaced may be restored with their agreement."""
    if state == "replaced":
        row.accepted_at = row.answered_at if row.state == "accepted" else None
    row.state, row.reason, row.answered_at = state, reason, now


def restore(row: Assignment) -> None:
    """The helper is asked, or has agreed, as before the assignment ended."""
    row.state = "accepted" if row.accepted_at is not None else "offered"
    row.answered_at, row.accepted_at, row.reason = row.accepted_at, None, ""


def record_presence(row: Assignment, *, came: bool, now: datetime) -> None:
    """Whether the helper was there, once the session has begun."""
    row.state, row.answered_at = "accepted" if came else "no_show", now


def change_role_of(row: Assignment, role: AssignmentRole) -> None:
    """The helper does something else in the session; an answer that was given stays given."""
    row.role = role
