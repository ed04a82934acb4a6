"""Refusals of this package.

DomainError
├── NothingToPrint  409  nobody is left for whom a card could be printed
├── NoAddress       409  the learner has no e-mail address
└── NoMobile        409  the learner has no number that can be texted
"""

from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _


class NothingToPrint(Refused):
    """No card to print; the sentence says why."""


class NoAddress(Refused):
    """Whoever asks for invitations by mail, or for none, gave no address."""

    def __init__(self) -> None:
        super().__init__(_("Chưa có địa chỉ e-mail nào để gửi thư. Xin báo địa chỉ cho phường, xã."))


class NoMobile(Refused):
    """Whoever asks for texts, or for none, has no number that could get one."""

    def __init__(self) -> None:
        super().__init__(_("Chưa có số di động nào để nhắn tin. Xin báo số cho phường, xã."))
