"""Refusals at the roll call."""

from datetime import datetime

from lopso.kernel.errors import Forbidden, Refused
from lopso.kernel.i18n import gettext as _


class RollNotOpen(Refused):
    """Nobody can have come yet. `opens_at` is in UTC."""

    def __init__(self, opens_at: datetime) -> None:
        super().__init__(_("Chưa đến giờ điểm danh. Điểm danh mở trước giờ học 2 giờ."))
        self.opens_at = opens_at


class RollClosedToHelpers(Forbidden):
    """Long after the class its names are no longer the helpers' business."""

    def __init__(self) -> None:
        super().__init__(
            _("Buổi học đã qua hơn 30 ngày. Nếu cần sửa điểm danh, xin báo cán bộ điều phối của phường.")
        )


class OfferNotAnswered(Forbidden):
    """The names of a class are shown to helpers who have said yes."""

    def __init__(self) -> None:
        super().__init__(_("Bạn chưa nhận buổi này. Xin nhận ở trang Việc của tôi rồi mở lại điểm danh."))


class RollOfCancelledSession(Refused):
    """A cancelled session has no roll; what was marked offline before the news arrived is still kept."""

    def __init__(self, reason: str) -> None:
        super().__init__(_("Buổi học này đã hủy: %(reason)s. Không điểm danh được.", reason=reason))


class UnknownLearner(Refused):
    """The learner has no tie to this session or its ward."""

    def __init__(self) -> None:
        super().__init__(_("Không tìm thấy người học này trong phường xã của lớp."))
