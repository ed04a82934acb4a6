"""Days and times typed in words: a form shows what they were taken for."""

from datetime import date, time
from typing import Annotated

from msgspec import Struct

from lopso.web.forms import Day, Form, TimeOfDay, Typed

TODAY = date(2026, 11, 23)


class Appointment(Struct, frozen=True, kw_only=True):
    day: Annotated[date, Day()]
    since: Annotated[time, TimeOfDay()]


def test_words_for_a_day_are_shown_again_as_what_they_were_taken_for() -> None:
    form = Form.read(Appointment, Typed().changed(day="thứ Ba tuần sau", since="8 rưỡi tối"), today=TODAY)
    assert form.value() == Appointment(day=date(2026, 12, 1), since=time(20, 30))
    assert (form.typed["day"], form.typed["since"]) == ("01/12/2026", "20h30")


def test_a_plain_day_and_what_is_none_stay_as_typed() -> None:
    form = Form.read(Appointment, Typed().changed(day="1-12-2026", since="8:30"), today=TODAY)
    assert (form.typed["day"], form.typed["since"]) == ("1-12-2026", "8:30")
    wrong = Form.read(Appointment, Typed().changed(day="31/02/2027", since="25h"), today=TODAY)
    assert (wrong.typed["day"], wrong.typed["since"]) == ("31/02/2027", "25h")
    assert wrong.errors["day"] == "Ngày 31/02/2027 không có: tháng 2 năm 2027 có 28 ngày."
