"""Accounts, invitations, feeds, learners' own pages and staged lists in every state."""

import re
from collections.abc import Mapping
from datetime import timedelta

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import service as accounts
from accounts.models import RoleGrant, User
from invitations.rules.feeds import FeedOwner
from invitations.service.feeds import create_feed, revoke_feed
from learner_portal.service.pages import issue_cards, revoke_page
from learners.models import Learner
from lopso.kernel.access import Role
from lopso.kernel.audit import Subject
from scheduling.models import ClassSession, Enrolment
from tests.factories import NOON, TEST, add_user
from tests.states.objects import WARD, Objects
from tests.states.sessions import when
from trainers.models import Trainer

HEADER = "Họ và tên,Năm sinh,Điện thoại"
SAVED = f"{HEADER}\nVõ Thị Đã Lưu,1950,0912 345 777\nNguyễn Văn Nghi,19,1\n"
ALIKE = "Phạm Thị Một,1960,0912 345 997\nPhạm Thị Một,1961,0912 345 997\n"
LISTS = {
    "learners": f"{HEADER}\nPhạm Thị Mới,1960,0912 345 999\n",
    "learners in doubt": f"{HEADER}\nPhạm Thị Nghi,19600,09123\nHồ Thị Hai,1960,0912345998\n",
    "learners who may be one": f"{HEADER}\n{ALIKE}",
    "helpers": "Họ và tên,Tổ,Điện thoại\nPhạm Văn Dạy,Tổ công nghệ số 7,0905 111 999\n",
}

PLAN_HEADER = "Nội dung,Địa điểm,Thứ,Giờ,Bắt đầu,Số buổi"
PLANS = {
    "unclear": "Lớp chưa ai biết,Nhà không ai biết,T2,8h-10h,07/12/2027,3",
    "without sense": "Lớp chưa ai biết,,T3-T5,25h,31/02/2027,5000",
    "saved": "Lớp chưa ai biết,Nhà không ai biết,T2,8h-10h,07/12/2027,3",
}


async def add_users(db: AsyncSession) -> Mapping[str, User]:
    """Accounts: active, disabled, invited, with a phone only, without a role, with several roles."""
    users = {
        "active": await add_user(db, (Role.TRAINER, WARD), name="Lê An", email="an@example.org"),
        "disabled": await add_user(db, (Role.TRAINER, WARD), name="Đã khóa", email="khoa@example.org"),
        "without a role": await add_user(db, name="Chưa có vai trò", email="khong@example.org"),
    }
    roles = ((Role.COORDINATOR, WARD), (Role.ASSESSOR, "19789"), (Role.VIEWER, None))
    users["with several roles"] = await add_user(db, *roles, email="nhieu@example.org")
    users["disabled"].disabled_at = NOON
    users["invited"] = User(name="Mới được mời", phone="+84912777888", created_at=NOON)
    db.add(users["invited"])
    await db.flush()
    return users


async def add_access(db: AsyncSession, objects: Objects, users: Mapping[str, User]) -> None:
    """Users and grants as rows, and links to choose a password: open, used, expired, unknown."""
    for state, user in users.items():
        objects.add("user", state, user_id=user.id)
    for grant in await db.scalars(select(RoleGrant)):
        objects.add("grant", str(grant.id), grant_id=grant.id)
    for state, user, made_at in (
        ("open", users["invited"], NOON),
        ("of a disabled user", users["disabled"], NOON),
        ("expired", users["without a role"], NOON - timedelta(days=60)),
    ):
        token = await accounts.invite(db, user.id, by=TEST, now=made_at)
        objects.add("invitation", state, token=token)
    objects.add("invitation", "unknown", token="x" * 43)


async def add_feeds(
    db: AsyncSession, objects: Objects, helper: Trainer, learner: Learner, venue_id: int, officer: User
) -> None:
    """Feeds of every kind, one revoked, one unknown."""
    owners = {
        "helper": FeedOwner("trainer", helper.id, WARD),
        "learner": FeedOwner("learner", learner.id, WARD),
        "ward": FeedOwner("ward", WARD, WARD, officer.id),
        "venue": FeedOwner("venue", venue_id, WARD, officer.id),
    }
    for state, owner in owners.items():
        secret = await create_feed(db, owner, by=TEST, now=NOON)
        objects.add("feed", state, name=f"{secret}.ics")
    await revoke_feed(db, owners["venue"], by=TEST, now=NOON)
    objects.add("feed", "unknown", name="abc.ics")


async def add_pages(db: AsyncSession, objects: Objects, learners: list[Learner], *, secret: str) -> None:
    """The page behind the card of every learner, one revoked, one unknown."""
    about = Subject("learner", learners[0].id, WARD)
    active = [each for each in learners if each.archived_at is None]
    tokens = await issue_cards(db, active, secret=secret, about=about, by=TEST, now=NOON)
    await revoke_page(db, WARD, active[-1].id, by=TEST, now=NOON)
    for learner in active:
        token = tokens[learner.id]
        objects.add("page", str(learner.id), token=token)
        objects.once("page file", "unknown", token=token, name="1.ics")
        rows = await db.execute(
            select(Enrolment, ClassSession)
            .join(ClassSession, ClassSession.id == Enrolment.session_id)
            .where(Enrolment.learner_id == learner.id)
        )
        for enrolment, session in rows.all():
            state = f"{enrolment.state}, {when(session)}"
            objects.once("page session", state, token=token, session_id=session.id)
            objects.once("page file", state, token=token, name=f"{session.id}.ics")
    objects.add("page", "unknown", token="x" * 30)


async def add_lists(client: httpx.AsyncClient, objects: Objects) -> None:
    """Lists that wait: new rows, doubtful rows; and one that was saved."""
    for state, content in LISTS.items():
        noun, folder = ("helper list", "nguoi-day") if "helpers" in state else ("learner list", "nguoi-hoc")
        file = {"file": ("ds.csv", content.encode(), "text/csv")}
        answer = await client.post(f"/{folder}/{WARD}/nhap", files=file)
        assert answer.status_code == 303, answer.text
        objects.add(noun, state, staged_id=answer.headers["location"].rsplit("/", 1)[1])
    for state, content in {"saved": SAVED, "saved with a question left": f"{HEADER}\n{ALIKE}"}.items():
        file = {"file": ("b.csv", content.encode(), "text/csv")}
        answer = await client.post(f"/nguoi-hoc/{WARD}/nhap", files=file)
        here = answer.headers["location"]
        await client.post(f"{here}/luu")
        objects.add("learner list", state, staged_id=here.rsplit("/", 1)[1])
    await _add_plans(client, objects)
    await _add_consent_round(client, objects)


async def _add_plans(client: httpx.AsyncClient, objects: Objects) -> None:
    """Plan sheets that wait: rows ready, unclear, clashing; and one that was saved."""
    for state, content in PLANS.items():
        file = {"file": ("kh.csv", f"{PLAN_HEADER}\n{content}\n".encode(), "text/csv")}
        answer = await client.post(f"/lich/{WARD}/nhap", files=file)
        assert answer.status_code == 303, answer.text
        here = answer.headers["location"]
        if state == "saved":
            await client.post(f"{here}/dong/0.2", data={"viec": "skip"})
            await client.post(f"{here}/luu")
        objects.add("plan", state, staged_id=here.rsplit("/", 1)[1], row_ref="0.2")


async def _add_consent_round(client: httpx.AsyncClient, objects: Objects) -> None:
    """Consents noted for several people at once."""
    learner = objects.found["learner"]["plain"]["learner_id"]
    given = {"dieu": "class", "ngay": "20/11/2026", "cach": "paper", "nguoi": learner}
    answer = await client.post(f"/nguoi-hoc/{WARD}/dong-y", data=given)
    page = await client.get(answer.headers["location"])
    found = re.search(r"/dong-y/([0-9a-f-]+)/hoan-tac", page.text)
    assert found is not None, page.text
    objects.add("consent round", "noted", round_id=found[1])
