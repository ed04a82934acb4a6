"""The forms of one session: planning it, changing it, publishing and cancelling it."""

from collections.abc import Mapping
from dataclasses import replace as dataclass_replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from msgspec import Struct, field
from msgspec.structs import replace

from lopso.kernel.clock import at, local, monday_of
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Day, Form, FreeText, IdField, Many, Text, Tick, TimeOfDay, WholeNumber
from scheduling.forms.fields import ApartField, ChangeScope, KindName, ScopeField, SwitchedScope
from scheduling.forms.plans import KindQuery, PlanForm, read_template
from scheduling.models import ClassSession
from scheduling.queries.choices import Choices
from scheduling.queries.session_values import values_of
from scheduling.rules.plan import SessionChange, SessionTemplate, SessionValues, difference
from scheduling.rules.recurrence import MOST_MEETINGS, Slot

USUAL_MINUTES = 90
LONGEST = timedelta(hours=12)
SHORTEST = timedelta(minutes=15)
NO_SLOT = Slot(datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC))

NO_DAY, NO_START = N_("Xin ghi ngày, ví dụ 26/11/2026."), N_("Xin ghi giờ bắt đầu, ví dụ 8h30.")
PickedSessions = Annotated[tuple[int, ...], Many(IdField(), most=MOST_MEETINGS)]


class SessionForm(PlanForm, frozen=True, kw_only=True):
    """A session with its time; `until` left empty follows from the course."""

    day: Annotated[date | None, Day(years=range(2020, 2091), wrong=NO_DAY)] = None
    since: Annotated[time | None, TimeOfDay(wrong=NO_START)] = None
    until: Annotated[time | None, TimeOfDay(wrong=N_("Xin ghi giờ kết thúc, ví dụ 10h."))] = None


class NewSessionForm(SessionForm, frozen=True, kw_only=True):
    """A session of its own.

    Attributes:
        seen: the warnings that were read.
        switch_to: another kind to show the form for; nothing is planned.
        look: what is in the room then is asked for; nothing is planned.
    """

    seen: Annotated[str, Text(2000)] = ""
    look: Tick = field(default=False, name="xem")
    switch_to: KindName = ""


class NewSessionQuery(KindQuery, frozen=True, kw_only=True):
    """Which kind of session a form is for, and when and where, as far as that is known."""

    day: Annotated[date | None, Day(years=range(2020, 2091))] = None
    since: Annotated[time | None, TimeOfDay()] = None
    room: Annotated[int | None, IdField()] = None


class SessionChangeForm(SessionForm, frozen=True, kw_only=True):
    """A session as it is to become, alone or with others of its series (`picked`).

    Attributes:
        switch_to: another scope to show the form for.
        weekday: of a series: the weekday to which its meetings of this one's weekday go; `day` says it too.
        like_id: of a series: another session of it, on whose weekday the form is to be filled in.
        apart: what becomes of sessions that were moved by themselves.
        seen: how the sessions stood when the preview was made.
        look: what is in the room then is asked for.
    """

    look: Tick = field(default=False, name="xem")
    switch_to: SwitchedScope = None
    weekday: Annotated[int | None, WholeNumber(0, 6)] = field(default=None, name="thu")
    like_id: Annotated[int | None, IdField()] = field(default=None, name="nhu_buoi")
    apart: ApartField = field(default="picked", name="rieng")
    seen: Annotated[str, Text(40)] = ""
    scope: ScopeField = field(default="one", name="pham_vi")
    picked: PickedSessions = field(default=(), name="pick")

    @classmethod
    def of(cls, session: ClassSession) -> "SessionChangeForm":
        """The session as it is."""
        start, end = local(session.starts_at), local(session.ends_at)
        return cls(
            kind=session.kind,
            title=session.title,
            course=session.course_id,
            room=session.room_id,
            market=session.market_id,
            place=session.place,
            day=start.date(),
            since=start.time(),
            until=end.time(),
            capacity=session.capacity,
            need_trainers=session.need_trainers,
            need_helpers=session.need_helpers,
            note=session.note,
        )


class CancelForm(Struct, frozen=True, kw_only=True):
    """Which sessions are cancelled, and why.

    Attributes:
        seen: the reason that was warned about.
        switch_to: another scope to show the page for; nothing is cancelled.
        show_texts: the texts are asked for; nothing is cancelled.
    """

    scope: ScopeField = field(default="one", name="pham_vi")
    switch_to: SwitchedScope = None
    show_texts: Tick = False
    reason: Annotated[str, FreeText(2000)] = ""
    seen: Annotated[str, Text(2000)] = ""
    picked: PickedSessions = field(default=(), name="pick")


class PublishForm(Struct, frozen=True, kw_only=True):
    """Whether all drafts of the series become public."""

    whole_series: Tick = field(default=False, name="chuoi")


def scope_within(session: ClassSession, wanted: ChangeScope) -> ChangeScope:
    """Which sessions an act is meant for; a session without a series stands alone."""
    return "one" if session.series_id is None else wanted


def read_session(form: Form[NewSessionForm], choices: Choices) -> tuple[SessionTemplate, Slot]:
    """A single session as typed.

    Raises:
        InvalidInput: something is missing or makes no sense, each said at its field.
        NotFound: a room, market or course that is not offered in this ward.
    """
    typed, errors = form.sensible(), dict(form.errors)
    template = read_template(typed, choices, errors)
    course = choices.courses.get(template.course_id) if template.course_id else None
    slot = _slot(typed, course.duration_minutes if course else USUAL_MINUTES, errors)
    if errors:
        raise InvalidInput(errors)
    return template, slot


def read_change(
    form: Form[SessionChangeForm], session: ClassSession, choices: Choices, *, alone: bool
) -> tuple[SessionValues, SessionChange]:
    """What a session is to become, `alone` or with others of its series, and what changes by it.

    Raises:
        InvalidInput: something is missing or makes no sense, each said at its field.
        NotFound: a room or market that is not offered in this ward.
    """
    typed, errors = form.sensible(), dict(form.errors)
    if not alone:
        typed = replace(typed, day=day_of_series(typed, session, errors))
    taught = session.course_id if session.course_id in choices.courses else None
    typed = replace(typed, kind=session.kind, course=taught, title=typed.title or session.title)
    template = read_template(typed, choices, errors)
    if session.course_id is not None:
        errors.pop("course", None)  # a retired course stays with its sessions
    slot = _slot(typed, minutes_of(session), errors)
    if errors:
        raise InvalidInput(errors)
    after = SessionValues(
        slot=slot,
        place=template.place,
        title=template.title,
        capacity=template.capacity,
        need_trainers=template.need_trainers,
        need_helpers=template.need_helpers,
        note=template.note,
    )
    change = difference(values_of(session), after)
    if not alone and typed.weekday is not None:
        change = dataclass_replace(change, day=slot.day)  # where the session may be already, by itself
    return after, change


def day_of_series(typed: SessionChangeForm, session: ClassSession, errors: dict[str, str]) -> date | None:
    """The new day of this session of a series: as typed, or on the chosen weekday of its week in the rule."""
    now_on = local(session.starts_at).date()
    if typed.weekday is None:
        return now_on if typed.day is None and "day" not in errors else typed.day
    chosen = monday_of(local(session.rule_start or session.starts_at).date()) + timedelta(days=typed.weekday)
    if typed.day not in (None, now_on, chosen):
        errors.setdefault("day", _("Chọn thứ mới, hoặc ghi ngày mới: một trong hai."))
    return chosen


def minutes_of(session: ClassSession) -> int:
    """How long a session takes."""
    return int((session.ends_at - session.starts_at).total_seconds()) // 60


def slot_as_typed(typed: SessionForm, usual_minutes: int) -> tuple[Slot | None, Mapping[str, str]]:
    """The time that was typed so far, or what is missing of it, by field name."""
    errors: dict[str, str] = {}
    slot = _slot(typed, usual_minutes, errors)
    return (None if errors else slot), errors


def _slot(form: SessionForm, usual_minutes: int, errors: dict[str, str]) -> Slot:
    if form.day is None:
        errors.setdefault("day", _(NO_DAY))
    if form.since is None:
        errors.setdefault("since", _(NO_START))
    if form.day is None or form.since is None:
        return NO_SLOT  # never used: the mistakes noted stop the reading
    start = at(form.day, form.since)
    end = at(form.day, form.until) if form.until is not None else start + timedelta(minutes=usual_minutes)
    if end <= start:
        errors.setdefault("until", _("Giờ kết thúc phải sau giờ bắt đầu."))
    elif not SHORTEST <= end - start <= LONGEST:
        errors.setdefault("until", _("Một buổi dài từ 15 phút đến 12 giờ."))
    return Slot(start, end)
