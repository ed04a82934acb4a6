"""A ward's list of teams with their helpers, imported by page."""

from lopso.kernel.i18n import gettext as _
from lopso.web.importing import ImportConfig, ImportTexts, import_routes
from trainers.importing.team_list import TEAM_LIST


def _texts() -> ImportTexts:
    return ImportTexts(
        people=_("Người hướng dẫn"),
        title=_("Nhập danh sách tổ, đội"),
        file=_("Tệp danh sách tổ, đội"),
        file_help=_(
            "Tệp Excel của phường, xã: tổ công nghệ số cộng đồng, đội sinh viên, Đại sứ số; "
            "tên cột và thứ tự cột thế nào cũng được."
        ),
        see=_("Xem tổ, đội"),
        see_path="/to",
    )


HANDLERS = import_routes(
    ImportConfig(
        kind=TEAM_LIST,
        address="/nguoi-day",
        texts=_texts,
        workbook_name="to-doi-can-xem-lai.xlsx",
        agreement="trainers/_import_agreement.html",
    )
)
