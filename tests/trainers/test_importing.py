"""A ward's list of teams becomes teams, helpers, what they teach and when they are free."""

from datetime import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.application import reference
from lopso.kernel.audit import AuditEntry
from lopso.kernel.paths import shipped
from skills.models import Skill
from tests.factories import NOON, TEST, add_ward
from trainers.importing import import_file
from trainers.models import Availability, Qualification, Team, TeamMember, Trainer
from venues.models import Neighbourhood

EXAMPLE = shipped("data") / "example"
HEADER = [
    "TT", "Họ tên", "Giới tính", "Đơn vị / chức vụ", "ĐT", "Tổ/Đội", "Vai trò", "Nội dung hướng dẫn được",
    "Thời gian rảnh",
]  # fmt: skip


def file_of(folder: Path, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # pyright: ignore[reportOptionalMemberAccess, reportUnknownMemberType, reportAttributeAccessIssue]  (a new book has a sheet)
    path = folder / "to.xlsx"
    book.save(path)
    return path


async def imported(db: AsyncSession, file: Path) -> dict[str, Any]:
    return (await import_file(db, file, ward_id="19753", by=TEST, now=NOON)).as_json()


@pytest.mark.parametrize(("ward", "rows"), [("phu-xuan", 124), ("nam-dong", 118)])
async def test_real_list_is_saved_and_importing_again_adds_nothing(
    db: AsyncSession, ward: str, rows: int
) -> None:
    await add_ward(db)
    file = EXAMPLE / ward / "to-cong-nghe-so.xlsx"

    first = await imported(db, file)
    counts = [await db.scalar(select(func.count()).select_from(t)) for t in (Trainer, Team, TeamMember)]
    again = await imported(db, file)

    assert first["read"] == first["saved"] + first["already_known"] + first["doubtful"] == rows
    assert first["doubtful"] <= 2
    assert counts == [first["saved"], 16, first["saved"]]
    assert (again["saved"], again["doubts"]) == (0, first["doubts"])
    assert [
        await db.scalar(select(func.count()).select_from(t)) for t in (Trainer, Team, TeamMember)
    ] == counts


async def test_teams_roles_skills_and_hours_are_saved(db: AsyncSession, tmp_path: Path) -> None:
    await reference.load(db, now=NOON)
    file = file_of(
        tmp_path,
        HEADER,
        [
            1, "HOÀNG HỮU MẠNH", "Nam", "Tổ trưởng TDP", "0895 817 640", "Tổ CNSCĐ TDP04", "Tổ trưởng",
            "VNeID", "Tối T2-T6",
        ],
        [
            2, "Lê Thị Thương", "Nữ", "Công an", 971447710, "Tổ CNSCĐ TDP 4", "Thành viên", "múa lân",
            "theo phân công",
        ],
        [3, "Bùi Thị Hòa", "Nữ", "Đại sứ số", "x", "Đại sứ số", "Đại sứ số", "Tất cả", "Cuối tuần"],
        [
            4, "Đỗ Đình Tín", "Nam", "ĐH Khoa học", "+84917725013", "Đội SV tình nguyện số", "Đội phó",
            "AI cơ bản", "",
        ],
    )  # fmt: skip

    result = await imported(db, file)

    assert (result["saved"], result["doubtful"]) == (4, 0)
    people = await db.execute(
        select(Trainer, Team.kind, Team.name, TeamMember.role, Neighbourhood.name)
        .join(TeamMember, TeamMember.trainer_id == Trainer.id)
        .join(Team, Team.id == TeamMember.team_id)
        .outerjoin(Neighbourhood, Neighbourhood.id == Team.neighbourhood_id)
        .order_by(Trainer.id)
    )
    assert [
        (t.full_name, t.kind, t.phone, t.teaches_all, t.note, kind, team, role, place)
        for t, kind, team, role, place in people
    ] == [
        ("Hoàng Hữu Mạnh", "team_member", "+84895817640", False, "",
         "community_tech_team", "Tổ CNSCĐ TDP 4", "head", "TDP 4"),
        ("Lê Thị Thương", "team_member", "+84971447710", False,
         "Thường rảnh: theo phân công; Hướng dẫn được: múa lân",
         "community_tech_team", "Tổ CNSCĐ TDP 4", "member", "TDP 4"),
        ("Bùi Thị Hòa", "digital_ambassador", None, True, "", "ambassadors", "Đại sứ số", "member", None),
        ("Đỗ Đình Tín", "student_volunteer", "+84917725013", False, "",
         "student_volunteers", "Đội SV tình nguyện số", "deputy", None),
    ]  # fmt: skip
    taught = await db.execute(
        select(Trainer.full_name, Skill.code)
        .join(Qualification, Qualification.trainer_id == Trainer.id)
        .join(Skill, Skill.id == Qualification.skill_id)
        .order_by(Trainer.id, Skill.code)
    )
    assert [tuple(row) for row in taught] == [
        ("Hoàng Hữu Mạnh", "2.6"),
        ("Hoàng Hữu Mạnh", "DT.1"),
        ("Đỗ Đình Tín", "6.1"),
        ("Đỗ Đình Tín", "6.2"),
        ("Đỗ Đình Tín", "6.3"),
    ]
    free = await db.execute(
        select(Trainer.full_name, Availability.weekday, Availability.since, Availability.until)
        .join(Availability, Availability.trainer_id == Trainer.id)
        .order_by(Trainer.id, Availability.weekday)
    )
    assert [tuple(row) for row in free] == [
        *(("Hoàng Hữu Mạnh", day, time(17, 30), time(21, 30)) for day in range(5)),
        ("Bùi Thị Hòa", 5, time(7), time(21, 30)),
        ("Bùi Thị Hòa", 6, time(7), time(21, 30)),
    ]


async def test_teams_named_by_headings_are_saved(db: AsyncSession, tmp_path: Path) -> None:
    await add_ward(db)
    file = file_of(
        tmp_path,
        ["DANH SÁCH THÀNH VIÊN TỔ CÔNG NGHỆ SỐ CỘNG ĐỒNG"],
        ["STT", "Họ và tên thành viên", "Chức danh trong tổ", "Số điện thoại"],
        ["TỔ CÔNG NGHỆ SỐ CỘNG ĐỒNG TDP 01"],
        [1, "Lê Thị Thương", "Tổ trưởng", "0971447710"],
        [2, "Võ Văn Bình", "Tổ phó", "0912345678"],
        ["ĐỘI SINH VIÊN TÌNH NGUYỆN"],
        [3, "Trần Thị Lành", "Đội trưởng", "0935123456"],
    )

    assert (await imported(db, file))["saved"] == 3
    rows = await db.execute(
        select(Trainer.full_name, Trainer.kind, Team.name, Team.name_key, TeamMember.role)
        .join(TeamMember, TeamMember.trainer_id == Trainer.id)
        .join(Team, Team.id == TeamMember.team_id)
        .order_by(Trainer.id)
    )
    community = "Tổ CNSCĐ TDP 1"
    students = "Đội sinh viên tình nguyện"
    assert [tuple(row) for row in rows] == [
        ("Lê Thị Thương", "team_member", community, "cnscd tdp 1", "head"),
        ("Võ Văn Bình", "team_member", community, "cnscd tdp 1", "deputy"),
        ("Trần Thị Lành", "student_volunteer", students, "doi sinh vien tinh nguyen", "head"),
    ]


async def test_person_in_two_teams_is_saved_once(db: AsyncSession, tmp_path: Path) -> None:
    await add_ward(db)
    file = file_of(
        tmp_path,
        HEADER,
        [1, "Lê Thị Thương", "Nữ", "Công an", "0971447710", "Tổ CNSCĐ TDP 1", "Thành viên", "", ""],
        [2, "LÊ THỊ THƯƠNG", "Nữ", "", "0971.447.710", "Đại sứ số", "Đại sứ số", "", ""],
    )

    result = await imported(db, file)

    assert (result["read"], result["saved"], result["already_known"]) == (2, 1, 1)
    assert set(await db.scalars(select(Team.name).join(TeamMember))) == {"Tổ CNSCĐ TDP 1", "Đại sứ số"}


async def test_old_list_does_not_restore_ended_membership(db: AsyncSession, tmp_path: Path) -> None:
    await add_ward(db)
    file = file_of(tmp_path, HEADER, [1, "Lê Thị Thương", "Nữ", "Công an", "0971447710", "Tổ CNSCĐ TDP 1"])
    await imported(db, file)
    await db.execute(update(TeamMember).values(left_at=NOON))

    await imported(db, file)

    assert (await db.scalars(select(TeamMember.left_at))).all() == [NOON]


async def test_second_phone_for_name_in_team_is_doubted(db: AsyncSession, tmp_path: Path) -> None:
    await add_ward(db)
    one = [1, "Lê Thị Thương", "Nữ", "Công an", "0971447710", "Tổ CNSCĐ TDP 1"]
    other = [2, "Lê Thị Thương", "Nữ", "Công an", "0912345678", "Tổ CNSCĐ TDP 1"]
    elsewhere = [3, "Lê Thị Thương", "Nữ", "Công an", "0912345679", "Tổ CNSCĐ TDP 2"]

    result = await imported(db, file_of(tmp_path, HEADER, one, other, elsewhere))

    assert (result["saved"], result["doubtful"]) == (2, 1)
    assert result["doubts"][0] == {
        "sheet": "Sheet",
        "row": 3,
        "field": "Họ và tên",
        "value": "Lê Thị Thương",
        "reason": "Có thể trùng người ở dòng 2 (cùng họ tên, cùng tổ, đội), nhưng khác số điện thoại",
    }
    again = await imported(db, file_of(tmp_path, HEADER, other))
    assert again["doubts"][0]["reason"] == (
        "Có thể trùng người đã có (cùng họ tên, cùng tổ, đội), nhưng khác số điện thoại"
    )


async def test_import_writes_one_audit_entry(db: AsyncSession, tmp_path: Path) -> None:
    await add_ward(db)
    await imported(db, file_of(tmp_path, HEADER, [1, "Lê Thị Thương", "Nữ", "Công an", "0971447710"]))

    (entry,) = (await db.scalars(select(AuditEntry).where(AuditEntry.action == "teams.imported"))).all()
    assert (entry.ward_id, entry.facts["saved"]) == ("19753", 1)
    assert "0971447710" not in str(entry.facts)
