"""A new kind of list costs a column table and a save function: traders, through the real pages."""

import io
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from sqlalchemy import select

from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from lopso.kernel.settings import Settings
from tests.conftest import MakeApp, TestApp
from tests.factories import add_user, add_ward
from tests.people import market_traders
from tests.people.market_traders import MIGRATION, ROUTES, TRADER

HERE = "/tieu-thuong/19753/nhap"
HEADER = ["STT", "Họ và tên tiểu thương", "Số lô", "Mặt hàng kinh doanh", "Điện thoại", "Số tài khoản"]


def workbook(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in (["CHỢ ĐÔNG BA"], HEADER, *rows):
        book.active.append(row)  # pyright: ignore[reportOptionalMemberAccess, reportUnknownMemberType, reportAttributeAccessIssue]  (a new book has a sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture
async def market(make_app: MakeApp, settings: Settings) -> TestApp:
    """The application with a coordinator, the traders' table and their import pages."""
    app = make_app(settings, routes=ROUTES)
    async with app.sessions.begin() as db:
        for statement in MIGRATION:
            await db.execute(statement)
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, "19753"), email="ha@example.org")
    return app


async def upload(client: httpx.AsyncClient, *rows: list[Any]) -> str:
    answer = await client.post(HERE, files={"file": ("cho.xlsx", workbook(*rows), "application/zip")})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def traders(app: TestApp) -> list[tuple[Any, ...]]:
    async with app.sessions() as db:
        columns = (TRADER.c.full_name, TRADER.c.stall, TRADER.c.goods, TRADER.c.phone)
        return [tuple(row) for row in await db.execute(select(*columns).order_by(TRADER.c.id))]


def test_new_kind_of_list_takes_under_150_lines() -> None:
    assert len(Path(market_traders.__file__).read_text().splitlines()) < 150


async def test_new_list_is_uploaded_reviewed_and_saved_once(market: TestApp) -> None:
    rows = [
        [1, "NGUYỄN THỊ HƯƠNG", "A-12", "Nón lá", 905123456, "0161000123456"],
        [2, "Trần Văn Lợi", "B-3", "Mắm ruốc", "0935 111 222", None],
        [3, "nguyễn thị hương", "A-12", None, "0905.123.456", None],
        [4, "Lê Thị Mận", "C-7", "Vải", "09123", None],
        [5, "Trần Văn Lợi", "B-3", "Mắm ruốc", None, None],
    ]
    async with market.client_as("ha@example.org") as client:
        assert "Nhập danh sách tiểu thương" in (await client.get(HERE)).text
        here = await upload(client, *rows)
        review = (await client.get(here)).text
        assert "Chưa lưu gì. Đã đọc 5 dòng có người." in review
        assert "Số điện thoại thiếu chữ số (mới có 5)" in review
        assert "0161000123456" not in review
        assert await traders(market) == []

        await client.post(f"{here}/luu")
        await client.post(f"{here}/luu")
        assert "Đã lưu 2 người" in (await client.get(here)).text
        again = await upload(client, *rows)
        assert "Không có ai mới trong tệp này" in (await client.get(again)).text

    assert await traders(market) == [
        ("Nguyễn Thị Hương", "A-12", "Nón lá", "+84905123456"),
        ("Trần Văn Lợi", "B-3", "Mắm ruốc", "+84935111222"),
    ]
    async with market.sessions() as db:
        (entry,) = await db.scalars(select(AuditEntry).where(AuditEntry.action == "traders.imported"))
        counts = {"read": 5, "saved": 2, "already_known": 2, "updated": 0, "skipped": 0, "doubtful": 1}
        assert entry.facts == counts


async def test_doubtful_rows_of_new_list_come_back_to_be_mended(market: TestApp) -> None:
    async with market.client_as("ha@example.org") as client:
        here = await upload(client, [1, "Lê Thị Mận", "C-7", "Vải", "09123", "1"])
        sheet = openpyxl.load_workbook(io.BytesIO((await client.post(f"{here}/can-xem-lai")).content)).active
        assert sheet is not None
        header, row = ([cell.value for cell in row] for row in sheet.iter_rows())
        assert header == [*HEADER[:-1], "Dòng trong tệp", "Lý do cần xem lại"]
        assert row[-2:] == ["Sheet: 3", "Số điện thoại thiếu chữ số (mới có 5)"]

        mended = await upload(client, [1, "Lê Thị Mận", "C-7", "Vải", "0912345678", None])
        await client.post(f"{mended}/luu")

    assert await traders(market) == [("Lê Thị Mận", "C-7", "Vải", "+84912345678")]


async def test_second_phone_for_one_stall_is_doubted(market: TestApp) -> None:
    # Their lists have no year of birth: the stall decides in its place.
    async with market.client_as("ha@example.org") as client:
        first = await upload(client, [1, "Lê Thị Mận", "C-7", "Vải", "0912345678", None])
        await client.post(f"{first}/luu")
        second = await upload(client, [1, "Lê Thị Mận", "C-7", "Vải", "0935111222", None])
        review = (await client.get(second)).text

    assert "Có thể trùng người đã có trong danh sách (cùng họ tên), nhưng khác số điện thoại" in review


async def test_new_list_is_closed_to_other_wards_and_kinds(market: TestApp) -> None:
    async with market.sessions.begin() as db:
        await add_ward(db, ward_id="20179", name="Nam Đông")
        await add_user(db, (Role.COORDINATOR, "20179"), email="other@example.org", name="Hồ Văn Thảo")
    async with market.client_as("ha@example.org") as client:
        here = await upload(client, [1, "Lê Thị Mận", "C-7", "Vải", "0912345678", None])
        assert (await client.get(here.replace("tieu-thuong", "nguoi-hoc"))).status_code == 404

    async with market.client_as("other@example.org") as client:
        assert (await client.get(here)).status_code == 404
        assert (await client.post(f"{here.replace('19753', '20179')}/luu")).status_code == 404
