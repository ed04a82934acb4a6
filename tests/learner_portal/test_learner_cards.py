"""Learners' cards: what is printed, for whom, and how a lost one is made worthless."""

import re

import pytest
from sqlalchemy import select, update

from learner_portal.card import LearnerCard, render_cards
from learner_portal.models import LearnerPage
from learner_portal.queries import cards as card_queries
from learner_portal.rules.page_tokens import page_token, token_hash
from learners.models import Learner
from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from tests.conftest import TestApp
from tests.factories import add_enrolment, add_learner, add_session, add_user, add_ward
from tests.learner_portal.cards import addresses, words
from venues.models import Ward

WARD = "19753"
HA = "ha@example.org"


@pytest.fixture
async def hoa(app: TestApp) -> int:
    """Bà Nguyễn Thị Hoa of phường Phú Xuân."""
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, WARD), email=HA)
        return (await add_learner(db, phone="+84912345678")).id


async def test_card_shows_learner_ward_and_page_address(app: TestApp, hoa: int) -> None:
    async with app.client_as(HA) as client:
        answer = await client.post(f"/nguoi-hoc/{WARD}/{hoa}/the")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["cache-control"] == "no-store"
    assert words(answer.content) == [
        "Lớp Số Thẻ học viên Bà Nguyễn Thị Hoa Phường Phú Xuân "
        "Quét mã bằng máy ảnh điện thoại để xem lịch học. Không cần mật khẩu. "
        "Mất thẻ, xin báo phường, xã. Cần hỏi, xin gọi 0234 3823 456"
    ]
    [address] = addresses(answer.content)
    assert re.fullmatch(r"http://127\.0\.0\.1/hv/[\w-]{24}", address)
    async with app.client() as learner:
        assert "Chào bà Hoa" in (await learner.get(address)).text


async def test_unknown_form_of_address_shows_the_bare_name(app: TestApp, hoa: int) -> None:
    async with app.sessions.begin() as db:
        await db.execute(update(Learner).values(title="", sex=None))
    async with app.client_as(HA) as client, app.client() as learner:
        pdf = (await client.post(f"/nguoi-hoc/{WARD}/{hoa}/the")).content
        page = (await learner.get(addresses(pdf)[0])).text
    assert "Thẻ học viên Nguyễn Thị Hoa Phường" in words(pdf)[0]
    assert "<h1>Chào Nguyễn Thị Hoa</h1>" in page


async def test_printing_again_keeps_the_old_card_valid(app: TestApp, hoa: int) -> None:
    async with app.client_as(HA) as client:
        first = addresses((await client.post(f"/nguoi-hoc/{WARD}/{hoa}/the")).content)
        again = addresses((await client.post(f"/nguoi-hoc/{WARD}/{hoa}/the")).content)
    assert first == again


async def test_renewal_invalidates_old_cards(app: TestApp, hoa: int) -> None:
    here = f"/nguoi-hoc/{WARD}/{hoa}/the"
    async with app.client_as(HA) as client, app.client() as learner:
        [lost] = addresses((await client.post(here)).content)
        await client.post(f"{here}/doi-ma")
        assert "Chưa in thẻ mới" in (await client.get(here)).text
        [new] = addresses((await client.post(here)).content)
        assert lost != new
        assert [(await learner.get(each)).status_code for each in (lost, new)] == [404, 200]
        await client.post(f"{here}/tat")
        assert "Đã tắt" in (await client.get(here)).text
        assert (await learner.get(new)).status_code == 404
        [newest] = addresses((await client.post(here)).content)
        assert [(await learner.get(each)).status_code for each in (lost, new, newest)] == [404, 404, 200]

    async with app.sessions() as db:
        rows = await db.execute(
            select(AuditEntry.action, AuditEntry.actor_name)
            .where(AuditEntry.subject == "learner", AuditEntry.subject_id == str(hoa))
            .order_by(AuditEntry.id)
        )
        kept = await db.get_one(LearnerPage, hoa)
    names = [row.action for row in rows]
    assert names == [
        "learner_card.printed",
        "learner_page.renewed",
        "learner_card.printed",
        "learner_page.turned_off",
        "learner_card.printed",
    ]
    assert kept.token_hash == token_hash(newest.rpartition("/")[2])


async def test_card_of_a_former_installation_secret_opens_until_reprinted(app: TestApp, hoa: int) -> None:
    async with app.sessions.begin() as db:
        db.add(
            LearnerPage(
                learner_id=hoa,
                ward_id=WARD,
                generation=1,
                token_hash=token_hash(page_token("o" * 40, hoa, 1)),
                made_at=app.clock(),
            )
        )
    async with app.client_as(HA) as client, app.client() as learner:
        old = f"/hv/{page_token('o' * 40, hoa, 1)}"
        assert (await learner.get(old)).status_code == 200
        [feed] = re.findall(
            r'value="http://127\.0\.0\.1([^"]+)"', (await learner.post(f"{old}/lich-rieng")).text
        )
        assert (await learner.get(feed)).status_code == 200
        [new] = addresses((await client.post(f"/nguoi-hoc/{WARD}/{hoa}/the")).content)
        assert [(await learner.get(each)).status_code for each in (old, feed, new)] == [404, 404, 200]


async def test_session_cards_leave_out_revoked_pages(app: TestApp, hoa: int) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db, ward_id="19789", name="Thuận Hóa")
        session = await add_session(db)
        names = ("Lê Thị Gái", "Trần Văn Bé", "Phan Ân", "Hồ Ý", "Võ Yên")
        class_of = [await add_learner(db, name) for name in names]
        stranger = await add_learner(db, "Người Phường Khác", ward_id="19789")
        waiting = await add_learner(db, "Người Đang Chờ")
        for learner in (*class_of, stranger):
            await add_enrolment(db, session, learner)
        await add_enrolment(db, session, waiting, state="waitlisted")
    here = f"/buoi/{session.id}/the-hoc-vien"
    async with app.client_as(HA) as client:
        await client.post(f"/nguoi-hoc/{WARD}/{class_of[0].id}/the")
        await client.post(f"/nguoi-hoc/{WARD}/{class_of[1].id}/the")
        await client.post(f"/nguoi-hoc/{WARD}/{class_of[1].id}/the/tat")
        page = (await client.get(here)).text
        everybody = (await client.post(here)).content
        page_of_new = (await client.get(f"{here}?chua_in=true")).text
        nobody_new = await client.post(here, data={"chua_in": "1"})

    assert "4 thẻ" in page
    assert "1 tờ A4" in page
    assert "1 người đã tắt trang" in page
    assert "1 người ở phường, xã khác" in page
    [sheet] = words(everybody)
    assert re.findall(r"Bà (.+?) Phường", sheet) == ["Phan Ân", "Lê Thị Gái", "Hồ Ý", "Võ Yên"]
    assert len(set(addresses(everybody))) == 4
    assert "Mọi người ở đây đều đã có thẻ." in page_of_new
    assert nobody_new.status_code == 409


async def test_ward_cards_are_filtered_and_printed_in_parts(
    app: TestApp, hoa: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.sessions.begin() as db:
        for n in range(6):
            await add_learner(db, f"Lê Thị {'ABCDEG'[n]}")
    monkeypatch.setattr(card_queries, "CARDS_A_FILE", 5)
    here = f"/nguoi-hoc/{WARD}/the"
    async with app.client_as(HA) as client:
        page = (await client.get(here)).text
        first, second = [
            (await client.post(here, data={"phan": part, "to": ""})).content for part in ("1", "2")
        ]
        beyond = await client.post(here, data={"phan": "3"})
        none = (await client.get(f"{here}?to=999")).text
    assert "7 thẻ" in page
    assert page.count('name="phan"') == 2
    assert [len(words(pdf)) for pdf in (first, second)] == [2, 1]
    assert len(addresses(first)) == 5
    assert len(addresses(second)) == 2
    assert set(addresses(first)).isdisjoint(addresses(second))
    assert beyond.status_code == 409
    assert "Không có thẻ nào để in" in none


async def test_card_of_ward_without_phone_names_the_office(app: TestApp, hoa: int) -> None:
    async with app.sessions.begin() as db:
        await db.execute(update(Ward).values(phone=None))
    async with app.client_as(HA) as client:
        panel = (await client.get(f"/nguoi-hoc/{WARD}/{hoa}/the")).text
        card = (await client.post(f"/nguoi-hoc/{WARD}/{hoa}/the")).content
    assert "chưa ghi số điện thoại" in panel
    assert words(card)[0].endswith("Cần hỏi, xin đến Ủy ban nhân dân phường Phú Xuân")


def test_long_names_stay_on_their_card() -> None:
    longest = "Bà Công Tằng Tôn Nữ Thị Ngọc Ưỡn Thùy Dương Huyền Trân Bảo Ngọc " + "Nghiêng " * 17
    ward, office = "Xã Chân Mây – Lăng Cô", "Ủy ban nhân dân xã Chân Mây – Lăng Cô"
    cards = [
        LearnerCard(name, ward, office, f"http://127.0.0.1/hv/{name[:2]}") for name in (longest, "Mệ Ỷ")
    ] * 2
    pdf = render_cards(cards, has_phone=False)
    assert len(words(pdf)) == 1
    assert words(pdf)[0].count("Nghiêng") == 34
    assert words(pdf)[0].count("Mệ Ỷ") == 2


def test_typed_names_are_not_run_as_typst() -> None:
    trap = 'Bà #panic("x") $x$ <b> \\ "; @a [*y*]'
    card = LearnerCard(trap, "Phường Phú Xuân", "0234 3823 456", "http://127.0.0.1/hv/x")
    assert trap in words(render_cards([card], has_phone=True))[0]
