"""Refusals about skills shown, signed and certified."""

from datetime import datetime

from lopso.kernel import formatting
from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _


class LearnerNotPresent(Refused):
    """A skill can only be shown by somebody in the room; the foreign key to the mark says the same."""

    def __init__(self) -> None:
        super().__init__(
            _("Chỉ ghi kỹ năng cho người có mặt. Xin điểm danh người này có mặt trước, rồi ghi lại.")
        )


class SkillNotTaught(Refused):
    """The session's course does not teach this skill."""

    def __init__(self) -> None:
        super().__init__(_("Nội dung của buổi học này không có kỹ năng đó."))


class AlreadySigned(Refused):
    """A sign-off rests on the demonstration: the assessor speaks first."""

    def __init__(self) -> None:
        super().__init__(
            _("Kỹ năng này đã được xác nhận. Muốn sửa, người xác nhận cần thu hồi xác nhận trước.")
        )


class SamePerson(Refused):
    """The signer must not be the observer."""

    def __init__(self) -> None:
        super().__init__(_("Người xác nhận phải khác người đã quan sát."))


class NotEnoughShown(Refused):
    """Fewer standing demonstrations than the edition asks for. `required` counts demonstrations."""

    def __init__(self, required: int) -> None:
        super().__init__(
            _("Chưa đủ minh chứng để xác nhận: bộ kỹ năng này cần %(n)s lần quan sát.", n=required)
        )
        self.required = required


class SignedBefore(Refused):
    """Somebody signed this skill meanwhile, at this level or a higher one. `signed_at` is in UTC."""

    def __init__(self, signer: str, signed_at: datetime) -> None:
        super().__init__(
            _("Kỹ năng này %(name)s đã xác nhận lúc %(when)s.", name=signer, when=formatting.when(signed_at))
        )
        self.signer = signer
        self.signed_at = signed_at


class TooLateToUndo(Refused):
    """Undo is for a press by mistake; later a sign-off is revoked with a reason."""

    def __init__(self) -> None:
        super().__init__(
            _("Đã quá lâu để hoàn tác. Muốn bỏ một xác nhận, xin thu hồi ở trang của người học, kèm lý do.")
        )


class NothingToCertify(Refused):
    """A certificate needs at least one standing sign-off."""

    def __init__(self) -> None:
        super().__init__(_("Xin chọn ít nhất một kỹ năng đã được xác nhận."))


class RevokedCertificateNotPrinted(Refused):
    """A revoked certificate is not printed again."""

    def __init__(self) -> None:
        super().__init__(_("Chứng nhận này đã thu hồi, không in lại được."))
