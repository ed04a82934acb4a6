"""Delivery problems and providers in the reader's words."""

from collections.abc import Mapping

from lopso.kernel.i18n import gettext as _
from notifications.rules.delivery_problems import ProblemKind

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


ProblemLabels = tuple[str, str, str]
"""A problem's name, why the text did not arrive as half a sentence, the next step."""


def problem_labels() -> dict[ProblemKind, ProblemLabels]:
    """Every kind of delivery problem, in the order in which pages list them."""
    return _recipient_problems() | _provider_problems() | _prevented_texts()


def _recipient_problems() -> dict[ProblemKind, ProblemLabels]:
    correct = _("Hỏi lại số và sửa trong hồ sơ; tin còn kịp sẽ tự gửi đến số mới.")
    return {
        "bad_number": (_("Số sai"), _("số không đúng hoặc không còn dùng"), correct),
        "not_mobile": (_("Số không nhận được tin"), _("số này không nhận được tin nhắn"), correct),
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
    }


def _provider_problems() -> dict[ProblemKind, ProblemLabels]:
    return {
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
    }


def _prevented_texts() -> dict[ProblemKind, ProblemLabels]:
    """Texts that were not handed to a provider: too late, or a limit of ours."""
    call = _("Gọi điện cho người nhận.")
    return {
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


def provider_label(name: str) -> str:
    """A provider as people call it."""
    return {"sandbox": _("điện thoại thử"), "twilio": "Twilio", "brandname": _("cổng nhà mạng")}.get(
        name, name
    )


def message_class_labels() -> dict[str, str]:
    """Class of texts → its name."""
    return {"service": _("Tin cho người học"), "operations": _("Tin cho người hướng dẫn")}


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
