"""Wordings and their places in the words of those who write them."""

from lopso.kernel.i18n import gettext as _


def wording_labels() -> dict[str, str]:
    """Code of a wording → when it is sent."""
    return {
        "reminder_day_before": _("Nhắc trước một ngày"),
        "reminder_same_day": _("Nhắc trong ngày"),
        "visit_day_before": _("Nhắc trước một ngày, khi đến tận nhà"),
        "visit_same_day": _("Nhắc trong ngày, khi đến tận nhà"),
        "market_day_before": _("Nhắc trước một ngày, khi đến chợ"),
        "market_same_day": _("Nhắc trong ngày, khi đến chợ"),
        "session_moved": _("Báo đổi giờ"),
        "session_relocated": _("Báo đổi nơi học"),
        "session_cancelled": _("Báo nghỉ học"),
        "session_reopened": _("Báo học lại"),
        "series_moved": _("Báo đổi giờ nhiều buổi"),
        "series_relocated": _("Báo đổi nơi học nhiều buổi"),
        "series_cancelled": _("Báo nghỉ học nhiều buổi"),
        "series_reopened": _("Báo học lại nhiều buổi"),
        "closed_days": _("Báo nghỉ đồng loạt"),
        "enrolled": _("Báo đã ghi danh"),
        "waitlist_place": _("Báo có chỗ cho người đang chờ"),
        "sign_off_reached": _("Báo kỹ năng được xác nhận"),
        "certificate_ready": _("Báo có giấy chứng nhận"),
        "assignment_offered": _("Mời người hướng dẫn"),
        "cover_wanted": _("Mời dạy thay"),
        "assignment_changed": _("Báo người hướng dẫn đổi vai trò"),
        "assignment_withdrawn": _("Báo người hướng dẫn không cần đến"),
        "helper_moved": _("Báo người hướng dẫn đổi giờ"),
        "helper_relocated": _("Báo người hướng dẫn đổi nơi"),
        "helper_cancelled": _("Báo người hướng dẫn nghỉ"),
        "helper_reopened": _("Báo người hướng dẫn buổi đã mở lại"),
        "helper_series_moved": _("Báo người hướng dẫn đổi giờ nhiều buổi"),
        "helper_series_relocated": _("Báo người hướng dẫn đổi nơi nhiều buổi"),
        "helper_series_cancelled": _("Báo người hướng dẫn nghỉ nhiều buổi"),
        "helper_series_reopened": _("Báo người hướng dẫn nhiều buổi đã mở lại"),
        "helper_closed_days": _("Báo người hướng dẫn nghỉ đồng loạt"),
    }


def placeholder_labels() -> dict[str, str]:
    """Place in a wording → what stands there."""
    return {
        "time": _("giờ bắt đầu"),
        "day": _("thứ và ngày"),
        "when": _("giờ và ngày; với lớp hằng tuần: giờ, thứ, ngày đầu và số buổi"),
        "old_time": _("giờ cũ"),
        "old_day": _("ngày cũ"),
        "place": _("nơi học; khi dài quá thì bỏ tên phòng, rồi viết tắt"),
        "what": _("loại buổi; không nêu tên khóa học"),
        "title": _("tên buổi, chỉ nói với người hướng dẫn"),
        "names": _("người nhận; nhiều người chung một máy thì nêu cả"),
        "invited": _("“Kính mời” hoặc “Mời em”, rồi người nhận"),
        "told": _("“Kính báo” hoặc “Báo em”, rồi người nhận"),
        "contact": _("số điện thoại của phường, xã để hỏi"),
        "reason": _("lý do nghỉ; khi dài quá chỉ lấy ý đầu"),
        "role": _("vai trò: người dạy hoặc người hỗ trợ"),
        "number": _("số kỹ năng"),
    }


def placeholder_type_labels() -> dict[str, str]:
    """Kind of value in a place → how operators' forms call it."""
    return {
        "time": _("giờ phút"),
        "date": _("ngày"),
        "time_and_date": _("giờ và ngày"),
        "text": _("chữ"),
        "names": _("tên người"),
        "phone": _("số điện thoại"),
        "number": _("số"),
    }


def version_state_labels() -> dict[str, tuple[str, str]]:
    """State of a version → kind of tag and word."""
    return {
        "in_use": ("ok", _("đang dùng")),
        "draft": ("warn", _("bản nháp")),
        "retired": ("plain", _("đã thay")),
    }
