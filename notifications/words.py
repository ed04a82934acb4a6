"""The ledger's codes in the reader's words."""

from collections.abc import Mapping

from lopso.kernel.i18n import gettext as _
from notifications.rules.states import COMING, GONE, TROUBLE

GROUPS: Mapping[str, tuple[str, ...]] = {
    "se-gui": COMING,
    "da-gui": GONE,
    "can-goi": TROUBLE,
    "da-rut": ("withdrawn",),
}
"""Filters of a list of texts, by the word in the address."""


def group_names() -> dict[str, str]:
    """Filter → its name."""
    return {
        "se-gui": _("Sẽ gửi"),
        "da-gui": _("Đã gửi"),
        "can-goi": _("Cần gọi điện"),
        "da-rut": _("Đã rút lại"),
    }


def state_words() -> dict[str, tuple[str, str]]:
    """State → kind of tag and word. "Sent" is what the provider took; only "delivered" reached a phone."""
    return {
        "planned": ("plain", _("đã lên lịch")),
        "claimed": ("info", _("đang gửi")),
        "sending": ("info", _("đang gửi")),
        "sent": ("info", _("đã gửi")),
        "delivered": ("ok", _("đã đến máy")),
        "undelivered": ("bad", _("không đến máy")),
        "failed": ("bad", _("không gửi được")),
        "ambiguous": ("warn", _("chưa rõ kết quả")),
        "expired": ("warn", _("quá giờ, không gửi")),
        "withdrawn": ("plain", _("đã rút lại")),
        "suppressed": ("warn", _("không gửi")),
    }


def purpose_words() -> dict[str, str]:
    """Purpose → what the text is for."""
    return {
        "reminder_day_before": _("Nhắc trước một ngày"),
        "reminder_same_day": _("Nhắc trong ngày"),
        "session_moved": _("Báo đổi lịch"),
        "session_cancelled": _("Báo nghỉ học"),
        "enrolled": _("Báo đã ghi danh"),
        "waitlist_place": _("Báo có chỗ"),
        "sign_off_reached": _("Báo kỹ năng được xác nhận"),
        "certificate_ready": _("Báo có giấy chứng nhận"),
        "assignment_offered": _("Mời người dạy"),
        "cover_wanted": _("Mời dạy thay"),
        "assignment_changed": _("Báo người dạy đổi vai trò"),
        "assignment_withdrawn": _("Báo người dạy không cần đến"),
        "helper_moved": _("Báo người dạy đổi lịch"),
        "helper_cancelled": _("Báo người dạy nghỉ"),
    }


def reason_word(state: str, reason: str, error_code: str | None) -> str:
    """Why a text is where it is, as half a sentence; empty when the state says it all."""
    if error_code:
        return _provider_words().get(error_code) or _("nhà mạng báo mã %(code)s", code=error_code)
    if state == "planned":
        return ""
    return {
        "session_cancelled": _("buổi học đã hủy"),
        "moved": _("buổi học đã đổi lịch"),
        "left": _("người học đã rút tên"),
        "plan_changed": _("lịch đã thay đổi"),
        "answered": _("người nhận đã trả lời"),
        "revoked": _("đã thu hồi xác nhận"),
        "superseded": _("đã có tin mới hơn"),
        "no_consent": _("người nhận không đồng ý nhận tin"),
        "opted_out": _("người nhận đã ngừng nhận tin"),
        "daily_cap": _("số này đã nhận đủ tin trong ngày"),
        "given_up": _("nhà mạng không trả lời"),
        "no_answer": _("đang hỏi lại nhà mạng"),
        "worker_lost": _("đang hỏi lại nhà mạng"),
    }.get(reason, "")


def call_words() -> dict[str, str]:
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
        "not_planned": _("không có tin nhắn nào cho buổi này"),
    }


def bring_words() -> dict[str, str]:
    """What a learner gets ready, by kind of session."""
    bring = _("Mang theo điện thoại và dây sạc.")
    return {
        "ward_class": bring,
        "market_round": _("Người hướng dẫn đến tận quầy. Xin để sẵn điện thoại."),
        "home_visit": _("Người hướng dẫn đến tận nhà. Xin để sẵn điện thoại."),
        "mass_event": bring,
        "team_training": bring,
    }


def _provider_words() -> dict[str, str]:
    """The few codes of Twilio with a meaning for staff."""
    return {
        "21610": _("người nhận đã chặn tin nhắn"),
        "21211": _("số điện thoại không đúng"),
        "21614": _("số này không nhận được tin nhắn"),
        "30003": _("máy tắt hoặc ngoài vùng phủ sóng"),
        "30005": _("số điện thoại không còn dùng"),
        "30006": _("số này không nhận được tin nhắn"),
        "30007": _("nhà mạng chặn tin"),
    }
