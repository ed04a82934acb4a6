"""The forms of one session: planning it, changing it."""

from datetime import UTC, date, datetime, timedelta

from lopso.kernel import formatting
from lopso.kernel.clock import at, local
from lopso.kernel.i18n import gettext as _
from scheduling.forms.details import read_details
from scheduling.forms.typed import Mistakes, Typed, read_date, read_time
from scheduling.models import ClassSession
from scheduling.queries.choices import Choices
from scheduling.rules.plan import SessionTemplate, SessionValues
from scheduling.rules.recurrence import Slot

USUAL_MINUTES = 90
LONGEST = timedelta(hours=12)
SHORTEST = timedelta(minutes=15)
NO_SLOT = Slot(datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC))


def read_session(form: Typed, choices: Choices) -> tuple[SessionTemplate, Slot]:
    """A single session as typed.

    Raises:
        InvalidInput: something is missing or makes no sense, each said at its field.
        NotFound: a room, market or course that is not offered in this ward.
    """
    mistakes = Mistakes()
    details = read_details(form, choices, mistakes)
    course = choices.courses.get(details.course_id) if details.course_id else None
    slot = _slot(form, None, course.duration_minutes if course else USUAL_MINUTES, mistakes)
    mistakes.stop()
    return details, slot


def read_change(form: Typed, session: ClassSession, choices: Choices, *, with_day: bool) -> SessionValues:
    """What a session is to become; without `with_day` it keeps its day.

    Raises:
        InvalidInput: something is missing or makes no sense, each said at its field.
        NotFound: a room or market that is not offered in this ward.
    """
    mistakes = Mistakes()
    typed = Typed({**form.values, "kind": [session.kind], "course": []})
    if session.course_id is not None and session.course_id in choices.courses:
        typed = Typed({**typed.values, "course": [str(session.course_id)]})
    if not typed.text("title"):
        typed = Typed({**typed.values, "title": [session.title]})
    details = read_details(typed, choices, mistakes)
    if session.course_id is not None:
        mistakes.fields.pop("course", None)  # a retired course stays with its sessions
    minutes = int((session.ends_at - session.starts_at).total_seconds()) // 60
    slot = _slot(form, None if with_day else local(session.starts_at).date(), minutes, mistakes)
    mistakes.stop()
    return SessionValues(
        slot=slot,
        place=details.place,
        title=details.title,
        capacity=details.capacity,
        need_trainers=details.need_trainers,
        need_helpers=details.need_helpers,
        note=details.note,
    )


def as_typed(session: ClassSession) -> Typed:
    """A session as its form shows it."""
    start, end = local(session.starts_at), local(session.ends_at)
    return Typed().with_defaults(
        kind=session.kind,
        title=session.title,
        course=session.course_id,
        room=session.room_id,
        market=session.market_id,
        place=session.place,
        day=formatting.full_date(start),
        since=formatting.short_hour(start),
        until=formatting.short_hour(end),
        capacity=session.capacity,
        need_trainers=session.need_trainers,
        need_helpers=session.need_helpers,
        note=session.note,
    )


def _slot(form: Typed, day: date | None, usual_minutes: int, mistakes: Mistakes) -> Slot:
    day = day or read_date(form.text("day"))
    since = read_time(form.text("since"))
    until = read_time(form.text("until")) if form.text("until") else None
    if day is None:
        mistakes.at("day", _("Xin ghi ngày, ví dụ 26/11/2026."))
    if since is None:
        mistakes.at("since", _("Xin ghi giờ bắt đầu, ví dụ 8h30."))
    if form.text("until") and until is None:
        mistakes.at("until", _("Xin ghi giờ kết thúc, ví dụ 10h."))
    if day is None or since is None:
        return NO_SLOT  # never used: the mistakes noted stop the reading
    start = at(day, since)
    end = at(day, until) if until is not None else start + timedelta(minutes=usual_minutes)
    if end <= start:
        mistakes.at("until", _("Giờ kết thúc phải sau giờ bắt đầu."))
    elif not SHORTEST <= end - start <= LONGEST:
        mistakes.at("until", _("Một buổi dài từ 15 phút đến 12 giờ."))
    return Slot(start, end)
