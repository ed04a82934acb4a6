"""What recipients agreed to, refused, or must be called about, in the reader's words."""

from lopso.kernel.i18n import gettext as _


def call_reason_labels() -> dict[str, str]:
    """Why somebody is on the list of people to call."""
    return {
        "no_phone": _("không có điện thoại, nhờ tổ dân phố báo"),
        "landline": _("máy bàn, không nhận tin nhắn"),
        "no_consent": _("không đồng ý nhận tin nhắn"),
        "opted_out": _("không nhận tin nhắn"),
        "failed": _("tin không gửi được"),
        "undelivered": _("tin không đến máy"),
        "ambiguous": _("chưa rõ tin đã đến chưa"),
        "expired": _("tin quá giờ, không gửi"),
        "suppressed": _("tin không gửi"),
        "held": _("tin đang giữ lại"),
        "overdue": _("tin trễ giờ, chưa gửi được"),
        "by_staff": _("cán bộ chọn không gửi tin"),
        "not_planned": _("không có tin nhắn nào cho buổi này"),
    }


def topic_labels() -> dict[str, str]:
    """Topic → what a number gets or does not want."""
    return {
        "reminders": _("Nhắc lịch học"),
        "changes": _("Báo đổi lịch, nghỉ học"),
        "results": _("Báo kết quả, giấy chứng nhận"),
        "duties": _("Mời dạy, báo đổi buổi dạy"),
    }


def refused_topic_labels() -> dict[str | None, str]:
    """What a number may refuse → its name; None is everything."""
    return {
        None: _("mọi tin"),
        "reminders": _("tin nhắc"),
        "changes": _("tin đổi lịch, nghỉ học"),
        "results": _("tin về kỹ năng, giấy chứng nhận"),
        "duties": _("tin mời dạy"),
    }


def opt_out_source_labels() -> dict[str, str]:
    """How it became known that a number wants no texts, where nobody of the office noted it."""
    return {
        "staff": _("cán bộ ghi"),
        "page": _("người nhận tự ngừng trên trang của mình"),
        "reply": _("người nhận nhắn tin từ chối"),
        "provider": _("nhà mạng báo người nhận đã chặn"),
    }


def consent_labels() -> dict[str, str]:
    """How a consent was given."""
    return {
        "paper": _("trên giấy"),
        "spoken": _("nói trực tiếp"),
        "import": _("theo danh sách đăng ký"),
        "page": _("trên trang của mình"),
    }
