"""What the services on assignments share: locking rows, refusing double bookings, audit and events."""

from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from lopso.kernel import audit
from lopso.kernel.access import Actor, Permission
from lopso.kernel.db import violated
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from scheduling.errors import HelperBusy, NotPossibleNow
from scheduling.events import AssignmentsChanged, AssignmentsEnded, TrainersBySession
from scheduling.labels.commitments import commitment_label
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from scheduling.queries.commitments import commitments_at
from scheduling.rules.commitments import Commitment
from scheduling.service.locking import lock_helpers, lock_sessions
from trainers.models import Trainer

_EXCLUSION = "ex_assignment_helper_once"
LONGEST_REASON = 300  # characters


def commitment_sentence(trainer: Trainer, other: Commitment, session_id: int, by: Actor) -> str:
    """The session in which `trainer` is already, named only to those who may see it and the helper."""
    if other.session_id == session_id:
        return _("%(name)s đã có trong buổi này.", name=trainer.full_name)
    own = by.user_id is not None and trainer.user_id == by.user_id
    may_name = own or by.may(Permission.SEE_CALENDAR, other.ward_id)
    held = commitment_label(other, may_name=may_name)
    return _("%(name)s đã có %(other)s.", name=trainer.full_name, other=held)


@asynccontextmanager
async def refusing_double_booking(
    db: AsyncSession, wanted: Sequence[tuple[int, int]], *, by: Actor
) -> AsyncGenerator[None, None]:
    """Flush what is changed inside; a refusal by the exclusion constraint becomes a sentence.

    Args:
        wanted: (trainer id, session id) of the assignments that become active.

    Raises:
        HelperBusy: names what holds the helper; nothing of the inside is kept.
    """
    try:
        async with db.begin_nested():  # flushes first, so the change itself must come inside
            yield
            await db.flush()
    except IntegrityError as error:
        if violated(error) != _EXCLUSION:
            raise
        raise HelperBusy(await _what_holds(db, wanted, by)) from error


async def _what_holds(db: AsyncSession, wanted: Sequence[tuple[int, int]], by: Actor) -> str:
    held = await commitments_at(db, [trainer for trainer, _s in wanted], [session for _t, session in wanted])
    ids = {trainer for trainer, _s in wanted}
    trainers = {each.id: each for each in await db.scalars(select(Trainer).where(Trainer.id.in_(ids)))}
    sentences = [
        commitment_sentence(trainers[key[0]], held[key], key[1], by)
        for key in dict.fromkeys(wanted)
        if key in held
    ]
    return " ".join(sentences) or _("Người này vừa được phân công vào buổi khác cùng giờ.")


async def lock_assignment(
    db: AsyncSession, assignment_id: int, *, by: Actor, planning: bool = False, also: Collection[int] = ()
) -> tuple[Assignment, ClassSession]:
    """The assignment with its helper, and its session, locked in the common order; `by` may change it.

    Args:
        also: ids of other helpers to lock.
    """
    found = (
        await db.execute(
            select(Assignment.session_id, Assignment.trainer_id).where(Assignment.id == assignment_id)
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    [session] = await lock_sessions(db, [found.session_id])
    await lock_helpers(db, {found.trainer_id, *also})
    row = (
        await db.scalars(
            select(Assignment)
            .where(Assignment.id == assignment_id)
            .options(joinedload(Assignment.trainer))
            .with_for_update(of=Assignment)
            .execution_options(populate_existing=True)
        )
    ).one()
    if by.may(Permission.PLAN, session.ward_id):
        return row, session
    own = by.user_id is not None and row.trainer.user_id == by.user_id
    if planning or not own or session.published_at is None:
        raise NotFound
    return row, session


def reason_of(typed: str) -> str:
    """The reason on one line.

    Raises:
        InvalidInput: nothing was typed.
    """
    reason = " ".join(typed.split())[:LONGEST_REASON]
    if not reason:
        raise InvalidInput({"ly_do": _("Xin cho biết lý do, một vài chữ là đủ.")})
    return reason


async def check_vacancy(db: AsyncSession, row: Assignment, session: ClassSession) -> None:
    """Check that nobody has filled the place of somebody who declined.

    Raises:
        NotPossibleNow: it is filled.
    """
    wanted = session.need_trainers if row.role == "trainer" else session.need_helpers
    active = (
        await db.scalars(
            select(Assignment.trainer_id).where(
                Assignment.session_id == row.session_id,
                Assignment.role == row.role,
                Assignment.state.in_(ASSIGNMENT_ACTIVE),
            )
        )
    ).all()
    if row.trainer_id in active or len(active) >= max(wanted, 1):
        raise NotPossibleNow(_("Buổi này đã có người nhận thay. Nếu vẫn muốn đến, xin gọi cho phường, xã."))


def unanswered(row: Assignment) -> bool:
    """Whether the helper has not answered since; one who had agreed before counts as not having answered."""
    return row.state == "offered" or (row.state == "accepted" and row.answered_at == row.offered_at)


def ended_sentence(row: Assignment) -> str:
    """Why an ended assignment takes no answer."""
    if row.state == "replaced":
        return _("Buổi này đã có người khác thay, không cần trả lời nữa.")
    if row.state == "no_show":
        return _("Buổi này đã ghi là vắng mặt.")
    if row.state == "declined":
        return _("Người này đã báo bận buổi này.")
    return _("Phân công này đã được rút, không cần trả lời nữa.")


def note(
    db: AsyncSession, row: Assignment, action: str, *, by: Actor, now: datetime, **facts: object
) -> None:
    """Note a change in the audit trail."""
    audit.note(db, row, action, by=by, now=now, session_id=row.session_id, trainer_id=row.trainer_id, **facts)


async def publish_assignments(
    db: AsyncSession,
    rows: Sequence[Assignment],
    *,
    by: Actor,
    now: datetime,
    answers_undone: bool = False,
    restored: bool = False,
) -> None:
    """Publish once what the helpers of `rows` were asked or answered by one act.

    Args:
        answers_undone: they are asked again, because their answer was undone.
        restored: they are in it as before, because their replacement was undone.
    """
    if not rows:
        return
    offered = trainers_by_session(row for row in rows if row.state == "offered")
    fact = AssignmentsChanged(
        offered=offered,
        accepted=trainers_by_session(row for row in rows if row.state == "accepted"),
        declined=trainers_by_session(row for row in rows if row.state == "declined"),
        answers_undone=offered if answers_undone else (),
        restored=trainers_by_session(rows) if restored else (),
        by=by,
        at=now,
    )
    await publish(db, fact)


async def publish_ended(db: AsyncSession, rows: Sequence[Assignment], *, by: Actor, now: datetime) -> None:
    """Publish once that the helpers of `rows` were taken off their sessions."""
    if rows:
        await publish(db, AssignmentsEnded(trainers_by_session(rows), by, now))


def trainers_by_session(rows: Iterable[Assignment]) -> TrainersBySession:
    """The helpers of assignments by session, as events name them."""
    trainers: dict[int, list[int]] = {}
    for row in sorted(rows, key=lambda row: (row.session_id, row.trainer_id)):
        trainers.setdefault(row.session_id, []).append(row.trainer_id)
    return tuple((session_id, tuple(ids)) for session_id, ids in trainers.items())
