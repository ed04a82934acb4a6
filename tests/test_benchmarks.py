"""What all measures of pages stand on: a request without a network reaches the application, signed in."""

from benchmarks.asking import ask, log_in
from lopso.kernel.access import Role
from tests.conftest import TestApp
from tests.factories import PASSWORD, add_user, add_ward


async def test_page_is_asked_for_as_a_signed_in_browser_would(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        ward = await add_ward(db)
        await add_user(db, (Role.COORDINATOR, ward.id))

    browser = await log_in(app.app, "ha@example.org", PASSWORD)
    status, page, _headers = await ask(app.app, f"/lich/{ward.id}", headers=browser)

    assert status == 200
    assert "Lê Thị Thu Hà" in page.decode()
