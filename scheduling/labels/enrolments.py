"""What became of enrolling, and whether people are told, in sentences."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from learners.models import Learner
from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext


class EnrolmentOutcome(Protocol):
    """What became of one learner in one session, as `scheduling.service.enrolments.EnrolmentResult`."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def state(self) -> str | None: ...
    @property
    def position(self) -> int | None: ...
    @property
    def already(self) -> bool: ...
    @property
    def overlap(self) -> object | None: ...
    @property
    def refusal(self) -> str | None: ...


def joined_text(name: str, done: Sequence[EnrolmentOutcome]) -> str:
    """What became of one learner in several sessions."""
    new = [each for each in done if each.state is not None and not each.already]
    seats = [each for each in new if each.state == "enrolled"]
    waiting = [each for each in new if each.state == "waitlisted"]
    parts: list[str] = []
    if len(seats) == 1:
        when = formatting.when(seats[0].starts_at)
        parts.append(_("Đã ghi danh %(name)s, học %(when)s.", name=name, when=when))
    elif seats:
        first = formatting.when(seats[0].starts_at)
        parts.append(
            _("Đã ghi danh %(name)s vào %(n)s buổi, từ %(when)s.", name=name, n=len(seats), when=first)
        )
    parts += [_waiting_text(waiting)] if waiting else []
    if len(new) < len(done):
        already = sum(each.already and each.state is not None for each in done)
        parts += [_("%(n)s buổi đã ghi danh từ trước.", n=already)] if already else []
    if any(each.overlap is not None for each in new):
        parts.append(_("Có buổi khác cùng giờ, xin xem lại."))
    parts += list(dict.fromkeys(each.refusal for each in done if each.refusal))
    return " ".join(parts)


def _waiting_text(waiting: Sequence[EnrolmentOutcome]) -> str:
    if len(waiting) == 1:
        [one] = waiting
        when = formatting.when(one.starts_at)
        return _("%(when)s đã đủ chỗ: chờ thứ %(position)s.", when=when, position=one.position)
    return _("%(n)s buổi đã đủ chỗ: vào danh sách chờ.", n=len(waiting))


def told_text(learners: Collection[Learner], *, public: bool, refusing: Collection[int] = ()) -> str:
    """Whether new learners are told of their seat: by text, or by whom it must be said.

    Args:
        public: the session is published; of a draft nobody is told.
        refusing: ids of learners who said no to texts.
    """
    if not public:
        return _("Buổi này còn là bản nháp: người học được báo khi công bố.")
    asked_not_to = sum(each.id in refusing for each in learners)
    rest = len(learners) - asked_not_to
    mobile = sum(each.phone_kind == "mobile" and each.id not in refusing for each in learners)
    parts = [_phones_text(mobile, rest - mobile)] if rest else []
    if asked_not_to:
        parts.append(
            ngettext(
                "%(n)s người không nhận tin nhắn: xin gọi hoặc gặp để báo.",
                "%(n)s người không nhận tin nhắn: xin gọi hoặc gặp để báo.",
                asked_not_to,
            )
        )
    return " ".join(parts)


def _phones_text(mobile: int, others: int) -> str:
    if not others:
        return _("Người học được báo bằng tin nhắn.")
    if not mobile:
        return ngettext(
            "%(n)s người không có số di động để nhắn tin: xin gọi hoặc gặp để báo.",
            "%(n)s người không có số di động để nhắn tin: xin gọi hoặc gặp để báo.",
            others,
        )
    return _(
        "%(mobile)s người được báo bằng tin nhắn; %(others)s người không có số di động, xin gọi hoặc gặp.",
        mobile=mobile,
        others=others,
    )
