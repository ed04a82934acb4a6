"""The ledger's codes in the reader's words."""

from collections.abc import Mapping

from lopso.kernel.i18n import gettext as _
from notifications.models import Message
from notifications.rules.delivery_problems import ProblemKind, problem_kind
from notifications.rules.states import PENDING_STATES, PROBLEM_STATES, SENT_STATES

STATE_GROUPS: Mapping[str, tuple[str, ...]] = {
    "se-gui": PENDING_STATES,
    "giu-lai": ("held",),
    "da-gui": SENT_STATES,
    "can-goi": PROBLEM_STATES,
    "da-rut": ("withdrawn",),
}
"""Filters of a list of texts, by the word in the address."""


def group_labels() -> dict[str, str]:
    """Filter → its name."""
    return {
        "se-gui": _("Sẽ gửi"),
        "giu-lai": _("Đang giữ lại"),
        "da-gui": _("Đã gửi"),
        "can-goi": _("Cần gọi điện"),
        "da-rut": _("Đã rút lại"),
    }


def state_labels() -> dict[str, tuple[str, str]]:
    """State → kind of tag and word. "Sent" is what the provider took; only "delivered" reached a phone."""
    return {
        "planned": ("plain", _("đã lên lịch")),
        "held": ("warn", _("đang giữ lại")),
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


def purpose_labels() -> dict[str, str]:
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


def state_label(message: Message) -> tuple[str, str]:
    """Kind of tag and word for one text; one that waits and is held back says so."""
    return state_labels()[shown_state(message)]


def shown_state(message: Message) -> str:
    """The state as people see it: "held" beside those of the ledger."""
    return "held" if message.state == "planned" and message.held_at is not None else message.state


def purpose_label(purpose: str) -> str:
    """What a text is for."""
    return purpose_labels().get(purpose, _("Tin nhắn"))


def session_kind_labels() -> dict[str, str]:
    """Kind of session → what people call it."""
    return {
        "ward_class": _("Lớp tại phường, xã"),
        "market_round": _("Chợ số"),
        "home_visit": _("Đến tận nhà"),
        "mass_event": _("Ngày hội"),
        "team_training": _("Tập huấn"),
    }


def reason_label(state: str, reason: str, error_code: str | None) -> str:
    """Why a text is where it is, as half a sentence; empty when the state says it all."""
    if state in ("planned", "claimed", "sending", *SENT_STATES):
        return ""
    if state in PROBLEM_STATES:
        kind = problem_kind(state, reason, error_code)
        if kind == "expired":
            return ""
        if kind == "refused" and error_code:
            return _("nhà mạng từ chối, mã %(code)s", code=error_code)
        return problem_labels()[kind][1]
    return {
        "by_staff": _("cán bộ chọn không gửi"),
        "session_cancelled": _("buổi học đã hủy"),
        "moved": _("buổi học đã đổi lịch"),
        "left": _("người học đã rút tên"),
        "plan_changed": _("lịch đã thay đổi"),
        "answered": _("người nhận đã trả lời"),
        "revoked": _("đã thu hồi xác nhận"),
        "superseded": _("đã có tin mới hơn"),
        "opted_out": _("người nhận đã ngừng nhận tin"),
        "phone_changed": _("người nhận đã đổi số"),
        "gone": _("người nhận không còn trong danh sách"),
    }.get(reason, "")


def message_reason(message: Message) -> str:
    """`reason_label` of one text."""
    return reason_label(message.state, message.state_reason, message.error_code)


PROBLEM_KINDS: Mapping[str, ProblemKind] = {
    "so-sai": "bad_number",
    "may-ban": "not_mobile",
    "khong-nhan-tin": "opted_out",
    "khong-dong-y": "no_consent",
    "tat-may": "unreachable",
    "nha-mang-chan": "blocked",
    "tu-choi": "refused",
    "khong-tra-loi": "given_up",
    "chua-ro": "unknown",
    "qua-gio": "expired",
    "giu-lai": "held",
    "du-tin": "daily_cap",
    "het-han-muc": "budget",
    "chua-dang-ky": "unregistered",
}
"""Kinds of delivery problem by the word in the address, in the order in which pages list them."""


def problem_labels() -> dict[ProblemKind, tuple[str, str, str]]:
    """Kind of delivery problem → its name, why the text did not arrive as half a sentence, the next step."""
    call = _("Gọi điện cho người nhận.")
    mend = _("Hỏi lại số và sửa trong hồ sơ; tin còn kịp sẽ tự gửi đến số mới.")
    return {
        "bad_number": (_("Số sai"), _("số không đúng hoặc không còn dùng"), mend),
        "not_mobile": (_("Số không nhận được tin"), _("số này không nhận được tin nhắn"), mend),
        "opted_out": (
            _("Không nhận tin"),
            _("người nhận đã chặn hoặc ngừng nhận tin"),
            _("Gọi điện. Khi người nhận muốn nhận tin trở lại, ghi vào hồ sơ."),
        ),
        "no_consent": (
            _("Không đồng ý"),
            _("người nhận không đồng ý nhận tin"),
            _("Gọi điện. Khi người nhận đồng ý, ghi vào hồ sơ."),
        ),
        "unreachable": (
            _("Máy tắt"),
            _("máy tắt hoặc ngoài vùng phủ sóng"),
            _("Gửi lại nếu còn kịp, hoặc gọi điện."),
        ),
        "blocked": (_("Nhà mạng chặn"), _("nhà mạng chặn tin"), _("Gọi điện và báo quản trị thành phố.")),
        "refused": (
            _("Nhà mạng từ chối"),
            _("nhà mạng từ chối"),
            _("Gửi lại một lần; nếu vẫn vậy, gọi điện và báo quản trị thành phố."),
        ),
        "given_up": (
            _("Nhà mạng không trả lời"),
            _("nhà mạng không trả lời sau nhiều lần thử"),
            _("Gửi lại nếu còn kịp, hoặc gọi điện."),
        ),
        "unknown": (
            _("Chưa rõ kết quả"),
            _("đang hỏi lại nhà mạng"),
            _("Chờ vài phút. Gửi lại có thể khiến người nhận được hai tin giống nhau."),
        ),
        "expired": (_("Quá giờ"), _("đã quá giờ, gửi không còn tác dụng"), call),
        "held": (_("Giữ lại quá giờ"), _("được giữ lại cho đến khi quá giờ"), call),
        "daily_cap": (_("Đủ tin trong ngày"), _("số này đã nhận đủ tin trong ngày"), call),
        "budget": (
            _("Hết hạn mức"),
            _("đã hết hạn mức tin nhắn của tháng"),
            _("Gọi điện, hoặc xin thành phố thêm hạn mức rồi gửi lại."),
        ),
        "unregistered": (
            _("Mẫu chưa đăng ký"),
            _("mẫu tin chưa đăng ký với nhà mạng"),
            _("Gọi điện và báo quản trị thành phố đăng ký mẫu tin."),
        ),
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


def provider_label(name: str) -> str:
    """A provider as people call it."""
    return {"sandbox": _("điện thoại thử"), "twilio": "Twilio", "brandname": _("cổng nhà mạng")}.get(
        name, name
    )


def message_class_labels() -> dict[str, str]:
    """Class of texts → its name."""
    return {"service": _("Tin cho người học"), "operations": _("Tin cho người dạy, người hỗ trợ")}


def health_labels() -> dict[str, tuple[str, str, str]]:
    """How a provider is doing → kind of tag, word, what it means."""
    return {
        "good": ("ok", _("tốt"), ""),
        "slow": ("warn", _("chậm"), _("trả lời chậm; tin đi trễ hơn, hoặc đi qua nhà mạng khác nếu có.")),
        "down": (
            "bad",
            _("ngừng"),
            _("không nhận tin; tin còn chờ hoặc đi qua nhà mạng khác, không tin nào mất."),
        ),
    }


def resolution_labels() -> dict[str, str]:
    """How somebody took care of a text that perhaps reached nobody."""
    return {
        "called": _("đã gọi"),
        "met": _("đã gặp"),
        "not_needed": _("không cần nữa"),
        "sent_again": _("đã có tin khác thay"),
    }


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


def preparation_labels() -> dict[str, str]:
    """What a learner gets ready, by kind of session."""
    bring = _("Mang theo điện thoại và dây sạc.")
    return {
        "ward_class": bring,
        "market_round": _("Người hướng dẫn đến tận quầy. Xin để sẵn điện thoại."),
        "home_visit": _("Người hướng dẫn đến tận nhà. Xin để sẵn điện thoại."),
        "mass_event": bring,
        "team_training": bring,
    }


def topic_labels() -> dict[str, str]:
    """Topic → what a number gets or does not want."""
    return {
        "reminders": _("Nhắc lịch học"),
        "changes": _("Báo đổi lịch, nghỉ học"),
        "results": _("Báo kết quả, giấy chứng nhận"),
        "duties": _("Mời dạy, báo đổi buổi dạy"),
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
