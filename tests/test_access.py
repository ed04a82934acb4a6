"""Access to routes: every route × every role × own and another ward, as tests/access.toml has it."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import httpx
from litestar.handlers import HTTPRouteHandler

from lopso.application.app import ROUTES, home
from lopso.kernel.access import PERMISSIONS, Permission, Role
from lopso.web.guards import access_of
from tests.conftest import TestApp
from tests.factories import (
    NOON,
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

MATRIX: dict[str, str] = tomllib.loads((Path(__file__).parent / "access.toml").read_text())
OWN, OTHER = "19753", "19789"
CONTEXT = {"accept": "text/html"}


def declarations() -> dict[str, str]:
    """What every route declares, by "METHOD /path/{parameter}"."""
    handlers: list[HTTPRouteHandler] = [home, *ROUTES]
    return {
        f"{method} {re.sub(r':[a-z]+}', '}', path)}": str(access_of(handler))
        for handler in handlers
        for path in handler.paths
        for method in handler.http_methods
        if method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    }


def test_matrix_equals_the_declarations_of_the_routes() -> None:
    assert declarations() == MATRIX


@dataclass
class Sample:
    """What can stand in an address: ids of one ward, by parameter name."""

    values: dict[str, str]

    def fill(self, path: str) -> tuple[str, bool]:
        """The address, and whether everything in it exists."""
        names = re.findall(r"{(\w+)}", path)
        filled = path.format(**{name: self.values.get(name, "999999") for name in names})
        return filled, all(name in self.values for name in names)


async def seed(app: TestApp) -> Sample:
    async with app.sessions.begin() as db:
        for ward_id, name in ((OWN, "Phú Xuân"), (OTHER, "Thuận Hóa")):
            await add_ward(db, ward_id=ward_id, name=name)
        course = await add_course(db, skills=["Quét mã QR"])
        room = await add_room(db)
        series = await add_series(db, course=course)
        session = await add_session(db, course=course, series=series, room=room, starts_at=NOON)
        learner, helper = await add_learner(db), await add_helper(db)
        team = await add_team(db, helper)
        await add_enrolment(db, session, learner)
        assignment = await add_assignment(db, session, helper)
        message = await add_text(db, session, learner)
        for role in Role:
            ward_id = None if role is Role.CITY_ADMIN else OWN
            await add_user(db, (role, ward_id), name=role.value, email=f"{role.value}@example.org")
        await add_user(db, (Role.COORDINATOR, OTHER), name="Khác", email="other@example.org")
        return Sample(
            {
                "ward_id": OWN,
                "course_id": str(course.id),
                "venue_id": str(room.venue_id),
                "room_id": str(room.id),
                "series_id": str(series.id),
                "session_id": str(session.id),
                "learner_id": str(learner.id),
                "trainer_id": str(helper.id),
                "team_id": str(team.id),
                "assignment_id": str(assignment.id),
                "message_id": str(message.id),
                "action_slug": "giu-lai",
            }
        )


async def call(client: httpx.AsyncClient, route: str, address: str) -> httpx.Response:
    method = route.split(" ")[0]
    return await client.request(method, address, headers=CONTEXT)


def allowed(rule: str, role: Role) -> bool:
    if rule in ("public", "signed_in"):
        return True
    return Permission(rule.split(":")[-1].split("|")[-1]) in PERMISSIONS[role]


async def test_every_route_that_is_not_public_needs_log_in(app: TestApp) -> None:
    sample = await seed(app)
    wrong: list[str] = []
    async with app.client() as client:
        await client.get("/dang-nhap")
        client.headers["x-csrftoken"] = client.cookies["csrf"]
        for route, rule in MATRIX.items():
            address, _ = sample.fill(route.split(" ", 1)[1])
            answer = await call(client, route, address)
            sent_away = answer.headers.get("location", "").startswith("/dang-nhap")
            if rule != "public" and not sent_away:
                wrong.append(f"{route}: {answer.status_code} without a log-in")
    assert wrong == []


async def test_each_role_reaches_its_routes_and_no_others(app: TestApp) -> None:
    sample = await seed(app)
    wrong: list[str] = []
    for role in Role:
        async with app.client_as(f"{role.value}@example.org") as client:
            for route, rule in MATRIX.items():
                if rule in ("public", "signed_in"):
                    continue
                address, exists = sample.fill(route.split(" ", 1)[1])
                if not allowed(rule, role):
                    status = (await call(client, route, address)).status_code
                    if status not in (403, 404):
                        wrong.append(f"{route}: {status} for {role}, who may not")
                elif route.startswith("GET") and exists:
                    status = (await call(client, route, address)).status_code
                    # 409 and 422 speak of the state of a row or of an empty form: access was granted.
                    if status >= 400 and status not in (409, 422):
                        wrong.append(f"{route}: {status} for {role}, who may")
    assert wrong == []


async def test_another_wards_rows_do_not_exist(app: TestApp) -> None:
    sample = await seed(app)
    wrong: list[str] = []
    async with app.client_as("other@example.org") as client:
        for route, rule in MATRIX.items():
            if rule in ("public", "signed_in") or rule.startswith(("city:", "somewhere:")):
                continue
            address, _ = sample.fill(route.split(" ", 1)[1])
            status = (await call(client, route, address)).status_code
            if status != 404:
                wrong.append(f"{route}: {status} for another ward's coordinator")
    assert wrong == []
