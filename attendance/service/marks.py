"""Calling the roll. Marks are only ever added; the latest one stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Text,
    Uuid,
    and_,
    cast,
    column,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from attendance import queries, rules
from attendance.errors import (
    OfferNotAnswered,
    RollClosedToHelpers,
    RollNotOpen,
    SessionCalledOff,
    UnknownLearner,
)
from attendance.events import RollChanged
from attendance.models import AttendanceMark
from attendance.queries import RollSession
from learners.models import Learner
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.events import publish
from scheduling.models import Enrolment


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark to be kept.

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
class Saved:
    """What became of the marks of one request, by client id.

    Attributes:
        saved: kept just now.
        known: kept before; nothing changed.
        refused: not kept, with the sentence that says why.
    """

    saved: tuple[UUID, ...] = ()
    known: tuple[UUID, ...] = ()
    refused: dict[UUID, str] = field(default_factory=dict[UUID, str])


def check_open(session: RollSession, *, now: datetime, happened_at: datetime, offline: bool) -> None:
    """Refuse a mark that this person cannot make now. What already happened is never too late.

    Raises:
        OfferNotAnswered, RollNotOpen, SessionCalledOff, RollClosedToHelpers
    """
    if session.part == "asked":
        raise OfferNotAnswered
    opens_at = rules.opens_at(session.starts_at)
    if now < opens_at:
        raise RollNotOpen(opens_at)
    if session.cancelled_at is not None and not offline:
        raise SessionCalledOff(session.cancel_reason or "")
    if session.part == "helper" and happened_at > rules.closes_for_helpers_at(session.ends_at):
        raise RollClosedToHelpers


async def record_marks(
    db: AsyncSession, session: RollSession, marks: Sequence[Mark], *, by: Actor, now: datetime
) -> Saved:
    """Keep `marks`: a tap, or a whole roster. Does not commit.

    Of two marks for one person the one that happened later stands, whichever arrives first. Three
    statements and what the listeners add; one more when some mark was kept before or is refused.

    Raises:
        OfferNotAnswered, RollNotOpen, SessionCalledOff, RollClosedToHelpers: see `check_open`.
    """
    for mark in marks:
        check_open(session, now=now, happened_at=rules.happened(mark.happened_at, now), offline=mark.offline)
    if not marks:
        return Saved()
    rows = await db.execute(_insert(session, marks, by=by, now=now))
    saved = {row[0]: row[1] for row in rows}
    known, refused = await _not_saved(db, [mark.client_id for mark in marks if mark.client_id not in saved])
    if saved:
        kept = {mark.client_id: mark for mark in marks if mark.client_id in saved}
        audit.record(
            db,
            by=by,
            now=now,
            action="roll.marked",
            ward_id=session.ward_id,
            subject="class_session",
            subject_id=session.id,
            facts={"marks": {str(mark.learner_id): mark.mark for mark in kept.values()}},
        )
        changed = tuple(sorted(set(saved.values())))
        await publish(db, RollChanged(session.id, changed, by, now))
    return Saved(tuple(saved), known, refused)


def _insert(
    session: RollSession, marks: Sequence[Mark], *, by: Actor, now: datetime
) -> ReturningInsert[UUID, int]:
    """One INSERT for all of them, whatever their number; the statement is compiled once."""

    def array(values: Iterable[object], kind: Any) -> Any:
        return cast(literal(list(values), ARRAY(kind)), ARRAY(kind))

    instant = DateTime(timezone=True)
    in_order = sorted(marks, key=lambda mark: rules.happened(mark.happened_at, now))
    entry = (
        func.unnest(
            array((mark.learner_id for mark in in_order), BigInteger()),
            array((mark.mark for mark in in_order), Text()),
            array((mark.client_id for mark in in_order), Uuid()),
            array((rules.happened(mark.happened_at, now) for mark in in_order), instant),
            array((mark.offline for mark in in_order), Boolean()),
        )
        .table_valued(
            column("learner_id", BigInteger()),
            column("mark", Text()),
            column("client_id", Uuid()),
            column("happened_at", instant),
            column("offline", Boolean()),
            with_ordinality="place",
        )
        .render_derived(name="entry")
    )
    seat = and_(Enrolment.session_id == session.id, Enrolment.learner_id == entry.c.learner_id)
    marked = and_(AttendanceMark.session_id == session.id, AttendanceMark.learner_id == entry.c.learner_id)
    wanted = (
        select(
            literal(session.ward_id, Text()),
            literal(session.id, BigInteger()),
            entry.c.learner_id,
            entry.c.mark,
            entry.c.happened_at,
            literal(now, instant),
            literal(by.user_id, BigInteger()),
            ~exists().where(seat, Enrolment.state == "enrolled"),
            entry.c.offline,
            entry.c.client_id,
        )
        .join(Learner, Learner.id == entry.c.learner_id)
        .where(
            or_(
                Learner.ward_id == session.ward_id,
                exists().where(seat),
                exists().where(marked),
            )
        )
        .order_by(entry.c.place)
    )
    return (
        insert(AttendanceMark)
        .from_select(
            [
                "ward_id",
                "session_id",
                "learner_id",
                "mark",
                "happened_at",
                "recorded_at",
                "recorded_by",
                "walk_in",
                "offline",
                "client_id",
            ],
            wanted,
        )
        .on_conflict_do_nothing(index_elements=["client_id"])
        .returning(AttendanceMark.client_id, AttendanceMark.learner_id)
    )


async def _not_saved(db: AsyncSession, ids: Sequence[UUID]) -> tuple[tuple[UUID, ...], dict[UUID, str]]:
    """Part what was kept before from what has no place in this session."""
    if not ids:
        return (), {}
    known = set(await db.scalars(select(AttendanceMark.client_id).where(AttendanceMark.client_id.in_(ids))))
    sentence = UnknownLearner().sentence
    return (
        tuple(each for each in ids if each in known),
        {each: sentence for each in ids if each not in known},
    )


async def mark_the_rest(
    db: AsyncSession, session: RollSession, mark: str, *, form_id: UUID, by: Actor, now: datetime
) -> Saved:
    """Give everybody without a mark the same one. `form_id` makes a repeated request harmless."""
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
) -> Saved:
    """Take marks back by adding the ones that stood before them, or "cleared".

    A mark that no longer stands, because somebody marked again since, is left alone.
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
