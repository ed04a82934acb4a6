"""Access declared on the route and enforced by one guard."""

import pytest
from litestar import get
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import HTTPRouteHandler

from lopso.kernel.access import Permission, Role
from lopso.kernel.settings import Settings
from lopso.web.guards import check_declarations, in_ward, of_row, own_or, somewhere
from tests.conftest import MakeApp, TestApp
from tests.factories import add_user, add_ward

OWN, OTHER, UNKNOWN = "19753", "19789", "99999"


def handler(path: str, opt: dict[str, object] | None) -> HTTPRouteHandler:
    @get(path, opt=opt)
    async def answer() -> str:
        return "ok"

    return answer


def test_a_route_without_a_declaration_stops_the_application() -> None:
    with pytest.raises(ImproperlyConfiguredException, match="no access declared"):
        check_declarations([handler("/x", None)])


def test_in_ward_without_ward_in_the_path_stops_the_application() -> None:
    with pytest.raises(ImproperlyConfiguredException, match="ward_id"):
        check_declarations([handler("/x/{row_id:int}", in_ward(Permission.PLAN))])


ROUTES = [
    handler(path, opt)
    for path, opt in {
        "/t/ward/{ward_id:str}": in_ward(Permission.PLAN),
        "/t/row": of_row(Permission.PLAN),
        "/t/own": own_or(Permission.PLAN),
        "/t/somewhere": somewhere(Permission.PLAN),
    }.items()
]


@pytest.fixture
async def guarded(make_app: MakeApp, settings: Settings) -> TestApp:
    """The application with a route of each declaration, and somebody in each role."""
    app = make_app(settings, routes=ROUTES)
    async with app.sessions.begin() as db:
        await add_ward(db, ward_id=OWN, name="Phú Xuân")
        await add_user(db, (Role.COORDINATOR, OWN), email="coordinator@example.org")
        await add_user(db, (Role.TRAINER, OWN), email="helper@example.org")
        await add_user(db, (Role.CITY_ADMIN, None), email="city@example.org")
        await add_user(db, email="nothing@example.org")
    return app


@pytest.mark.parametrize(
    ("email", "path", "status"),
    [
        ("coordinator@example.org", f"/t/ward/{OWN}", 200),
        ("coordinator@example.org", f"/t/ward/{OTHER}", 404),
        ("helper@example.org", f"/t/ward/{OWN}", 403),
        ("helper@example.org", f"/t/ward/{OTHER}", 404),
        ("city@example.org", f"/t/ward/{OWN}", 200),
        ("city@example.org", f"/t/ward/{UNKNOWN}", 404),
        ("city@example.org", "/t/ward/1e999", 404),
        ("city@example.org", "/t/ward/%00", 404),
        ("coordinator@example.org", "/t/row", 200),
        ("helper@example.org", "/t/row", 403),
        ("coordinator@example.org", "/t/own", 200),
        ("helper@example.org", "/t/own", 200),
        ("nothing@example.org", "/t/own", 404),
        ("coordinator@example.org", "/t/somewhere", 200),
        ("helper@example.org", "/t/somewhere", 403),
    ],
)
async def test_each_declaration_admits_the_roles_it_names(
    guarded: TestApp, email: str, path: str, status: int
) -> None:
    async with guarded.client_as(email) as client:
        assert (await client.get(path)).status_code == status


async def test_ward_added_after_the_list_was_read_is_found(guarded: TestApp) -> None:
    async with guarded.client_as("city@example.org") as client:
        assert (await client.get(f"/t/ward/{OTHER}")).status_code == 404
        async with guarded.sessions.begin() as db:
            await add_ward(db, ward_id=OTHER, name="Thuận Hóa")
        assert (await client.get(f"/t/ward/{OTHER}")).status_code == 200
