"""Every page that can be opened, on the demo's own city: a picture at both widths, judged by axe-core.

The pages are those of tests/access.toml: a page added there is looked at here too.
"""

import re

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.application import example
from lopso.kernel.access import PERMISSIONS, Permission, Role
from lopso.kernel.clock import local_day
from notifications.models import Message
from scheduling.models import SESSION_KINDS, ClassSession
from scheduling.rules.closures import ClosurePlan
from scheduling.service.closures import close_next, start_closure
from tests.factories import NOON, TEST
from tests.journeys.conftest import AXE, Site, look_at
from tests.test_access import MATRIX

WHO = {
    "dieuphoi@lopso.example": Role.COORDINATOR,
    "xacnhan@lopso.example": Role.ASSESSOR,
    "admin@lopso.example": Role.CITY_ADMIN,
}
# Answers that are files, redirects or parts of other pages.
NOT_PAGES = {
    "GET /",
    "GET /lich",
    "GET /-/live",
    "GET /-/ready",
    "GET /lich-rieng/{name}",
    "GET /lich/{ward_id}/chuoi/ke-hoach.xlsx",
    "GET /lich/{ward_id}/tuan/ke-hoach.xlsx",
    "GET /viec-can-lam/so",
    "GET /viec-can-lam/{ward_id}/so",
    "GET /buoi/{session_id}/lich.ics",
    "GET /buoi/{session_id}/ghi-danh/tom-tat",
    "GET /buoi/{session_id}/mo-lai/tinh-hinh",
    "GET /buoi/{session_id}/sua/phong-va-nguoi",
    "GET /lich/{ward_id}/buoi-moi/phong-va-nguoi",
    "GET /lich/{ward_id}/lop-moi/cac-ngay",
    "GET /hv/{token}/lich/{name}",
    "GET /hv/{token}/lich-rieng",
    "GET /hv/{token}/cach-doc",
    "GET /hv/{token}/tin-nhan",
    "GET /hv/{token}/thu-moi",
    "GET /hv/{token}/buoi/{session_id}/ban",
    "GET /hv/{token}/buoi/{session_id}/di",
}


async def sample(site: Site) -> dict[str, str]:
    """What can stand in an address, taken from the example city."""
    one = {
        "course_id": "SELECT min(id) FROM course",
        "series_id": "SELECT max(series_id) FROM class_session WHERE published_at IS NOT NULL",
        "venue_id": "SELECT min(id) FROM venue",
        "room_id": "SELECT min(id) FROM room",
        "market_id": "SELECT min(market_id) FROM aisle",
        "learner_id": "SELECT min(learner_id) FROM sign_off",
        "sign_off_id": "SELECT min(id) FROM sign_off",
        "team_id": "SELECT min(id) FROM team",
        "trainer_id": "SELECT min(trainer_id) FROM assignment",
    }
    async with site.sessions() as db:
        values = {name: str(await db.scalar(text(query))) for name, query in one.items()}
        session = await db.scalar(
            select(ClassSession.id)
            .where(ClassSession.starts_at > NOON, ClassSession.published_at.is_not(None))
            .order_by(ClassSession.starts_at)
            .limit(1)
        )
        values["typed"] = str(await db.scalar(text("SELECT min(serial) FROM certificate")))
        values["code"] = "session_cancelled"
        values["name"] = str(await db.scalar(text("SELECT min(id) FROM certificate")))
        values["message_id"] = str(
            await db.scalar(
                select(func.min(Message.id)).where(
                    Message.ward_id == example.PHU_XUAN, Message.state == "planned"
                )
            )
        )
        values["closure_id"] = str(await a_closure(db, session or 0))
        card = await example.open_card(db, secret=site.settings.secret, now=NOON)
        await db.commit()
    values["action_slug"] = "giu-lai"
    return {**values, "ward_id": example.PHU_XUAN, "session_id": str(session), "token": str(card)[4:]}


async def a_closure(db: AsyncSession, without: int) -> int:
    """The last day of classes in the ward, cancelled; not the one of a session that is looked at."""
    last = await db.scalar(
        select(func.max(ClassSession.starts_at)).where(
            ClassSession.ward_id == example.PHU_XUAN, ClassSession.id != without
        )
    )
    assert last is not None
    day = local_day(last)
    plan = ClosurePlan((example.PHU_XUAN,), day, day, SESSION_KINDS)
    closure = await start_closure(db, plan, reason="Mưa bão", by=TEST, now=NOON)
    assert await close_next(db, now=NOON)
    return closure.id


def opener(rule: str) -> str | None:
    """Who opens a page with this rule; nobody signed in for a public one."""
    if rule == "public":
        return ""
    if rule == "signed_in":
        return "dieuphoi@lopso.example"
    permission = Permission(rule.split(":")[-1].split("|")[-1])
    return next((email for email, role in WHO.items() if permission in PERMISSIONS[role]), None)


@pytest.mark.example_city
@pytest.mark.parametrize("contrast_at_both", [False, pytest.param(True, marks=pytest.mark.long)])
async def test_every_page_is_whole_at_both_widths(site: Site, contrast_at_both: bool) -> None:
    values = await sample(site)
    routes = [route for route in MATRIX if route.startswith("GET ") and route not in NOT_PAGES]
    seen = 0
    for email in ("", *WHO):
        mine = [route for route in routes if opener(MATRIX[route]) == email]
        visiting = site.person(email, password=example.PASSWORD) if email else site.visitor()
        async with visiting as page:
            await page.add_init_script(path=AXE)  # each page is judged: the browser keeps the script
            for route in mine:
                path = route.removeprefix("GET ")
                if not set(re.findall(r"{(\w+)}", path)) <= set(values):
                    continue
                answer = await page.goto(path.format(**values))
                assert answer is not None
                assert answer.status < 500, f"{route}: {answer.status}"
                if answer.status < 400:
                    name = "trang" + re.sub(r"\W+", "-", path)
                    await look_at(page, name, contrast_at_both=contrast_at_both, rules=True)
                    seen += 1
    assert seen >= 40
