"""The ledger of mails in the reader's words."""

from invitations.models import Mail
from lopso.kernel.i18n import gettext as _


def state_word(state: str) -> tuple[str, str]:
    """Kind of tag and word; "sent" is what the mail server took, not what somebody read."""
    return {
        "planned": ("plain", _("sắp gửi")),
        "claimed": ("info", _("đang gửi")),
        "sending": ("info", _("đang gửi")),
        "sent": ("ok", _("đã gửi")),
        "failed": ("bad", _("không gửi được")),
        "expired": ("warn", _("quá giờ, không gửi")),
        "withdrawn": ("plain", _("không cần gửi")),
    }[state]


def purpose_word(purpose: str) -> str:
    """What a mail is for."""
    return {
        "invitation": _("Thư mời"),
        "change": _("Thư báo đổi lịch"),
        "cancellation": _("Thư bỏ khỏi lịch"),
    }[purpose]


def why(mail: Mail) -> str:
    """Why a mail is where it is, and what to do; empty when there is nothing to say."""
    code = mail.error_code or ""
    if mail.state == "planned" and code:
        return _waiting(code)
    if mail.state == "failed":
        return _failed(mail.state_reason, code)
    if mail.state == "withdrawn":
        return {
            "no_consent": _("người nhận không muốn nhận thư"),
            "not_needed": _("lịch đã đổi trước khi thư đi"),
        }.get(mail.state_reason, "")
    return ""


def _waiting(code: str) -> str:
    word = code.partition(" ")[0]
    if word in ("credentials", "tls", "unreachable", "disconnected"):
        return _("chờ máy chủ thư; thư không mất, sẽ gửi khi máy chủ nhận")
    return _("máy chủ hẹn gửi lại sau, mã %(code)s", code=code)


def _failed(reason: str, code: str) -> str:
    if reason == "given_up":
        return _("đã thử nhiều lần, mã %(code)s; xin gọi điện", code=code or "?")
    if code.startswith(("550", "551", "553")):
        return _("địa chỉ không có hoặc không nhận thư (mã %(code)s); xin sửa địa chỉ rồi gửi lại", code=code)
    if code.startswith("552"):
        return _("hộp thư người nhận đã đầy (mã %(code)s)", code=code)
    return _("máy chủ không nhận thư, mã %(code)s", code=code)
