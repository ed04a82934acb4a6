"""Pages of refusals: the frame and the language of whoever is signed in, and a way on."""

import pytest
from sqlalchemy.exc import OperationalError

from lopso.kernel.access import Role
from tests.conftest import TestApp
from tests.factories import add_user, add_ward


async def _officer(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_ward(db, ward_id="19789", name="Thuận Hóa")
        await add_user(db, (Role.COORDINATOR, "19753"), (Role.COORDINATOR, "19789"))


@pytest.mark.parametrize("path", ["/khong-co", "/lich/19789/khong-co", "/buoi/99999999999999999999"])
async def test_unknown_address_keeps_the_frame(app: TestApp, path: str) -> None:
    await _officer(app)
    async with app.client_as("ha@example.org") as client:
        answer = await client.get(path)

    assert answer.status_code == 404
    assert 'class="side-nav"' in answer.text
    assert "quick-search" in answer.text
    ward = "19789" if "19789" in path else "19753"
    assert f'href="/lich/{ward}"' in answer.text


async def test_unknown_address_speaks_the_language_of_the_person(app: TestApp) -> None:
    await _officer(app)
    async with app.client_as("ha@example.org") as client:
        client.cookies.set("lang", "en")
        answer = await client.get("/khong-co")

    assert '<html lang="en">' in answer.text
    assert "Không tìm thấy" not in answer.text


async def test_stale_token_keeps_the_frame(app: TestApp) -> None:
    await _officer(app)
    async with app.client_as("ha@example.org") as client:
        answer = await client.post("/dang-xuat", headers={"x-csrftoken": "0" * 64})

    assert answer.status_code == 403
    assert 'class="side-nav"' in answer.text


async def test_unknown_address_shows_a_visitor_no_frame(app: TestApp) -> None:
    async with app.client() as client:
        answer = await client.get("/khong-co")

    assert answer.status_code == 404
    assert 'class="side-nav"' not in answer.text


async def test_unknown_address_is_not_found_without_a_database(
    app: TestApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _officer(app)

    async def refused(*_arguments: object) -> None:
        raise OperationalError("", None, Exception())

    async with app.client_as("ha@example.org") as client:
        monkeypatch.setattr("accounts.queries.signed_in", refused)
        answer = await client.get("/khong-co")

    assert answer.status_code == 404
    assert 'class="side-nav"' not in answer.text


async def test_file_too_large_leads_back_to_its_form(app: TestApp) -> None:
    await _officer(app)
    form = "/nguoi-hoc/19753/nhap"
    async with app.client_as("ha@example.org") as client:
        headers = {"referer": f"http://127.0.0.1{form}"}
        answer = await client.post("/dang-nhap", data={"identifier": "x" * (3 << 20)}, headers=headers)

    assert answer.status_code == 413
    assert f'<a class="button main" href="{form}">' in answer.text


async def test_mass_closure_is_under_the_calendar_in_the_menu(app: TestApp) -> None:
    await _officer(app)
    async with app.client_as("ha@example.org") as client:
        answer = await client.get("/lich/nghi-dong-loat")

    assert '<a href="/lich/19753" aria-current="page">' in answer.text
