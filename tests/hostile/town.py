"""A small ward with a row of every kind, so that every address has something behind it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import service as accounts
from accounts.models import RoleGrant
from competency.models import Demonstration, SignOff
from invitations.rules.feeds import FeedOwner
from invitations.service.feeds import create_feed
from learners.models import Learner
from lopso.kernel.access import Role
from lopso.kernel.settings import Settings
from notifications.service.policy import load_policy
from tests.classroom import WARD, add_classroom
from tests.competency.evidence import came_and_showed
from tests.factories import (
    NOON,
    TEST,
    add_text,
    add_user,
    add_ward,
)
from tests.hostile.town_rows import add_rows
from tests.learner_portal.cards import teach
from wordings.service.shipped import load_wordings

OTHER = "19789"
OWN_HELPER = "phuoc@example.org"
EVERYWHERE = "khap-noi@example.org"
"""Plans in the whole city and signs off in both wards."""


_OWN_MEANING = {
    "/hv/": ("token", "card"),
    "/loi-moi/": ("token", "invitation"),
    "/lich-rieng/{": ("name", "feed"),
    "/chung-nhan/": ("name", "certificate"),
    "/kiem-tra/": ("typed", "certificate"),
    "/nguoi-hoc/{ward_id:str}/nhap/": ("staged_id", "learner_list"),
    "/nguoi-day/{ward_id:str}/nhap/": ("staged_id", "helper_list"),
    "/lich/{ward_id:str}/nhap/": ("staged_id", "plan_sheet"),
    "diem-danh": ("session_id", "session_under_way"),
    "minh-chung": ("learner_id", "demonstrator"),
    "thay/hoan-tac": ("assignment_id", "replaced"),
    "tai-khoan/ma": ("trainer_id", "with_account"),
}
"""Parts of addresses whose parameter says something else than its name elsewhere."""


@dataclass(frozen=True)
class Town:
    """What can stand in an address.

    Attributes:
        values: by parameter name.
        beside: the same once more, in the same ward.
        elsewhere: the same of another ward.
        references: of texts that a provider may report on, in several states.
    """

    values: dict[str, str]
    beside: dict[str, str]
    elsewhere: dict[str, str]
    references: tuple[str, ...]

    def values_for(self, path: str, **others: str) -> dict[str, str]:
        """What goes into an address of this pattern."""
        return fitted(path, self.values | others)


def fitted(path: str, values: dict[str, str]) -> dict[str, str]:
    """`values` with those of their own meaning that an address of this pattern takes."""
    meanings = [meaning for part, meaning in _OWN_MEANING.items() if part in path]
    return values | {name: values[key] for name, key in meanings if key in values}


async def build(db: AsyncSession, settings: Settings) -> Town:
    """Fill an empty database; every role has an account ``<role>@example.org`` in the ward."""
    classroom = await add_classroom(db)
    await load_wordings(db, by=TEST, now=NOON)
    await load_policy(db, by=TEST, now=NOON)
    await add_ward(db, ward_id=OTHER, name="Thuận Hóa")
    certificate = await teach(db, classroom, classroom.learners[0])
    for role in Role:
        await _user(db, role)
    grants = ((Role.CITY_ADMIN, None), (Role.ASSESSOR, WARD), (Role.ASSESSOR, OTHER))
    planner = await add_user(db, *grants, name="Khắp nơi", email=EVERYWHERE)
    newcomer = await add_user(db, (Role.VIEWER, WARD), name="Người mới", email="moi@example.org")
    values = {
        "certificate": certificate.serial,
        "user_id": str(newcomer.id),
        "grant_id": str(await db.scalar(select(RoleGrant.id).where(RoleGrant.user_id == newcomer.id))),
        "invitation": await accounts.invite(db, newcomer.id, by=TEST, now=NOON),
        "feed": await _feed(db, classroom.learners[1].id),
        "sign_off_id": str(await db.scalar(select(SignOff.id).limit(1))),
        "framework_id": str(classroom.skills[0].framework_id),
        "session_under_way": str(classroom.session.id),
        "skill": str(classroom.skills[0].id),
        **await _demonstration(db, classroom.learners[0]),
        **await add_rows(db, settings, WARD, planner),
    }
    await came_and_showed(db, classroom, classroom.learners[2])
    beside = await add_rows(db, settings, WARD, planner, number=2) | await _demonstration(
        db, classroom.learners[2]
    )
    other = await add_rows(db, settings, OTHER, planner)
    values["awaiting"], other["awaiting"] = beside["demonstrator"], other["learner_id"]
    sent = await add_text(db, classroom.session, classroom.learners[0], state="sent")
    return Town(values, beside, other, (values["reference"], other["reference"], str(sent.reference)))


async def _user(db: AsyncSession, role: Role) -> None:
    ward_id = None if role is Role.CITY_ADMIN else WARD
    await add_user(db, (role, ward_id), name=role.value, email=f"{role.value}@example.org")


async def _demonstration(db: AsyncSession, learner: Learner) -> dict[str, str]:
    of_learner = select(Demonstration.id).where(Demonstration.learner_id == learner.id)
    shown = await db.scalar(of_learner.order_by(Demonstration.id.desc()).limit(1))
    return {"demonstration_id": str(shown), "demonstrator": str(learner.id)}


async def _feed(db: AsyncSession, learner_id: int) -> str:
    secret = await create_feed(db, FeedOwner("learner", learner_id, WARD), by=TEST, now=NOON)
    return f"{secret}.ics"
