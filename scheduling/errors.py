"""What the calendar refuses.

NotFound ─ SessionNotFound
Refused
├── SessionAlreadyEnded      it has ended: what happened is recorded in the roll call
├── SessionAlreadyCancelled  it was cancelled
├── RoomTaken                one class at a time in a room
├── HelperBusy               the same person cannot be at two places
└── NotPossibleNow           the state of the row no longer allows this
"""

from lopso.kernel.errors import NotFound, Refused
from lopso.kernel.i18n import gettext as _


class SessionNotFound(NotFound):
    """No such session, or not one this person may see."""

    def __init__(self, session_id: int) -> None:
        super().__init__(_("Không tìm thấy buổi học này."))
        self.session_id = session_id


class SessionAlreadyEnded(Refused):
    """Helpers are assigned and learners enrolled until a session ends; then only its roll is changed."""

    def __init__(self, session_id: int) -> None:
        super().__init__(_("Buổi học đã kết thúc nên danh sách không đổi được nữa."))
        self.session_id = session_id


class SessionAlreadyCancelled(Refused):
    """Nobody is assigned or enrolled in a cancelled session."""

    def __init__(self, session_id: int) -> None:
        super().__init__(_("Buổi học đã hủy nên không nhận thêm người."))
        self.session_id = session_id


class RoomTaken(Refused):
    """Refused by the exclusion on rooms; the sentence names what is there and when."""


class HelperBusy(Refused):
    """Refused by the exclusion on assignments; the sentence names the other session."""


class NotPossibleNow(Refused):
    """Another change came first, or it is too late; the sentence says which."""
