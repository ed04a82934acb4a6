"""A ward's list of registrations: good rows are saved, each person once, doubtful ones handed back."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.importing import import_file
from learners.models import Consent, Learner
from lopso.kernel.audit import AuditEntry
from lopso.kernel.errors import NotFound
from lopso.kernel.paths import shipped
from lopso.kernel.workbook.reading import WorkbookRefused
from lopso.kernel.workbook.results import doubtful_workbook
from tests.factories import NOON, TEST, add_ward
from venues.models import Neighbourhood

EXAMPLE = shipped("data") / "example"


def file_of(folder: Path, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # pyright: ignore[reportOptionalMemberAccess, reportUnknownMemberType, reportAttributeAccessIssue]  (a new book has a sheet)
    path = folder / "danh sach.xlsx"
    book.save(path)
    return path


async def imported(db: AsyncSession, file: Path, ward_id: str = "19753") -> dict[str, Any]:
    return (await import_file(db, file, ward_id=ward_id, by=TEST, now=NOON)).as_json()


@pytest.mark.parametrize("ward", ["phu-xuan", "nam-dong"])
async def test_real_list_is_saved_and_importing_again_adds_nothing(db: AsyncSession, ward: str) -> None:
    await add_ward(db)
    file = EXAMPLE / ward / "hoc-vien.xlsx"

    first = await imported(db, file)
    again = await imported(db, file)

    assert first["read"] == again["read"] == 340
    assert first["saved"] + first["already_known"] + first["doubtful"] == 340
    assert first["saved"] > 320
    assert first["doubtful"] <= 5
    assert again["saved"] == 0
    assert again["already_known"] == first["saved"] + first["already_known"]
    assert again["doubts"] == first["doubts"]
    assert await db.scalar(select(func.count()).select_from(Learner)) == first["saved"]


async def test_every_form_of_row_is_read(db: AsyncSession, tmp_path: Path) -> None:
    await add_ward(db)
    file = file_of(
        tmp_path,
        [
            "STT", "Họ và tên", "GT", "Năm sinh", "Số điện thoại", "Tổ dân phố", "Đối tượng", "Loại máy",
            "Email", "Ghi chú",
        ],
        [
            1, "O TRƯƠNG THỊ PHƯỢNG", "Nữ", "05/08/1979", 831675659, "TDP04", "Tiểu thương", "Android",
            "A@Example.org", "- đi với con",
        ],
        [2, "Lê Thị Bé", "N", 1951, "0234 3363861", "tổ dân phố 4", "Cán bộ hưu trí, Người cao tuổi"],
        [3, "Hồ Văn Sơn", "Nam", "26/5/69", "01649063703", "Thôn A Xăng", "Hộ nghèo", "không có"],
        [4, "Đỗ Khánh Ánh", None, None, "0972708490 (con gái)"],
        [5, "Võ Thị Nga", None, 1957, "x"],
    )  # fmt: skip

    result = await imported(db, file)

    counts = {"read": 5, "saved": 5, "already_known": 0, "updated": 0, "skipped": 0, "doubtful": 0}
    assert result == {**counts, "numbers_left_out": 0, "doubts": []}
    found = await db.execute(
        select(Learner, Neighbourhood.name)
        .outerjoin(Neighbourhood, Neighbourhood.id == Learner.neighbourhood_id)
        .order_by(Learner.sort_key)
    )
    assert [
        (
            learner.title,
            learner.full_name,
            learner.sex,
            learner.birth_year,
            learner.phone,
            learner.phone_kind,
            learner.phone_note,
            place,
            learner.audiences,
            learner.device,
            learner.email,
            learner.note,
        )
        for learner, place in found
    ] == [
        ("", "Đỗ Khánh Ánh", None, None, "+84972708490", "mobile", "con gái", None, [], "", None, ""),
        ("", "Lê Thị Bé", None, 1951, "+842343363861", "landline", "", "TDP 4", ["elderly"], "", None, ""),
        ("", "Võ Thị Nga", None, 1957, None, "none", "", None, [], "", None, ""),
        (
            "O", "Trương Thị Phượng", "female", 1979, "+84831675659", "mobile", "", "TDP 4", ["trader"],
            "Android", "a@example.org", "đi với con",
        ),
        (
            "", "Hồ Văn Sơn", "male", 1969, None, "none", "số cũ: 01649063703", "Thôn A Xăng",
            ["disadvantaged"], "", None, "",
        ),
    ]  # fmt: skip


async def test_doubtful_rows_are_not_saved_and_give_reasons(db: AsyncSession, tmp_path: Path) -> None:
    await add_ward(db)
    file = file_of(
        tmp_path,
        ["Họ tên", "Năm sinh", "SĐT", "TDP"],
        ["Lê Thị Ánh", 1962, "0348990608", "TDP 5"],
        [None, 1950, "0912345678", "TDP 1"],
        ["Trần Văn Bình", 2040, "0796559047", "TDP 8"],
        ["Hoàng Đức Lộc", 1953, "09123", "TDP 3"],
        ["lê thị ánh", 1955, "0348.990.608", "TDP 5"],
        ["LÊ THỊ ÁNH", 1962, 348990608, "tdp5"],
    )

    result = await imported(db, file)

    assert (result["read"], result["saved"], result["already_known"], result["doubtful"]) == (6, 1, 1, 4)
    assert result["doubts"] == [
        {"sheet": "Sheet", "row": 3, "field": "Họ và tên", "value": "", "reason": "Thiếu họ tên"},
        {
            "sheet": "Sheet", "row": 4, "field": "Năm sinh", "value": "2040",
            "reason": "Năm sinh không hợp lý: 2040",
        },
        {
            "sheet": "Sheet", "row": 5, "field": "Số điện thoại", "value": "09123",
            "reason": "Số điện thoại thiếu chữ số (mới có 5)",
        },
        {
            "sheet": "Sheet", "row": 6, "field": "Họ và tên", "value": "Lê Thị Ánh",
            "reason": "Có thể trùng người ở dòng 2 (cùng họ tên), nhưng khác năm sinh",
        },
    ]  # fmt: skip


async def test_mended_rows_of_returned_workbook_are_saved(db: AsyncSession, tmp_path: Path) -> None:
    await add_ward(db)
    file = file_of(
        tmp_path,
        ["Họ tên", "Năm sinh", "SĐT", "Ghi chú"],
        ["Lê Thị Ánh", 1962, "0348990608", "=1+1"],
        ["Hoàng Đức Lộc", 1953, "09123", "- lớp tối"],
    )
    result = await import_file(db, file, ward_id="19753", by=TEST, now=NOON)

    book = openpyxl.load_workbook(io.BytesIO(doubtful_workbook(result.header, result.doubtful)))
    sheet = book.worksheets[0]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["Họ tên", "Năm sinh", "SĐT", "Ghi chú", "Dòng trong tệp", "Lý do cần xem lại"],
        ["Hoàng Đức Lộc", "1953", "09123", "'- lớp tối", "Sheet: 3", "Số điện thoại thiếu chữ số (mới có 5)"],
    ]
    sheet["C2"] = "0912345678"
    book.save(tmp_path / "da sua.xlsx")

    assert (await imported(db, tmp_path / "da sua.xlsx"))["saved"] == 1
    mended = await db.scalar(select(Learner).where(Learner.name_key == "hoang duc loc"))
    assert mended is not None
    assert (mended.phone, mended.note) == ("+84912345678", "lớp tối")


async def test_possible_duplicate_of_known_learner_is_doubted(db: AsyncSession, tmp_path: Path) -> None:
    await add_ward(db)
    await imported(db, file_of(tmp_path, ["Họ tên", "Năm sinh", "SĐT"], ["Lê Thị Ánh", 1962, "0348990608"]))

    result = await imported(
        db, file_of(tmp_path, ["Họ tên", "Năm sinh", "SĐT"], ["Lê Thị Ánh", 1960, "0348990608"])
    )

    assert result["saved"] == 0
    assert result["doubts"][0]["reason"] == (
        "Có thể trùng người đã có trong danh sách (cùng họ tên), nhưng khác năm sinh"
    )


async def test_namesake_in_another_ward_is_saved(db: AsyncSession, tmp_path: Path) -> None:
    await add_ward(db)
    await add_ward(db, ward_id="20179", name="Nam Đông")
    file = file_of(tmp_path, ["Họ tên", "Năm sinh", "SĐT"], ["Lê Thị Ánh", 1962, "0348990608"])

    assert (await imported(db, file, "19753"))["saved"] == 1
    assert (await imported(db, file, "20179"))["saved"] == 1


async def test_import_writes_consents_and_one_audit_entry(db: AsyncSession, tmp_path: Path) -> None:
    await add_ward(db)
    file = file_of(tmp_path, ["Họ tên", "SĐT"], ["Lê Thị Ánh", "0348990608"])

    await import_file(db, file, ward_id="19753", by=TEST, now=NOON, consents=["sms", "class"])

    learner_id = await db.scalar(select(Learner.id))
    consents = (await db.execute(select(Consent.learner_id, Consent.purpose, Consent.how))).all()
    assert sorted(map(tuple, consents)) == [(learner_id, "class", "import"), (learner_id, "sms", "import")]
    (entry,) = (await db.scalars(select(AuditEntry).where(AuditEntry.action == "learners.imported"))).all()
    assert (entry.ward_id, entry.facts["saved"], entry.facts["learner_ids"]) == ("19753", 1, [learner_id])
    assert "0348990608" not in str(entry.facts)


async def test_id_numbers_are_never_stored(db: AsyncSession, tmp_path: Path) -> None:
    await add_ward(db)
    file = file_of(
        tmp_path,
        ["Họ tên", "SĐT", "Số CCCD", "Dân tộc", "Size áo"],
        ["Lê Thị Ánh", "0348990608", "046162001234", "Kinh", "M"],
    )

    await imported(db, file)

    assert await db.scalar(select(Learner.note)) == "Size áo: M"


async def test_unreadable_file_and_unknown_ward_are_refused(db: AsyncSession, tmp_path: Path) -> None:
    await add_ward(db)
    file = file_of(tmp_path, ["Mặt hàng", "Giá"], ["Gạo", 20000])

    with pytest.raises(WorkbookRefused, match="Không tìm thấy cột họ tên"):
        await imported(db, file)
    with pytest.raises(WorkbookRefused, match="Không mở được tệp này"):
        await imported(db, tmp_path / "khong co.xlsx")
    with pytest.raises(NotFound, match="Không có phường, xã mang mã 99999"):
        await imported(db, file, "99999")


async def test_new_form_of_an_old_number_is_saved_only_when_agreed(db: AsyncSession, tmp_path: Path) -> None:
    await add_ward(db)
    file = file_of(
        tmp_path,
        ["Họ tên", "Năm sinh", "SĐT"],
        ["Hồ Văn Sơn", 1969, "01649063703"],
        ["Hồ Văn Sơn", 1969, "0349063703"],
        ["Lê Thị Bé", None, "054 3836909"],
        ["Võ Thị Nga", 1957, "0912345678"],
    )

    first = await imported(db, file)

    assert (first["saved"], first["already_known"]) == (3, 1)
    phones = select(Learner.phone, Learner.phone_note).order_by(Learner.sort_key)
    assert (await db.execute(phones)).tuples().all() == [
        (None, "số cũ: 054 3836909"),
        ("+84912345678", ""),
        ("+84349063703", "số cũ: 01649063703"),
    ]
    assert (await imported(db, file))["already_known"] == 4

    await add_ward(db, ward_id="19789", name="Nam Đông")
    await import_file(db, file, ward_id="19789", by=TEST, now=NOON, consents=("new_numbers",))

    there = select(Learner.phone).where(Learner.ward_id == "19789").order_by(Learner.sort_key)
    assert (await db.scalars(there)).all() == [
        "+842343836909",
        "+84912345678",
        "+84349063703",
    ]
