"""Asking many helpers into many sessions by one act, and undoing that act."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from scheduling.models import ClassSession
from scheduling.rules.recurrence import Slot
from scheduling.service.assignment_states import end, new_assignment
from scheduling.service.bookings import note, publish_ended, unanswered
from scheduling.service.locking import lock_helpers, lock_sessions
from staffing.queries.offers_made import offers_made_at
from staffing.queries.short_sessions import missing_people
from staffing.rules.picks import Pick, RoleInSession, overlapping_picks, too_many
from staffing.service.offers import add_offers, refusals_for
from trainers.models import Trainer


class PicksRefused(Refused):
    """Some picks of a board cannot be, so nobody was asked.

    Attributes:
        picks: a sentence for each pick that cannot be.
        places: a sentence for each role for which too many were picked.
    """

    def __init__(self, picks: Mapping[Pick, str], places: Mapping[RoleInSession, str]) -> None:
        super().__init__(_("Chưa phân công ai: có chỗ cần xem lại."))
        self.picks, self.places = picks, places


@dataclass(frozen=True, slots=True)
class UndoneOffers:
    """What became of undoing: how many offers were withdrawn, and who had already answered."""

    withdrawn: int
    answered: Sequence[str]


async def offer_picks(
    db: AsyncSession, ward_id: str, picks: Collection[Pick], *, agreed: bool, by: Actor, now: datetime
) -> int:
    """Ask all `picks`, or none of them; how many there were.

    More people for a role than it lacks are refused, so that two coordinators at once do not ask twice.

    Args:
        agreed: they have already said yes, on the phone for instance.

    Raises:
        PicksRefused: with a sentence for each pick, and each role, that cannot be.
        HelperBusy: somebody was booked elsewhere meanwhile, in a way that locks do not see.
    """
    locked = await lock_sessions(db, {pick.session_id for pick in picks})
    sessions = {each.id: each for each in locked if each.ward_id == ward_id}
    trainers = {each.id: each for each in await lock_helpers(db, {pick.trainer_id for pick in picks})}
    refused = await _refused_picks(db, ward_id, picks, sessions, trainers, by=by, now=now)
    unfilled = await missing_people(db, sessions)
    crowded = {
        place: _crowded_sentence(unfilled.get(place, 0), number)
        for place, number in too_many(picks, unfilled).items()
        if place.session_id in sessions
    }
    if refused or crowded:
        raise PicksRefused(refused, crowded)
    rows = [
        new_assignment(
            sessions[pick.session_id],
            trainers[pick.trainer_id],
            role=pick.role,
            agreed=agreed,
            by=by,
            now=now,
        )
        for pick in sorted(picks)
    ]
    await add_offers(db, rows, by=by, now=now)
    return len(rows)


async def undo_offers(
    db: AsyncSession, ward_id: str, *, offered_at: datetime, by: Actor, now: datetime
) -> UndoneOffers:
    """Withdraw what `by` offered at this instant; who has answered meanwhile stays. Twice changes nothing.

    Those who have not been told yet are told nothing.
    """
    session_ids = {row.session_id for row in await offers_made_at(db, ward_id, offered_at, by=by)}
    sessions = {each.id: each for each in await lock_sessions(db, session_ids)}
    rows = await offers_made_at(db, ward_id, offered_at, by=by)
    untouched = [row for row in rows if unanswered(row) and sessions[row.session_id].ends_at > now]
    for row in untouched:
        end(row, "withdrawn", _("Phân công nhầm, đã hoàn tác"), now)
    await db.flush()
    for row in untouched:
        note(db, row, "assignment.withdrawn", by=by, now=now, undone=True)
    await publish_ended(db, untouched, by=by, now=now)
    answered = [row.trainer.full_name for row in rows if row not in untouched and row.state == "accepted"]
    return UndoneOffers(len(untouched), answered)


async def _refused_picks(
    db: AsyncSession,
    ward_id: str,
    picks: Collection[Pick],
    sessions: Mapping[int, ClassSession],
    trainers: Mapping[int, Trainer],
    *,
    by: Actor,
    now: datetime,
) -> dict[Pick, str]:
    found: dict[Pick, str] = {}
    obstacles = await refusals_for(db, list(sessions.values()), list(trainers.values()), by=by, now=now)
    overlaps = overlapping_picks(
        picks, {each.id: Slot(each.starts_at, each.ends_at) for each in sessions.values()}
    )
    for pick in picks:
        trainer = trainers.get(pick.trainer_id)
        if pick.session_id not in sessions:
            found[pick] = _("Buổi này không còn trong lịch của phường, xã.")
        elif trainer is None or not _is_known(trainer, ward_id, by):
            found[pick] = _("Người này không còn trong danh sách.")
        elif sentence := obstacles.get((pick.trainer_id, pick.session_id)):
            found[pick] = sentence
        elif other := overlaps.get(pick):
            found[pick] = _overlap_sentence(trainer, pick, other, sessions[other.session_id])
    return found


def _is_known(trainer: Trainer, ward_id: str, by: Actor) -> bool:
    seen = trainer.ward_id == ward_id or by.may(Permission.SEE_PEOPLE, trainer.ward_id)
    return trainer.left_at is None and seen


def _overlap_sentence(trainer: Trainer, pick: Pick, other: Pick, session: ClassSession) -> str:
    if pick.session_id == other.session_id:
        return _("%(name)s được chọn hai lần trong buổi này.", name=trainer.full_name)
    return _(
        "%(name)s còn được chọn cho “%(title)s”, %(when)s: trùng giờ, xin bỏ một nơi.",
        name=trainer.full_name,
        title=session.title,
        when=formatting.day_and_hours(session.starts_at, session.ends_at),
    )


def _crowded_sentence(missing: int, picked: int) -> str:
    if not missing:
        return _("Chỗ này vừa có đủ người, không cần hỏi thêm.")
    return ngettext(
        "Chỉ còn thiếu %(n)s người mà đang chọn %(picked)s. Muốn hỏi dự phòng, xin mở trang của buổi.",
        "Chỉ còn thiếu %(n)s người mà đang chọn %(picked)s. Muốn hỏi dự phòng, xin mở trang của buổi.",
        missing,
        picked=picked,
    )
