"""Days and times typed in words: a form shows what they were taken for."""

from datetime import date, time
from typing import Annotated

import pytest
from msgspec import Struct

from lopso.kernel.access import Role
from lopso.web.forms import Day, Form, TimeOfDay, Typed
from lopso.web.forms.declaration import fields_of
from lopso.web.forms.injection import declared_forms, handlers_of
from tests.conftest import TestApp
from tests.factories import add_user, add_ward

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


def test_every_day_of_every_form_is_said_not_to_exist(app: TestApp) -> None:
    days = [
        (kind, field.name)
        for kind in declared_forms(handlers_of(app.app.routes))
        for field in fields_of(kind)
        if isinstance(field.type, Day)
    ]
    said = {
        (kind.__name__, name): Form.read(kind, Typed().changed(**{name: "31/02/2027"}), today=TODAY).errors[
            name
        ]
        for kind, name in days
    }
    assert len(days) >= 10
    assert set(said.values()) == {"Ngày 31/02/2027 không có: tháng 2 năm 2027 có 28 ngày."}, said


@pytest.mark.parametrize("here", ["/lich", "/lich/19753"])
async def test_week_of_a_day_that_does_not_exist_says_so(app: TestApp, here: str) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, "19753"))
    async with app.client_as("ha@example.org") as client:
        wrong = await client.get(here, params={"tuan": "31/02/2027"})
        right = await client.get(here, params={"tuan": "mùng 1 Tết"})
    assert (wrong.status_code, right.status_code) == (200, 200)
    assert "Ngày 31/02/2027 không có: tháng 2 năm 2027 có 28 ngày." in wrong.text
    assert "không có:" not in right.text
    assert 'value="2027-02-01"' in right.text  # Monday of the week of 06/02/2027
