"""Lists that wait in the hostile town: with new people, a question, a row to correct."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from learners.importing.registrations import REGISTRATIONS
from lopso.kernel.workbook import importing, staging
from plan_sheets.importing.plan_list import PLAN_LIST
from tests.factories import NOON, TEST
from trainers.importing.team_list import TEAM_LIST

LISTS: dict[str, tuple[Any, str]] = {
    "learner_list": (
        REGISTRATIONS,
        "Họ và tên,Năm sinh,Số điện thoại,Ghi chú\n"
        "Nguyễn Thị Hoa,,,\nNhữ Thị Na,1960,0976800001,\nLã Văn Bê,1961,8.4976E+10,\n",
    ),
    "helper_list": (
        TEAM_LIST,
        "Họ tên,Tổ,Điện thoại\nTrần Thị Lành,Tổ 5,0976800002\nLã Na,Tổ 5,0976800003\nLã Na,Tổ 5,0976800004\n",
    ),
    "plan_sheet": (
        PLAN_LIST,
        "Nội dung,Địa điểm,Thứ,Giờ,Bắt đầu,Số buổi\nNấu ăn,Đình làng,T2,8h-10h,07/12/2026,3\n",
    ),
}


async def add_lists(db: AsyncSession, ward_id: str) -> dict[str, str]:
    """Stage one list of each kind; their ids."""
    ids: dict[str, str] = {}
    for name, (kind, content) in LISTS.items():
        data = content.encode()
        parsed = await importing.parse_for_ward(db, kind, data, ward_id=ward_id, now=NOON)
        assert parsed.found
        staged = await staging.stage(
            db, kind=kind.name, ward_id=ward_id, data=data, parsed=parsed, by=TEST, now=NOON
        )
        ids[name] = str(staged.id)
    return ids
