"""Plan sheets as wards write them, a ward for them, and the pages on which they are reviewed."""

import io
import re
from collections.abc import Sequence
from html import unescape
from typing import Any

import httpx
import openpyxl
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Role
from lopso.kernel.text import fold
from tests.factories import add_course, add_helper, add_user, add_ward
from venues.models import Room, Venue

WARD = "19753"
UPLOAD = f"/lich/{WARD}/nhap"
HEADER = ["STT", "Nội dung", "Địa điểm", "Thứ", "Giờ", "Bắt đầu", "Số buổi", "Số học viên", "Phụ trách"]
SCAMS = [
    1,
    "Phòng chống lừa đảo",
    "NVH TDP 4",
    "T2, T4",
    "8h30 - 10h30",
    "07/12/2026",
    6,
    "25-30",
    "Cô Hương",
]
VNEID = [2, "Sử dụng VNeID", "Nhà văn hóa TDP 5", "Thứ 7", "14h", "tuần 1 tháng 12", 4, 20, "Lê Thị Hương"]


async def add_planning_ward(db: AsyncSession) -> dict[str, int]:
    """A ward with two courses, two houses of culture and a helper; ids by name."""
    await add_ward(db)
    await add_user(db, (Role.COORDINATOR, WARD), email="ha@example.org")
    courses = [await add_course(db, title=title) for title in ("Phòng chống lừa đảo", "Sử dụng VNeID")]
    rooms = [await add_hall(db, f"Nhà văn hóa TDP {number}") for number in (4, 5)]
    helper = await add_helper(db, name="Lê Thị Hương")
    ids: dict[str, int] = {each.title: each.id for each in courses}
    return ids | {"TDP 4": rooms[0].id, "TDP 5": rooms[1].id, "Hương": helper.id}


async def add_hall(db: AsyncSession, name: str, *, seats: int = 40) -> Room:
    """A venue with one room."""
    venue = Venue(ward_id=WARD, name=name, name_key=fold(name), address="Đường làng")
    db.add(venue)
    await db.flush()
    room = Room(ward_id=WARD, venue_id=venue.id, name="Phòng lớn", name_key="phong lon", seats=seats)
    db.add(room)
    await db.flush()
    return room


def workbook(*rows: Sequence[Any], titles: Sequence[str] = (), name: str = "Ke hoach") -> bytes:
    """One sheet with title lines above its rows."""
    return book_of({name: [*([title] for title in titles), *rows]})


def book_of(sheets: dict[str, list[Sequence[Any]]], *, merged: Sequence[str] = ()) -> bytes:
    """Sheets by name; ranges merged in each."""
    book: Any = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for cells in merged:
            sheet.merge_cells(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def send(client: httpx.AsyncClient, content: bytes) -> httpx.Response:
    """Send a sheet; the review, or the page of uploading with what is wrong."""
    sent = await client.post(UPLOAD, files={"file": ("ke-hoach.xlsx", content)})
    return sent if sent.status_code >= 400 else await client.get(sent.headers["location"])


async def confirm(client: httpx.AsyncClient, review: httpx.Response) -> httpx.Response:
    """Press the button of a review; the page after it."""
    saved = await client.post(f"{review.url.path}/luu")
    return saved if saved.status_code >= 400 else await client.get(saved.headers["location"])


def words(page: httpx.Response) -> str:
    """The text of a page, without markup, on one line."""
    shown = page.text.replace("\u2060", "")  # keeps a dash with the hour before it
    body = re.sub(r"<(script|style).*?</\1>", " ", shown, flags=re.DOTALL)
    return re.sub(r" (?=[.,;:)])", "", " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split()))
