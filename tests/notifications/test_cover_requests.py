"""A cover request is sent once, whatever happens to the number before."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Role
from notifications.service.opt_outs import opt_in, opt_out
from scheduling.models import Assignment
from staffing.service.offers import offer_assignments
from tests.classroom import WARD
from tests.factories import NOON, TEST, actor_for, add_user
from tests.notifications.scenario import LAN, MINH, add_city, add_class, add_helper, ledger
from tests.planning import add_trainer
from trainers.models import Trainer
from trainers.rules import TrainerDetails
from trainers.service import trainers

NIGHT = NOON.replace(hour=15)  # 22h00 in Huế: texts wait for the morning
NEW = "+84905111222"


@dataclass(frozen=True)
class CoverRequest:
    """A cover request made at night, and who made it."""

    helper: Trainer
    by: Actor


async def request_cover(db: AsyncSession) -> CoverRequest:
    """Minh has declined; Ba, whose number is `LAN`, gets the cover request."""
    course = await add_city(db)
    user = await add_user(db, (Role.COORDINATOR, WARD))
    by = actor_for(user, (Role.COORDINATOR, WARD))
    session = await add_class(db, course)
    await add_helper(db, session, "Lê Văn Minh", MINH, state="accepted")
    declined = (await db.scalars(select(Assignment))).one()
    declined.state, declined.reason = "declined", "bận"
    ba = await add_trainer(db, "Trần Văn Ba")
    ba.phone, ba.sex = LAN, "male"
    await db.flush()
    await offer_assignments(db, [session.id], [ba.id], role="helper", agreed=False, by=by, now=NIGHT)
    return CoverRequest(ba, by)


async def waiting(db: AsyncSession) -> list[tuple[str, str]]:
    """Purpose and phone of the planned texts."""
    return [(each.purpose, each.phone) for each in await ledger(db, "planned")]


async def test_opt_in_sends_one_cover_request(db: AsyncSession) -> None:
    request = await request_cover(db)
    asked = await waiting(db)

    await opt_out(db, LAN, None, how="staff", ward_id=WARD, by=request.by, now=NIGHT)
    refused = await waiting(db)
    await opt_in(db, LAN, None, by=request.by, now=NIGHT)

    assert refused == []
    assert await waiting(db) == asked == [("cover_wanted", LAN)]


async def test_corrected_number_gets_one_cover_request(db: AsyncSession) -> None:
    ba = (await request_cover(db)).helper

    details = TrainerDetails(full_name=ba.full_name, kind=ba.kind, sex="male", phone=NEW)
    await trainers.edit(db, WARD, ba.id, details, by=TEST, now=NIGHT, another=True)

    assert await waiting(db) == [("cover_wanted", NEW)]


async def test_returned_helper_gets_one_cover_request(db: AsyncSession) -> None:
    ba = (await request_cover(db)).helper

    await trainers.leave(db, WARD, ba.id, by=TEST, now=NIGHT)
    gone = await waiting(db)
    await trainers.come_back(db, WARD, ba.id, by=TEST, now=NIGHT)

    assert gone == []
    assert await waiting(db) == [("cover_wanted", LAN)]
