"""Refusals of accounts."""

from lopso.kernel.errors import InvalidInput, NotFound, TooMany
from lopso.kernel.i18n import gettext as _


class WrongLogin(InvalidInput):
    """Unknown account or wrong password; the sentence does not tell which."""

    def __init__(self) -> None:
        sentence = _("E-mail, số điện thoại hoặc mật khẩu chưa đúng.")
        super().__init__({"identifier": sentence}, sentence)


class InvitationInvalid(NotFound):
    """Unknown, used or expired link; the sentence does not tell which."""

    def __init__(self) -> None:
        super().__init__(
            _("Đường dẫn này đã dùng hoặc đã hết hạn. Xin nhờ cán bộ phường, xã gửi đường dẫn mới.")
        )


class TooManyAttempts(TooMany):
    """Too many wrong passwords from one address."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            _("Đã nhập sai nhiều lần. Xin chờ %(minutes)s phút rồi thử lại.", minutes=-(-retry_after // 60)),
            retry_after=retry_after,
        )
