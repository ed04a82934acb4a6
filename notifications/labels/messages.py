"""States, purposes and reasons of messages in the reader's words."""

from collections.abc import Mapping

from lopso.kernel.i18n import gettext as _
from notifications.labels.delivery import problem_labels
from notifications.models import Message
from notifications.rules.delivery_problems import problem_kind
from notifications.rules.states import PENDING_STATES, PROBLEM_STATES, SENT_STATES
from wordings.labels import wording_labels

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


def state_label(message: Message) -> tuple[str, str]:
    """Kind of tag and word for one text; one that waits and is held back says so."""
    return state_labels()[shown_state(message)]


def text_parts(by_state: Mapping[str, int]) -> list[tuple[str, int, str]]:
    """Texts by how far they got, for a bar: (kind of part, number, words); withdrawn ones are left out."""

    def number(*states: str) -> int:
        return sum(by_state.get(state, 0) for state in states)

    return [
        ("done", number("delivered"), _("đã đến máy")),
        ("half", number("sent"), _("đã gửi, chưa báo đến máy")),
        ("bad", number(*PROBLEM_STATES), _("chưa đến được")),
        ("rest", number(*PENDING_STATES, "held"), _("chờ gửi")),
    ]


def shown_state(message: Message) -> str:
    """The state as people see it: "held" beside those of the ledger."""
    return "held" if message.state == "planned" and message.held_at is not None else message.state


def purpose_label(purpose: str) -> str:
    """What a text is for: as its wording is called, unless it goes by a name of its own."""
    own_names = {
        "session_moved": _("Báo đổi lịch"),
        "waitlist_place": _("Báo có chỗ"),
        "helper_moved": _("Báo người hướng dẫn đổi lịch"),
    }
    return own_names.get(purpose) or wording_labels().get(purpose, _("Tin nhắn"))


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
        "reopened": _("buổi học đã mở lại"),
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


def resolution_labels() -> dict[str, str]:
    """How somebody took care of a text that perhaps reached nobody."""
    return {
        "called": _("đã gọi"),
        "met": _("đã gặp"),
        "not_needed": _("không cần nữa"),
        "sent_again": _("đã có tin khác thay"),
    }
