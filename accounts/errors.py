"""Refusals of accounts."""

from lopso.kernel.errors import InvalidInput, NotFound, Refused, TooMany
from lopso.kernel.i18n import gettext as _


class WrongSecret(InvalidInput):
    """A password or code that is not right: such an attempt stays counted."""


class WrongLogin(WrongSecret):
    """Unknown account or wrong password; the sentence does not tell which."""

    def __init__(self) -> None:
        sentence = _("E-mail, số điện thoại hoặc mật khẩu chưa đúng.")
        super().__init__({"identifier": sentence}, sentence)


class WrongPassword(WrongSecret):
    """Not the present password of whoever is signed in."""

    def __init__(self) -> None:
        super().__init__({"old": _("Mật khẩu đang dùng chưa đúng.")})


class WrongCode(WrongSecret):
    """Not a code of the app at this moment, or one that was used before; no recovery code either."""

    def __init__(self) -> None:
        super().__init__(
            {"code": _("Mã này chưa đúng hoặc đã dùng rồi. Xin chờ ứng dụng hiện mã mới rồi nhập lại.")}
        )


class WrongResetCode(WrongSecret):
    """No such account, no code for it, another or an expired one; the sentence does not tell which."""

    def __init__(self) -> None:
        super().__init__(
            {"code": _("Tên đăng nhập hoặc mã chưa đúng, hoặc mã đã hết hạn. Xin hỏi lại người đọc mã.")}
        )


class SecondFactorUnreadable(Refused):
    """The secret of the app cannot be decrypted: the installation has another secret than it had."""

    def __init__(self) -> None:
        super().__init__(
            _("Không đọc được cài đặt xác thực hai bước. Xin quản trị thành phố bỏ rồi cài lại.")
        )


class InvitationInvalid(NotFound):
    """Unknown, used or expired link; the sentence does not tell which."""

    def __init__(self) -> None:
        super().__init__(
            _("Đường dẫn này đã dùng hoặc đã hết hạn. Xin nhờ cán bộ phường, xã gửi đường dẫn mới.")
        )


class TooManyAttempts(TooMany):
    """Too many wrong passwords or codes."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            _("Đã nhập sai nhiều lần. Xin chờ %(minutes)s phút rồi thử lại.", minutes=-(-retry_after // 60)),
            retry_after=retry_after,
        )
