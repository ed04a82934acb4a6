"""A ward's list of registrations, imported by page."""

from learners.importing.registrations import REGISTRATIONS
from lopso.kernel.i18n import gettext as _
from lopso.web.importing import ImportConfig, ImportTexts, import_routes


def _texts() -> ImportTexts:
    return ImportTexts(
        people=_("Người học"),
        title=_("Nhập danh sách người học"),
        file=_("Tệp danh sách đăng ký"),
        file_help=_(
            "Tệp Excel của phường, xã, để nguyên như đang dùng: tên cột và thứ tự cột thế nào cũng được."
        ),
        see=_("Xem danh sách"),
    )


HANDLERS = import_routes(
    ImportConfig(
        kind=REGISTRATIONS,
        address="/nguoi-hoc",
        texts=_texts,
        workbook_name="nguoi-hoc-can-xem-lai.xlsx",
        agreement="learners/_import_agreement.html",
        after_saving="learners/_imported.html",
    )
)
