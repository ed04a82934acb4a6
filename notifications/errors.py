"""Refusals of this package.

DomainError
├── NoMatchingMessages  409  no message is in a state that the action applies to
└── BudgetUsedUp        409  a ward's budget of the month leaves nothing for a resend
"""

from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _


class NoMatchingMessages(Refused):
    """A worker or a colleague was faster. `already_sent`: some are on their way or arrived."""

    def __init__(self, *, already_sent: bool) -> None:
        super().__init__(
            _("Tin đã đi rồi, không giữ lại hay rút lại được nữa.")
            if already_sent
            else _("Không còn tin nào để làm việc này: tin đã đổi tình trạng, hoặc đã quá giờ.")
        )
        self.already_sent = already_sent


class BudgetUsedUp(Refused):
    """The ward's budget of the month is spent: only change notices are still sent."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Hạn mức tháng này đã hết nên tin chưa gửi lại được."
                " Xin gọi điện, hoặc đề nghị thành phố thêm hạn mức."
            )
        )
