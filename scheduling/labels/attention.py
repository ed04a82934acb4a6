"""Sessions of a week that need attention."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from scheduling.queries.calendar import WeekSession


@dataclass(frozen=True, slots=True)
class AttentionItem:
    """Something that needs attention: how many sessions, why, and when the first of them is."""

    kind: str
    number: int
    text: str
    sub: str
    href: str


def missing(session: WeekSession, now: datetime) -> int:
    """How many people nobody has asked yet; nothing is missing in what is over or cancelled."""
    if session.cancelled or session.starts_at <= now:
        return 0
    return missing_trainers(session) + missing_helpers(session)


def is_draft(session: WeekSession) -> bool:
    """Whether it is neither published nor cancelled."""
    return not session.published and not session.cancelled


def is_waiting(session: WeekSession, now: datetime) -> bool:
    """Whether it is to come and somebody asked into it has not answered."""
    asked = session.trainers_asked + session.helpers_asked
    return asked > 0 and not session.cancelled and session.starts_at > now


def attention_items(sessions: Iterable[WeekSession], *, base: str, now: datetime) -> Sequence[AttentionItem]:
    """What needs attention in this week, worst first.

    Args:
        base: address of this week, with its query, to which filters are added.
    """
    coming = [each for each in sessions if not each.cancelled and each.starts_at > now]
    found: list[AttentionItem] = []

    def look(kind: str, those: Sequence[WeekSession], text: str, href: str) -> None:
        if those:
            sub = _("sớm nhất: %(when)s", when=_roughly(those[0].starts_at))
            found.append(AttentionItem(kind, len(those), text, sub, href))

    no_trainer = [each for each in coming if missing_trainers(each)]
    no_helper = [each for each in coming if missing_helpers(each) and not missing_trainers(each)]
    waiting = [each for each in coming if is_waiting(each, now)]
    drafts = [each for each in coming if is_draft(each)]
    look("bad", no_trainer, _("buổi chưa có người dạy chính"), base + "&thieu=1")
    look("warn", no_helper, _("buổi còn thiếu người hỗ trợ"), base + "&thieu=1")
    look("", drafts, _("buổi nháp chưa công bố"), base + "&nhap=1")
    look("", waiting, _("buổi có người chưa trả lời"), base + "&cho=1")
    return found[:3]


def missing_trainers(session: WeekSession) -> int:
    return max(0, session.need_trainers - session.trainers - session.trainers_asked)


def missing_helpers(session: WeekSession) -> int:
    return max(0, session.need_helpers - session.helpers - session.helpers_asked)


def _roughly(instant: datetime) -> str:
    return f"{formatting.part_of_day(instant)} {formatting.weekday(instant)}, {formatting.hour(instant)}"
