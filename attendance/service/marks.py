"""Attendance marks: only ever added; the latest one stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import BigInteger, Boolean, DateTime, String, Text, Uuid, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from attendance import queries, rules
from attendance.errors import (
    OfferNotAnswered,
    RollClosedToHelpers,
    RollNotOpen,
    RollOfCancelledSession,
    UnknownLearner,
)
from attendance.events import RollChanged
from attendance.models import AttendanceMark
from attendance.queries import RollSession
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.events import publish


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark to save.

    Attributes:
        client_id: made where the tap happened; a second one with the same id changes nothing.
        happened_at: what the phone says, UTC; None means just now.
        offline: made without a connection and uploaded later.
    """

    learner_id: int
    mark: str
    client_id: UUID
    happened_at: datetime | None = None
    offline: bool = False


@dataclass(frozen=True, slots=True)
class SaveResult:
    """What became of the entries of one request, by client id.

    Attributes:
        saved: new.
        known: saved before; nothing changed.
        refused: not saved, with the sentence that says why.
    """

    saved: tuple[UUID, ...] = ()
    known: tuple[UUID, ...] = ()
    refused: dict[UUID, str] = field(default_factory=dict[UUID, str])


def check_open(session: RollSession, *, now: datetime, happened_at: datetime, offline: bool) -> None:
    """Refuse a mark that this person cannot make now; uploads of earlier marks are never too late.

    Raises:
        OfferNotAnswered, RollNotOpen, RollOfCancelledSession, RollClosedToHelpers
    """
    if session.part == "asked":
        raise OfferNotAnswered
    opens_at = rules.opens_at(session.starts_at)
    if now < opens_at:
        raise RollNotOpen(opens_at)
    if session.cancelled_at is not None and not offline:
        raise RollOfCancelledSession(session.cancel_reason or "")
    if session.part == "helper" and happened_at > rules.closes_for_helpers_at(session.ends_at):
        raise RollClosedToHelpers


async def record_marks(
    db: AsyncSession, session: RollSession, marks: Sequence[Mark], *, by: Actor, now: datetime
) -> SaveResult:
    """Save `marks`: a tap, or a whole roster. Does not commit.

    Of two marks for one person the one that happened later stands, whichever arrives first. Three
    statements and those of event handlers; one more when some mark was saved before or is refused.

    Raises:
        OfferNotAnswered, RollNotOpen, RollOfCancelledSession, RollClosedToHelpers: see `check_open`.
    """
    for mark in marks:
        check_open(session, now=now, happened_at=rules.happened(mark.happened_at, now), offline=mark.offline)
    if not marks:
        return SaveResult()
    rows = await db.execute(_INSERT, _values(session, marks, by=by, now=now))
    saved: dict[UUID, int] = {row.client_id: row.learner_id for row in rows}
    known, refused = await _not_saved(db, [mark.client_id for mark in marks if mark.client_id not in saved])
    if saved:
        kept = {mark.client_id: mark for mark in marks if mark.client_id in saved}
        audit.note(
            db,
            audit.Subject("class_session", session.id, session.ward_id),
            "roll.marked",
            by=by,
            now=now,
            marks={str(mark.learner_id): mark.mark for mark in kept.values()},
        )
        changed = tuple(sorted(set(saved.values())))
        await publish(db, RollChanged(session.id, changed, by, now))
    return SaveResult(tuple(saved), known, refused)


# For any number of marks. Who may be marked: a learner of the session's ward, or one who has or had a seat,
# or was marked before. The shared lock is what `mark_the_rest` waits for.
_INSERT = text("""
    WITH marking AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(hashtextextended('roll', :session_id)))
    INSERT INTO attendance_mark (ward_id, session_id, learner_id, mark, happened_at, recorded_at, recorded_by,
        walk_in, offline, client_id)
    SELECT :ward_id, :session_id, entry.learner_id, entry.mark, entry.happened_at, :now, :user_id,
        seat.state IS DISTINCT FROM 'enrolled', entry.offline, entry.client_id
    FROM marking CROSS JOIN unnest(:learner_ids, :marks, :instants, :offline, :client_ids) WITH ORDINALITY
        AS entry (learner_id, mark, happened_at, offline, client_id, place)
    JOIN learner ON learner.id = entry.learner_id
    LEFT JOIN enrolment AS seat ON seat.session_id = :session_id AND seat.learner_id = entry.learner_id
    WHERE learner.ward_id = :ward_id OR seat.id IS NOT NULL OR EXISTS (
        SELECT FROM attendance_mark AS before
        WHERE before.session_id = :session_id AND before.learner_id = entry.learner_id
    )
    ORDER BY entry.place
    ON CONFLICT (client_id) DO NOTHING
    RETURNING client_id, learner_id
""").bindparams(
    bindparam("ward_id", type_=String(5)),
    bindparam("session_id", type_=BigInteger()),
    bindparam("user_id", type_=BigInteger()),
    bindparam("now", type_=DateTime(timezone=True)),
    bindparam("learner_ids", type_=ARRAY(BigInteger())),
    bindparam("marks", type_=ARRAY(Text())),
    bindparam("instants", type_=ARRAY(DateTime(timezone=True))),
    bindparam("offline", type_=ARRAY(Boolean())),
    bindparam("client_ids", type_=ARRAY(Uuid())),
)


def _values(session: RollSession, marks: Sequence[Mark], *, by: Actor, now: datetime) -> dict[str, Any]:
    at = {mark.client_id: rules.happened(mark.happened_at, now) for mark in marks}
    in_order = sorted(marks, key=lambda mark: at[mark.client_id])
    return {
        "session_id": session.id,
        "ward_id": session.ward_id,
        "user_id": by.user_id,
        "now": now,
        "learner_ids": [mark.learner_id for mark in in_order],
        "marks": [mark.mark for mark in in_order],
        "client_ids": [mark.client_id for mark in in_order],
        "instants": [at[mark.client_id] for mark in in_order],
        "offline": [mark.offline for mark in in_order],
    }


async def _not_saved(db: AsyncSession, ids: Sequence[UUID]) -> tuple[tuple[UUID, ...], dict[UUID, str]]:
    """Split ids into those saved before and those refused, with the sentence."""
    if not ids:
        return (), {}
    known = set(await db.scalars(select(AttendanceMark.client_id).where(AttendanceMark.client_id.in_(ids))))
    sentence = UnknownLearner().sentence
    return (
        tuple(each for each in ids if each in known),
        {each: sentence for each in ids if each not in known},
    )


_LOCK_ROLL = text("SELECT pg_advisory_xact_lock(hashtextextended('roll', :session_id))")


async def mark_the_rest(
    db: AsyncSession, session: RollSession, mark: str, *, form_id: UUID, by: Actor, now: datetime
) -> SaveResult:
    """Give everybody without a mark the same one. `form_id` makes a repeated request harmless.

    Waits for marks that others are saving, and they for it: who has none is asked afterwards.
    """
    await db.execute(_LOCK_ROLL, {"session_id": session.id})
    rest = [row.learner_id for row in await queries.roll(db, session.id) if row.mark is None]
    marks = [Mark(learner_id, mark, rest_id(form_id, learner_id)) for learner_id in rest]
    if not marks:
        check_open(session, now=now, happened_at=now, offline=False)
    return await record_marks(db, session, marks, by=by, now=now)


def rest_id(form_id: UUID, learner_id: int) -> UUID:
    """Client id of the mark that `mark_the_rest` gives one learner: `undo` finds it again."""
    return uuid5(form_id, str(learner_id))


async def undo(
    db: AsyncSession, session: RollSession, client_ids: Iterable[UUID], *, by: Actor, now: datetime
) -> SaveResult:
    """Undo marks by adding the ones that stood before them, or "cleared".

    A mark that no longer stands, because a later one was made, is left as it is.
    """
    latest_first = (AttendanceMark.happened_at.desc(), AttendanceMark.id.desc())
    history = (
        select(
            AttendanceMark.learner_id,
            AttendanceMark.client_id,
            func.row_number()
            .over(partition_by=AttendanceMark.learner_id, order_by=latest_first)
            .label("place"),
            func.lead(AttendanceMark.mark)
            .over(partition_by=AttendanceMark.learner_id, order_by=latest_first)
            .label("former"),
        )
        .where(AttendanceMark.session_id == session.id)
        .subquery()
    )
    statement = (
        select(history.c.learner_id, history.c.client_id, history.c.former)
        .where(history.c.place == 1)
        .where(history.c.client_id.in_(list(client_ids)))
        .order_by(history.c.learner_id)
    )
    marks = [
        Mark(learner_id, former or "cleared", uuid5(client_id, "undo"))
        for learner_id, client_id, former in await db.execute(statement)
    ]
    return await record_marks(db, session, marks, by=by, now=now)
