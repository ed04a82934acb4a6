"""What accounts says no to."""

from lopso.kernel.errors import InvalidInput, NotFound, TooMany
from lopso.kernel.i18n import gettext as _


class WrongLogin(InvalidInput):
    """Unknown name and wrong password sound alike."""

    def __init__(self) -> None:
        sentence = _("E-mail, số điện thoại hoặc mật khẩu chưa đúng.")
        super().__init__({"identifier": sentence}, sentence)


class DeadInvitation(NotFound):
    """Unknown, used and expired links look alike."""

    def __init__(self) -> None:
        super().__init__(
            _("Đường dẫn này đã dùng hoặc đã hết hạn. Xin nhờ cán bộ phường, xã gửi đường dẫn mới.")
        )


class TooManyTries(TooMany):
    """Too many wrong passwords from one place."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            _("Đã nhập sai nhiều lần. Xin chờ %(minutes)s phút rồi thử lại.", minutes=-(-retry_after // 60)),
            retry_after=retry_after,
        )
