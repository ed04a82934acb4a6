"""Refusals of this package.

DomainError
├── NothingToPrint  409  there is no card to print
├── NoAddress       409  the learner has no e-mail address
└── NoMobile        409  the learner has no mobile number
"""

from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _


class NothingToPrint(Refused):
    """There is no card to print; the sentence says why."""


class NoAddress(Refused):
    """The learner has no e-mail address."""

    def __init__(self) -> None:
        super().__init__(_("Chưa có địa chỉ e-mail nào để gửi thư. Xin báo địa chỉ cho phường, xã."))


class NoMobile(Refused):
    """The learner has no mobile number."""

    def __init__(self) -> None:
        super().__init__(_("Chưa có số di động nào để nhắn tin. Xin báo số cho phường, xã."))
