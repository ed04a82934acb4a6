"""Labels of mails on pages: state, purpose, and why a mail is in its state."""

from invitations.models import Mail
from lopso.kernel.i18n import gettext as _


def state_label(state: str) -> tuple[str, str]:
    """Kind of tag and label; "sent": the mail server accepted it."""
    return {
        "planned": ("plain", _("sắp gửi")),
        "claimed": ("info", _("đang gửi")),
        "sending": ("info", _("đang gửi")),
        "sent": ("ok", _("đã gửi")),
        "failed": ("bad", _("không gửi được")),
        "expired": ("warn", _("quá giờ, không gửi")),
        "withdrawn": ("plain", _("không cần gửi")),
    }[state]


def purpose_label(purpose: str) -> str:
    """Label of a mail's purpose."""
    return {
        "invitation": _("Thư mời"),
        "change": _("Thư báo đổi lịch"),
        "cancellation": _("Thư bỏ khỏi lịch"),
    }[purpose]


def explanation(mail: Mail) -> str:
    """Why a mail is in its state, and what staff can do; empty when nothing needs explaining."""
    code = mail.error_code or ""
    if mail.state == "planned" and code:
        return _waiting_explanation(code)
    if mail.state == "failed":
        return _failure_explanation(mail.state_reason, code)
    if mail.state == "withdrawn":
        return {
            "no_consent": _("người nhận không muốn nhận thư"),
            "not_needed": _("lịch đã đổi trước khi thư đi"),
        }.get(mail.state_reason, "")
    return ""


def _waiting_explanation(code: str) -> str:
    problem = code.partition(" ")[0]
    if problem in ("credentials", "tls", "unreachable", "disconnected"):
        return _("chờ máy chủ thư; thư không mất, sẽ gửi khi máy chủ nhận")
    return _("máy chủ hẹn gửi lại sau, mã %(code)s", code=code)


def _failure_explanation(reason: str, code: str) -> str:
    if reason == "restored":
        return _("có thể đã đi trước khi khôi phục dữ liệu; xin hỏi người nhận rồi mới gửi lại")
    if reason == "given_up":
        return _("đã thử nhiều lần, mã %(code)s; xin gọi điện", code=code or "?")
    if code.startswith(("550", "551", "553")):
        return _("địa chỉ không có hoặc không nhận thư (mã %(code)s); xin sửa địa chỉ rồi gửi lại", code=code)
    if code.startswith("552"):
        return _("hộp thư người nhận đã đầy (mã %(code)s)", code=code)
    return _("máy chủ không nhận thư, mã %(code)s", code=code)
