"""Refusals at the roll call."""

from datetime import datetime

from lopso.kernel.errors import Forbidden, Refused
from lopso.kernel.i18n import gettext as _


class RollNotOpen(Refused):
    """The roll is not open yet. `opens_at` is in UTC."""

    def __init__(self, opens_at: datetime) -> None:
        super().__init__(_("Chưa đến giờ điểm danh. Điểm danh mở trước giờ học 2 giờ."))
        self.opens_at = opens_at


class RollClosedToHelpers(Forbidden):
    """Helpers no longer see the names of a class long past."""

    def __init__(self) -> None:
        super().__init__(
            _("Buổi học đã qua hơn 30 ngày. Nếu cần sửa điểm danh, xin báo cán bộ điều phối của phường.")
        )


class OfferNotAnswered(Forbidden):
    """Helpers see the names after they have accepted the offer."""

    def __init__(self) -> None:
        super().__init__(_("Bạn chưa nhận buổi này. Xin nhận ở trang Việc của tôi rồi mở lại điểm danh."))


class RollOfCancelledSession(Refused):
    """A cancelled session has no roll; marks made offline before the news arrived are still saved."""

    def __init__(self, reason: str) -> None:
        super().__init__(_("Buổi học này đã hủy: %(reason)s. Không điểm danh được.", reason=reason))


class UnknownLearner(Refused):
    """The learner belongs neither to the session nor to its ward."""

    def __init__(self) -> None:
        super().__init__(_("Không tìm thấy người học này trong phường xã của lớp."))
