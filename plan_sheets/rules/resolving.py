"""A row of a plan sheet with the ward's own course, place and helper: a rule and what its meetings share."""

from datetime import date, datetime

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from plan_sheets.rules.answers import RowAnswer
from plan_sheets.rules.names import match_name, match_person
from plan_sheets.rules.plan_rows import RowFault
from plan_sheets.rules.resolved_rows import FileRow, NamedCourse, ResolvedRow, WardNames, with_texts
from plan_sheets.rules.row_reading import read_plan_row
from scheduling.rules.plan import SessionPlace, SessionTemplate, usual_capacity, usual_helpers
from scheduling.rules.recurrence import LONGEST_SERIES, WeeklyRule, WeeklySlot, dates_of_rule, overlapping

USUAL_MINUTES = 120
LONGEST_NOTE = 500  # characters


def resolve_row(
    file: FileRow, answer: RowAnswer, names: WardNames, *, today: date, now: datetime
) -> ResolvedRow:
    """What a row means in a ward.

    Args:
        today: in Huế, of the day on which the file was sent. now: dates before it are not planned.
    """
    reading = read_plan_row(with_texts(file.row, answer.texts), today=today)
    found = ResolvedRow(
        file,
        answer,
        reading,
        faults=list(reading.faults),
        doubts=list(reading.doubts),
        notes=list(reading.notes),
    )
    _resolve_course(found, names)
    _resolve_place(found, names)
    _resolve_helper(found, names)
    _plan(found, names, now)
    return found


def _resolve_course(found: ResolvedRow, names: WardNames) -> None:
    text = found.row.text("course")
    if found.answer.course in names.courses:
        found.course = found.answer.course
        return
    if not text:
        found.faults.append(RowFault("course", "", _("Chưa ghi nội dung lớp.")))
        return
    if found.file.course_above and "course" not in found.answer.texts:
        said = _("Dòng này không ghi nội dung; hiểu như dòng trên: “%(name)s”.", name=text)
        found.doubts.append(RowFault("course", text, said))
    match = match_name(text, {each: (course.title,) for each, course in names.courses.items()})
    found.course, found.near_courses = match.sure, match.near
    if match.sure is None:
        said = _(
            "Phường, xã chưa có nội dung “%(name)s”. Xin chọn một nội dung hoặc thêm nội dung này.", name=text
        )
        found.faults.append(RowFault("course", text, said))


def _resolve_place(found: ResolvedRow, names: WardNames) -> None:
    text = found.row.text("place")
    if found.answer.room in names.rooms:
        found.place = SessionPlace(room_id=found.answer.room)
        return
    if not text:
        found.faults.append(RowFault("place", "", _("Chưa ghi nơi học.")))
        return
    if found.answer.by_words:
        found.place = SessionPlace(words=text)
        return
    match = match_name(text, {each: room.names for each, room in names.rooms.items()})
    found.near_rooms = match.near
    if match.sure is not None:
        found.place = SessionPlace(room_id=match.sure)
    else:
        said = _("Chưa rõ “%(name)s” là phòng nào. Xin chọn phòng, hoặc chỉ ghi tên nơi học.", name=text)
        found.faults.append(RowFault("place", text, said))


def _resolve_helper(found: ResolvedRow, names: WardNames) -> None:
    text = found.row.text("helper")
    if found.answer.helper is not None:
        found.helper = found.answer.helper if found.answer.helper in names.helpers else None
        return
    match = match_person(text, names.helpers)
    found.helper, found.near_helpers = match.sure, match.near
    if text and match.sure is None:
        found.notes.append(
            _(
                "“%(name)s” có thể là %(people)s: chọn người khi mở dòng này.",
                name=text,
                people=", ".join(names.helpers[each] for each in match.near),
            )
            if match.near
            else _("Phụ trách “%(name)s” được giữ trong ghi chú.", name=text)
        )


def _plan(found: ResolvedRow, names: WardNames, now: datetime) -> None:
    """The rule, its dates, and what the meetings share, once enough is known."""
    reading = found.reading
    course = names.courses.get(found.course or 0)
    usual = course.minutes if course else USUAL_MINUTES
    slots = tuple(sorted(WeeklySlot(day, start, minutes or usual) for day, start, minutes in reading.times))
    if reading.faults or reading.starts_on is None or not slots:
        return
    if pair := overlapping(slots):
        said = _("Có hai khung giờ trùng nhau: %(hour)s.", hour=formatting.hour(pair[0].starts_at))
        found.faults.append(RowFault("hours", found.row.text("hours"), said))
        return
    if reading.ends_on is not None and reading.ends_on > reading.starts_on + LONGEST_SERIES:
        said = _("Một chuỗi kéo dài nhiều nhất hai năm.")
        found.faults.append(RowFault("ends", found.row.text("ends"), said))
        return
    found.rule = WeeklyRule(slots, reading.starts_on, reading.ends_on, reading.meetings)
    _add_dates(found, names, now)
    if course is not None and found.place is not None:
        found.details = _details(found, course, names)


def _add_dates(found: ResolvedRow, names: WardNames, now: datetime) -> None:
    assert found.rule is not None  # noqa: S101  (the caller has set it)
    dates = dates_of_rule(found.rule, names.days_off, skip_days_off=True)
    if not dates.meetings:
        found.faults.append(RowFault("weekday", found.row.text("weekday"), _no_day(found.rule)))
        return
    found.slots = [each.slot for each in dates.planned]
    off = [each for each in dates.meetings if each.skipped]
    if off:
        days = ", ".join(
            f"{formatting.day(each.slot.day)} ({each.day_off.name})" for each in off[:3] if each.day_off
        )
        found.notes.append(_("Bỏ qua ngày nghỉ: %(days)s.", days=days + ("…" if len(off) > 3 else "")))
    if not found.slots:
        said = _("Mọi buổi đều rơi vào ngày nghỉ.")
        found.faults.append(RowFault("starts", found.row.text("starts"), said))
    elif dates.cut_short:
        said = _("Nhiều buổi quá: một chuỗi có nhiều nhất 200 buổi trong hai năm.")
        found.faults.append(RowFault("meetings", found.row.text("meetings"), said))
    first = found.slots[0].day if found.slots else None
    if first is not None and found.reading.starts_on != first:
        found.notes.append(
            _("Buổi đầu: %(day)s.", day=f"{formatting.weekday(first)} {formatting.full_date(first)}")
        )


def _no_day(rule: WeeklyRule) -> str:
    days = [formatting.weekday_names()[each.weekday] for each in rule.slots]
    last = rule.ends_on or rule.starts_on
    return _(
        "Từ %(first)s đến %(last)s không có ngày nào là %(days)s.",
        first=formatting.full_date(rule.starts_on),
        last=formatting.full_date(last),
        days=", ".join(dict.fromkeys(days)),
    )


def _details(found: ResolvedRow, course: NamedCourse, names: WardNames) -> SessionTemplate:
    assert found.place is not None  # noqa: S101  (the caller has seen it)
    room = names.rooms.get(found.place.room_id or 0)
    seats = found.reading.seats or usual_capacity(room.seats if room else None)
    if room and seats > room.seats:
        found.notes.append(_("%(n)s chỗ, nhiều hơn %(seats)s chỗ ngồi của phòng.", n=seats, seats=room.seats))
    row = found.row
    audience, helper, remark = row.text("audience"), row.text("helper"), row.text("remark")
    said = [
        f"Đối tượng: {audience}." if audience else "",  # data: Vietnamese whoever reads the page
        f"Phụ trách: {helper}." if helper and found.helper is None else "",
        remark,
    ]
    return SessionTemplate(
        kind="ward_class",
        title=course.title,
        course_id=found.course,
        place=found.place,
        capacity=seats,
        need_trainers=1,
        need_helpers=usual_helpers(seats),
        note=" ".join(part for part in said if part)[:LONGEST_NOTE],
    )
