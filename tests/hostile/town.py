"""A small ward with a row of every kind, so that every address has something behind it."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import service as accounts
from accounts.models import RoleGrant
from competency.models import Demonstration, SignOff
from invitations.rules.feeds import FeedOwner
from invitations.service.feeds import create_feed
from lopso.kernel.access import Role
from lopso.kernel.settings import Settings
from notifications.service.policy import load_policy
from scheduling.models import Holiday
from tests.classroom import WARD, add_classroom
from tests.factories import (
    NOON,
    TEST,
    add_assignment,
    add_course,
    add_enrolment,
    add_helper,
    add_learner,
    add_room,
    add_series,
    add_session,
    add_team,
    add_text,
    add_user,
    add_ward,
)
from tests.hostile.staged_lists import add_lists
from tests.learner_portal.cards import card_of, teach
from tests.mails import add_mail, put_into_mailbox
from venues.models import Aisle, Market, Neighbourhood
from wordings.service.shipped import load_wordings

OTHER = "19789"
OWN_HELPER = "phuoc@example.org"


_OWN_MEANING = {
    "/hv/": ("token", "card"),
    "/loi-moi/": ("token", "invitation"),
    "/lich-rieng/": ("name", "feed"),
    "/chung-nhan/": ("name", "certificate"),
    "/kiem-tra/": ("typed", "certificate"),
    "/nguoi-hoc/": ("staged_id", "learner_list"),
    "/nguoi-day/": ("staged_id", "helper_list"),
}
"""Beginnings of addresses whose parameter says something else than its name elsewhere."""


@dataclass(frozen=True)
class Town:
    """What can stand in an address.

    Attributes:
        values: by parameter name.
        elsewhere: the same of another ward.
        references: of texts that a provider may report on, in several states.
    """

    values: dict[str, str]
    elsewhere: dict[str, str]
    references: tuple[str, ...]

    def values_for(self, path: str, **others: str) -> dict[str, str]:
        """What goes into an address of this pattern."""
        values = self.values | others
        for beginning, (name, key) in _OWN_MEANING.items():
            if path.startswith(beginning):
                values[name] = self.values[key]
        if "diem-danh" in path:
            values["session_id"] = self.values["session_under_way"]
        return values


async def build(db: AsyncSession, settings: Settings) -> Town:
    """Fill an empty database; every role has an account ``<role>@example.org`` in the ward."""
    classroom = await add_classroom(db)
    await load_wordings(db, by=TEST, now=NOON)
    await load_policy(db, by=TEST, now=NOON)
    await add_ward(db, ward_id=OTHER, name="Thuận Hóa")
    certificate = await teach(db, classroom, classroom.learners[0])
    for role in Role:
        city = role is Role.CITY_ADMIN
        await add_user(db, (role, None if city else WARD), name=role.value, email=f"{role.value}@example.org")
    newcomer = await add_user(db, (Role.VIEWER, WARD), name="Người mới", email="moi@example.org")
    values = {
        "certificate": certificate.serial,
        "user_id": str(newcomer.id),
        "grant_id": str(await db.scalar(select(RoleGrant.id).where(RoleGrant.user_id == newcomer.id))),
        "invitation": await accounts.invite(db, newcomer.id, by=TEST, now=NOON),
        "card": (await card_of(db, classroom.learners[1], settings)).removeprefix("/hv/"),
        "feed": await _feed(db, classroom.learners[1].id),
        "demonstration_id": str(await db.scalar(select(Demonstration.id).limit(1))),
        "sign_off_id": str(await db.scalar(select(SignOff.id).limit(1))),
        "framework_id": str(classroom.skills[0].framework_id),
        "session_under_way": str(classroom.session.id),
        **await _ward(db, WARD),
    }
    other = await _ward(db, OTHER)
    sent = await add_text(db, classroom.session, classroom.learners[0], state="sent")
    return Town(values, other, (values["reference"], other["reference"], str(sent.reference)))


async def _feed(db: AsyncSession, learner_id: int) -> str:
    secret = await create_feed(db, FeedOwner("learner", learner_id, WARD), by=TEST, now=NOON)
    return f"{secret}.ics"


async def _ward(db: AsyncSession, ward_id: str) -> dict[str, str]:
    """A coming session with people, places, a staged list, a mail: the ids by parameter name."""
    neighbourhood = Neighbourhood(ward_id=ward_id, name="TDP 5", name_key="tdp 5")
    market = Market(ward_id=ward_id, name=f"Chợ {ward_id}", name_key=f"cho {ward_id}")
    holiday = Holiday(ward_id=ward_id, day=date(2026, 12, 24), name="Lễ hội")
    db.add_all([neighbourhood, market, holiday])
    await db.flush()
    aisle = Aisle(market_id=market.id, name="Lô A", name_key="lo a", position=1)
    db.add(aisle)
    course = await add_course(db, ward_id=ward_id, title=f"Nội dung {ward_id}")
    room = await add_room(db, ward_id=ward_id, name="Phòng 2")
    series = await add_series(db, ward_id=ward_id, course=course)
    session = await add_session(
        db, ward_id=ward_id, course=course, series=series, room=room, starts_at=NOON + timedelta(days=3)
    )
    draft = await add_session(
        db, ward_id=ward_id, course=course, room=room, published=False, starts_at=NOON + timedelta(days=5)
    )
    learner = await add_learner(db, "Nguyễn Thị Hoa", ward_id=ward_id, phone=f"+8491200{ward_id[-4:]}")
    helper = await add_helper(db, "Trần Thị Lành", ward_id=ward_id, phone=f"+8491300{ward_id[-4:]}")
    team = await add_team(db, helper, ward_id=ward_id)
    await add_enrolment(db, session, learner)
    assignment = await add_assignment(db, session, helper, state="offered")
    message = await add_text(db, session, learner)
    mail = await add_mail(db, helper, state="failed")
    put_into_mailbox(db, mail)
    return {
        "ward_id": ward_id,
        "neighbourhood_id": str(neighbourhood.id),
        "market_id": str(market.id),
        "aisle_id": str(aisle.id),
        "holiday_id": str(holiday.id),
        "course_id": str(course.id),
        "venue_id": str(room.venue_id),
        "room_id": str(room.id),
        "series_id": str(series.id),
        "session_id": str(session.id),
        "draft": str(draft.id),
        "learner_id": str(learner.id),
        "trainer_id": str(helper.id),
        "team_id": str(team.id),
        "assignment_id": str(assignment.id),
        "message_id": str(message.id),
        "action_slug": "giu-lai",
        "code": "session_cancelled",
        "mail_id": str(mail.id),
        "number": "1",
        "reference": str(message.reference),
        "anything": "x",
        **await add_lists(db, ward_id),
    }
