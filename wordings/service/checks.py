"""Which wordings may be used, and the form in which a typed one is stored."""

from gateways.placeholders import shown, understood
from lopso.kernel.i18n import gettext as _
from lopso.kernel.message_safety import unsuitable
from lopso.kernel.text import nfc
from wordings.errors import UnsuitableWording
from wordings.rules.placeholders import TO_HELPERS, missing_placeholders, stray_braces, unknown_placeholders

MAX_BODY = 480
"""Characters of a wording with its placeholders unfilled."""


def check_wording(code: str, message_class: str, body: str) -> None:
    """Refuse a wording that may not be used.

    Raises:
        UnsuitableWording: with the reason.
    """
    if fault := wording_fault(code, message_class, body):
        raise UnsuitableWording(code, fault)


def wording_fault(code: str, message_class: str, body: str) -> str | None:
    """Why a wording may not be used, as a sentence; None when it may.

    Wordings for learners are also refused when they read like a scam.
    """
    if not body:
        return _("Xin ghi lời của tin.")
    if len(body) > MAX_BODY:
        return _("Lời tin dài quá %(n)s chữ.", n=MAX_BODY)
    if unknown := unknown_placeholders(code, body):
        return _("Chỗ trống không có trong danh mục: %(names)s.", names=_listed(unknown))
    if stray_braces(body):
        return _("Dấu ngoặc nhọn chỉ dùng cho chỗ trống, như {nơi học}.")
    if missing := missing_placeholders(code, body):
        return _("Tin phải nói giờ, nơi và số để hỏi; còn thiếu %(names)s.", names=_listed(missing))
    return unsuitable(body) if message_class != "operations" else None


def _listed(placeholders: list[str]) -> str:
    return ", ".join(shown(f"{{{name}}}") for name in placeholders)


def normalized(body: str) -> str:
    """A typed wording on one line, NFC, its placeholders by the names under which they are stored.

    Control characters are dropped: no phone shows them, and PostgreSQL stores no NUL.
    """
    printable = "".join(char for char in body if char.isprintable() or char.isspace())
    return understood(" ".join(nfc(printable).split()))


def message_class_of(code: str) -> str:
    """The class of a wording's messages: "operations" to helpers, "service" to learners."""
    return "operations" if code in TO_HELPERS else "service"
