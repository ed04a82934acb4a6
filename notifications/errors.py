"""Refusals of this room.

DomainError
├── NoMatchingMessages  409  no message is in a state that the action applies to
├── BudgetUsedUp        409  a ward has no money left this month for what would go again
├── UnsuitableWording   409  a wording for learners says what it must not, or has a place it may not use
└── WordingChanged      409  a registered wording differs under the same version
"""

from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _


class NoMatchingMessages(Refused):
    """Somebody was faster: a worker, or a colleague. `already_sent`: it is on its way or arrived."""

    def __init__(self, *, already_sent: bool) -> None:
        super().__init__(
            _("Tin đã đi rồi, không giữ lại hay rút lại được nữa.")
            if already_sent
            else _("Không còn tin nào để làm việc này: tin đã đổi tình trạng, hoặc đã quá giờ.")
        )
        self.already_sent = already_sent


class BudgetUsedUp(Refused):
    """The ward's month is spent: only news of changes still goes."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Hạn mức tháng này đã hết nên tin chưa gửi lại được."
                " Xin gọi điện, hoặc đề nghị thành phố thêm hạn mức."
            )
        )


class UnsuitableWording(Refused):
    """A wording that may not go out; `reason` is a sentence."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(_("Mẫu tin %(code)s không dùng được. %(reason)s", code=code, reason=reason))
        self.code = code


class WordingChanged(Refused):
    """What was registered stays as it is: another wording is another version."""

    def __init__(self, code: str, version: int) -> None:
        super().__init__(
            _(
                "Mẫu tin %(code)s bản %(version)s đã đăng ký, không sửa được. Hãy lập bản mới.",
                code=code,
                version=version,
            )
        )
        self.code = code
        self.version = version
