"""Making up for sessions that a closure cancelled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.labels.series import same_time_label
from scheduling.models import ClassSession
from scheduling.rules.plan import SessionPlace
from scheduling.rules.recurrence import Slot
from scheduling.service.enrolments import enrol
from scheduling.service.locking import lock_sessions
from scheduling.service.places import lock_place
from scheduling.service.sessions import insert_free, publish_sessions, room_taken_sentence
from staffing.queries.make_ups import ClosedSession, MissedClasses
from staffing.queries.series_model import template_of
from staffing.rules.suitability import AssignmentRole
from staffing.service.offers import offer_assignments

DAY = "ngay"
"""Before the id of a cancelled session: the field of its new day, at which a refusal stands."""


@dataclass(frozen=True, slots=True)
class MakeUps:
    """What became of it: ids of the new sessions, how many learners wait, why helpers are not asked."""

    session_ids: tuple[int, ...]
    waiting: int
    refusals: tuple[str, ...]


async def make_up(
    db: AsyncSession, classes: MissedClasses, wanted: Mapping[int, Slot], *, by: Actor, now: datetime
) -> MakeUps:
    """Plan a session for each cancelled one wanted: like it, in its series and place. Does not commit.

    Learners have their seats or wait, helpers are asked again. Where the cancelled one was published, so is
    the new one: each phone hears once of all of a series.

    Args:
        wanted: by id of the cancelled session.

    Raises:
        InvalidInput: nothing is wanted; a room is taken, a time is over, somebody else has made up for it
            meanwhile: each said at the field of its day. Nothing is to be kept then.
    """
    await lock_sessions(db, wanted)
    chosen = [each for each in classes.left if each.session.id in wanted]
    # Rooms are locked in the order of their ids.
    chosen.sort(key=lambda each: (each.session.room_id or 0, each.session.id))
    if not chosen:
        raise InvalidInput({"": _("Xin chọn ít nhất một buổi.")})
    errors = await _late(db, wanted, now)
    made: dict[int, int] = {}
    for each in chosen:
        slot = wanted[each.session.id]
        field = f"{DAY}{each.session.id}"
        if field in errors:
            continue
        new, why = await _plan(db, each.session, slot, by=by, now=now)
        if new is None:
            errors[field] = why
        else:
            made[each.session.id] = new
    if errors:
        raise InvalidInput(errors)
    waiting, refusals = await _bring_people(db, chosen, made, by=by, now=now)
    public = [made[each.session.id] for each in chosen if each.session.published_at is not None]
    await publish_sessions(db, public, by=by, now=now)
    return MakeUps(tuple(sorted(made.values())), waiting, refusals)


async def _late(db: AsyncSession, wanted: Mapping[int, Slot], now: datetime) -> dict[str, str]:
    """Why some are refused before anything is planned, by field."""
    instead = await db.scalars(
        select(ClassSession.makes_up_for_id).where(
            ClassSession.makes_up_for_id.in_(wanted), ClassSession.cancelled_at.is_(None)
        )
    )
    errors = {f"{DAY}{each}": _("Buổi này vừa có người khác xếp dạy bù.") for each in instead}
    for number, slot in wanted.items():
        if slot.starts_at <= now:
            errors.setdefault(f"{DAY}{number}", _("Giờ mới đã qua; hãy chọn giờ sắp tới."))
    return errors


async def _plan(
    db: AsyncSession, missed: ClassSession, slot: Slot, *, by: Actor, now: datetime
) -> tuple[int | None, str]:
    """The new session as a draft; else why there is none."""
    if missed.series_id is not None and await _meets(db, missed.series_id, slot):
        return None, same_time_label(slot)
    template = template_of(missed)
    try:
        await lock_place(db, missed.ward_id, SessionPlace(missed.room_id, missed.market_id))
    except NotFound:
        return None, _("Phòng hoặc chợ của buổi này đã đóng. Xin lên lịch một buổi mới ở nơi khác.")
    made = await insert_free(db, missed.ward_id, template, [slot], series_id=missed.series_id, by=by, now=now)
    if not made:
        return None, await room_taken_sentence(db, template.place, slot)
    session = await db.get_one(ClassSession, made[slot])
    session.makes_up_for_id = missed.id
    if missed.series_id is not None:
        start = missed.rule_start or missed.starts_at
        session.rule_start = start if start != session.starts_at else None
    await db.flush()
    audit.note(db, session, "session.made_up", by=by, now=now, instead_of=missed.id)
    return session.id, ""


async def _meets(db: AsyncSession, series_id: int, slot: Slot) -> bool:
    """Whether the series has a meeting then, or had one that was cancelled at that very time."""
    found = await db.scalars(
        select(ClassSession).where(
            ClassSession.series_id == series_id,
            (ClassSession.original_start == slot.starts_at)
            | (
                ClassSession.cancelled_at.is_(None)
                & (ClassSession.starts_at < slot.ends_at)
                & (ClassSession.ends_at > slot.starts_at)
            ),
        )
    )
    return found.first() is not None


async def _bring_people(
    db: AsyncSession,
    chosen: Sequence[ClosedSession],
    made: Mapping[int, int],
    *,
    by: Actor,
    now: datetime,
) -> tuple[int, tuple[str, ...]]:
    waiting: set[int] = set()
    refusals: list[str] = []
    for each in chosen:
        new = [made[each.session.id]]
        if each.missed.learners:
            done = await enrol(db, new, each.missed.learners, by=by, now=now)
            waiting |= {one.learner_id for one in done if one.state == "waitlisted"}
        roles: Sequence[AssignmentRole] = ("trainer", "helper")
        for role in roles:
            ids = [helper for helper, theirs in each.roles.items() if theirs == role]
            if ids:
                asked = await offer_assignments(db, new, ids, role=role, agreed=False, by=by, now=now)
                refusals += [one.refusal for one in asked if one.refusal]
    return len(waiting), tuple(dict.fromkeys(refusals))
