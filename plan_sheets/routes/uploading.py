"""Sending a plan sheet, and choosing its columns."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Permission
from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook.results import ParsedList
from lopso.kernel.workbook.staging import StagedImport
from lopso.web.importing import ImportConfig, ImportTexts
from lopso.web.importing.reading import reading_routes
from lopso.web.importing.uploading import upload_routes
from plan_sheets.importing.plan_list import PLAN_LIST
from plan_sheets.queries.review import PlanReview, review_plan
from plan_sheets.rules.plan_rows import PlanRow


def _texts() -> ImportTexts:
    return ImportTexts(
        people=_("Lịch"),
        title=_("Nhập kế hoạch lớp"),
        file=_("Tệp kế hoạch mở lớp"),
        file_help=_(
            "Tệp Excel của phường, xã: mỗi lớp một dòng; "
            "tên cột, thứ tự cột và số trang tính thế nào cũng được."
        ),
        see=_("Xem các chuỗi buổi học"),
        see_path="/chuoi?tinh_trang=draft",
        steps=(
            _("Bạn chọn nội dung, phòng còn chưa rõ, và sửa chỗ trùng lịch."),
            _(
                "Bấm đồng ý thì các lớp được lập thành bản nháp, chưa báo cho ai. "
                "Nhập lại tệp cũ không lập thêm."
            ),
        ),
        header_example=_("Dòng ghi tên các cột, như “Nội dung”, “Địa điểm”, “Thứ”"),
    )


CONFIG = ImportConfig(
    kind=PLAN_LIST,
    address="/lich",
    texts=_texts,
    workbook_name="ke-hoach-can-xem-lai.xlsx",
    permission=Permission.PLAN,
)
HANDLERS = [*upload_routes(CONFIG), *reading_routes(CONFIG)]


@dataclass(frozen=True, slots=True)
class StagedPlan:
    """A sheet that waits, as it was read and as it will be saved."""

    staged: StagedImport
    parsed: ParsedList[PlanRow]
    review: PlanReview


async def staged_plan(
    db: AsyncSession, ward_id: str, staged_id: str, *, now: datetime, lock: bool = False
) -> StagedPlan:
    """The sheet of an address against the ward as it is now.

    Raises:
        NotFound: no such sheet in this ward.
    """
    staged = await CONFIG.staged(db, ward_id, staged_id, lock=lock)
    parsed = CONFIG.parsed(staged)
    return StagedPlan(staged, parsed, await review_plan(db, staged, parsed, now=now))
