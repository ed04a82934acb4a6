"""Names of the columns of a plan sheet."""

from collections.abc import Mapping

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _


def field_labels() -> Mapping[str, str]:
    """Column by its code, as screens call it."""
    weekdays = {f"day{number}": name for number, name in enumerate(formatting.weekday_names())}
    return {
        "ordinal": _("Số thứ tự"),
        "course": _("Nội dung"),
        "place": _("Nơi học"),
        "weekday": _("Thứ"),
        "hours": _("Giờ"),
        "when": _("Thời gian"),
        "starts": _("Bắt đầu"),
        "ends": _("Kết thúc"),
        "meetings": _("Số buổi"),
        "seats": _("Số chỗ"),
        "audience": _("Đối tượng"),
        "helper": _("Phụ trách"),
        "code": _("Mã chuỗi"),
        **weekdays,
    }
