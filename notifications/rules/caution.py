"""What a text to a learner must never hold: swindlers pose as officials, so ours look like none of theirs."""

import re

from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import fold, nfc

_LINK = re.compile(
    r"https?:|www\.|\b[a-z0-9-]+\.(?:vn|com|net|org|info|gov|edu|io|me|ly|xyz|top|site)\b", re.I
)
# With accents: bare words mean too much ("phi", "the"). "đồng" is money only after a number: "cộng đồng".
_MONEY = re.compile(
    r"\b(?:tiền|thưởng|quà|trúng|phí|chuyển khoản|tài khoản|ngân hàng|thanh toán|ví điện tử|thẻ|otp|mật khẩu|"
    r"vay|nợ|hoàn thuế|trợ cấp|khuyến mãi|vnđ)\b"
    r"|\d ?(?:đồng|đ|k|vnd|usd)\b",
    re.IGNORECASE,
)
_SLOGAN = ("khong ai bi bo lai", "binh dan hoc vu so", "chung tay", "huong ung", "quyet tam", "nhiet liet")


def unsuitable(text: str) -> str | None:
    """Why `text` (with accents) must not go to a learner, as a sentence; None when it may."""
    composed = nfc(text)
    if _LINK.search(composed):
        return _("Tin gửi học viên không được có đường dẫn.")
    if _MONEY.search(composed):
        return _("Tin gửi học viên không được nói đến tiền, quà, tài khoản hay mật khẩu.")
    bare = fold(composed)
    if any(slogan in bare for slogan in _SLOGAN) or "!" in composed:
        return _("Tin gửi học viên không được có khẩu hiệu hay dấu chấm than.")
    return None
