"""The form kit: what was typed is kept, every mistake is said at its field, the declaration is the schema."""

from collections.abc import Mapping
from datetime import date, time
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, field

from lopso.kernel.access import Role
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import N_, speak
from lopso.kernel.person_names import TidyName
from lopso.kernel.phone import PhoneReading
from lopso.web.forms import (
    Choice,
    Day,
    Email,
    Form,
    FormToken,
    IdField,
    Many,
    Money,
    PageNumber,
    PersonName,
    Phone,
    Secret,
    Text,
    Tick,
    TimeOfDay,
    Typed,
    WholeNumber,
    read_leniently,
    schema_of,
)
from tests.conftest import TestApp
from tests.factories import add_user, add_ward

WARD = "19753"
TODAY = date(2026, 11, 23)
NO_PHONE = PhoneReading(None, "none")


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class EveryKind(Struct, frozen=True, kw_only=True):
    """One field of each type."""

    name: Annotated[TidyName, PersonName()]
    seats: Annotated[int, WholeNumber(1, 2000, outside=N_("Số chỗ ngồi từ 1 đến 2.000."))]
    note: Annotated[str, Text(50, lines=True)] = ""
    price: Annotated[int | None, Money(0, 999_999_999)] = None
    phone: Annotated[PhoneReading, Phone()] = NO_PHONE
    email: Annotated[str | None, Email()] = None
    day: Annotated[date | None, Day()] = None
    at: Annotated[time | None, TimeOfDay()] = None
    room: Annotated[int | None, IdField()] = None
    colour: Annotated[Colour | None, Choice(Colour)] = None
    wifi: Tick = False
    people: Annotated[tuple[int, ...], Many(IdField(), most=4)] = ()
    password: Annotated[str, Secret(100)] = ""
    since: Annotated[time | None, TimeOfDay()] = field(default=None, name="from")


GOOD = {
    "name": ["bà nguyễn thị bé"],
    "seats": ["1.200"],
    "note": [" a\r\nb "],
    "price": ["350.000 đ"],
    "phone": ["912 345 678"],
    "email": ["Mai@Example.org"],
    "day": ["26/11/2026"],
    "at": ["8h30"],
    "room": ["7"],
    "colour": ["blue"],
    "wifi": ["1"],
    "people": ["3", "x", "3", "4"],
    "password": [" a  b "],
    "from": ["18:00"],
}


def read(**changes: str) -> Form[EveryKind]:
    sent = GOOD | {name: [text] for name, text in changes.items()}
    return Form.read(EveryKind, Typed(sent), today=TODAY)


def test_valid_form_gives_its_values() -> None:
    form = read()

    assert form.errors == {}
    assert form.value() == EveryKind(
        name=TidyName("Nguyễn Thị Bé", "Bà"),
        seats=1200,
        note="a\nb",
        price=350_000,
        phone=PhoneReading("+84912345678", "mobile", repairs=("Đã thêm số 0 ở đầu số điện thoại",)),
        email="mai@example.org",
        day=date(2026, 11, 26),
        at=time(8, 30),
        room=7,
        colour=Colour.BLUE,
        wifi=True,
        people=(3, 4),
        password=" a  b ",
        since=time(18, 0),
    )


def test_every_mistake_is_at_its_field_and_typed_text_is_kept() -> None:
    form = read(name="Bé 2", seats="5000", email="mai@", day="31/2/2026", at="25h", room="x", colour="green")

    assert form.errors == {
        "name": "Họ tên chỉ gồm chữ, không quá 200 chữ cái.",
        "seats": "Số chỗ ngồi từ 1 đến 2.000.",
        "email": "Địa chỉ e-mail chưa đúng.",
        "day": "Ngày 31/02/2026 không có: tháng 2 năm 2026 có 28 ngày.",
        "at": "Xin ghi giờ, ví dụ 8h30.",
        "room": "Xin chọn một.",
        "colour": "Xin chọn một.",
    }
    assert form.typed["seats"] == "5000"
    assert form.typed["day"] == "31/2/2026"
    assert list(form.typed.many("people")) == ["3", "x", "3", "4"]
    with pytest.raises(InvalidInput) as refused:
        form.value()
    assert refused.value.fields == form.errors


def test_empty_form_asks_only_for_required_fields() -> None:
    form = Form.read(EveryKind, Typed(), today=TODAY)
    assert form.errors == {"name": "Xin ghi họ tên.", "seats": "Xin ghi một số, từ 1 đến 2000."}


def test_sentences_are_in_the_language_of_the_reader() -> None:
    speak("en")
    try:
        assert read(email="x").errors == {"email": "This e-mail address is not right."}
    finally:
        speak("vi")


def test_old_phone_number_is_shown_as_it_is_stored() -> None:
    form = read(phone="01689 123 456")

    assert list(form.errors) == ["phone"]
    assert form.typed["phone"] == "0389 123 456"
    assert read(phone=form.typed["phone"]).value().phone.e164 == "+84389123456"


def test_a_password_is_never_shown_again() -> None:
    form = read(seats="")
    assert "password" not in form.typed
    assert "secret" not in repr(read(password="secret"))


@pytest.mark.parametrize("text", ["a\0b", "\x1b[2J", "lost \ufffd", "\ud800", "\u202egnp.exe", "x" * 5000])
def test_a_hostile_text_is_an_ordinary_mistake(text: str) -> None:
    form = read(note=text, name=text, phone=text, email=text, room=text, seats=text)

    assert {"note", "name", "email", "room", "seats"} <= set(form.errors)
    assert all(form.typed[name].isprintable() for name in ("note", "name", "email"))


@pytest.mark.parametrize("text", ["1e999", "9" * 5000, "-1", "1.5", "٣" * 50])
def test_a_hostile_number_is_an_ordinary_mistake(text: str) -> None:
    assert set(read(seats=text, price=text, room=text).errors) == {"seats", "price", "room"}


@given(st.dictionaries(st.sampled_from(list(GOOD)), st.lists(st.text(st.characters()), max_size=3)))
def test_any_text_in_any_field_is_read_without_a_fault(values: dict[str, list[str]]) -> None:
    form = Form.read(EveryKind, Typed(GOOD | values), today=TODAY)
    if not form.errors:
        form.value()


@pytest.mark.parametrize("text", ["\ufeff", "\u200b", "\u2060 "])
def test_a_field_of_invisible_characters_only_is_empty(text: str) -> None:
    form = Form.read(EveryKind, Typed({name: [text] for name in GOOD}), today=TODAY)

    assert form.errors["name"] == "Xin ghi họ tên."
    assert form.errors["seats"] == "Xin ghi một số, từ 1 đến 2000."
    assert "price" not in form.errors


def test_more_values_than_a_field_takes_is_a_mistake() -> None:
    sent = Typed(GOOD | {"people": ["1", "2", "3", "4", "5"]})
    assert Form.read(EveryKind, sent, today=TODAY).errors == {"people": "Mỗi lần gửi tối đa 4 dòng."}


class WithToken(Struct, frozen=True, kw_only=True):
    form_id: FormToken


def test_missing_form_id_is_an_error_of_the_whole_form() -> None:
    form = Form.read(WithToken, Typed({"form_id": ["1"]}), today=TODAY)
    assert form.errors == {"": "Trang gửi thiếu thông tin. Xin tải lại trang rồi thử lần nữa."}
    token = "5f7d3b52-2f6b-4f0a-8a0e-7a3c52c5b7a1"
    assert Form.read(WithToken, Typed({"form_id": [token]}), today=TODAY).value().form_id == UUID(token)


class Span(Struct, frozen=True, kw_only=True):
    low: Annotated[int, WholeNumber(0, 9)]
    high: Annotated[int, WholeNumber(0, 9)]

    def mistakes(self) -> Mapping[str, str]:
        return {"high": "too low"} if self.high < self.low else {}


def test_fields_are_checked_together_once_each_is_valid() -> None:
    def errors(low: str, high: str) -> dict[str, str]:
        return Form.read(Span, Typed({"low": [low], "high": [high]}), today=TODAY).errors

    assert errors("1", "2") == {}
    assert errors("2", "1") == {"high": "too low"}
    assert list(errors("x", "1")) == ["low"]


def test_refusal_of_a_service_uses_field_names_of_the_page() -> None:
    error = InvalidInput({"name": "taken", "": "whole"})

    assert read().refused(error).errors == {"name": "taken", "": "whole"}
    assert read().refused(error, prefix="room_").errors == {"room_name": "taken", "": "whole"}
    assert read().refused(error, names={"name": "aisle"}).errors == {"aisle": "taken", "": "whole"}


def test_stored_value_is_shown_as_its_field_writes_it() -> None:
    shown = Form.of(read().value()).typed

    assert dict(shown.pairs(without=["people"])) == {
        "name": "Nguyễn Thị Bé",
        "seats": "1200",
        "note": "a\nb",
        "price": "350000",
        "phone": "0912 345 678",
        "email": "mai@example.org",
        "day": "26/11/2026",
        "at": "08h30",
        "room": "7",
        "colour": "blue",
        "wifi": "1",
        "password": " a  b ",
        "from": "18h00",
    }
    assert list(shown.many("people")) == ["3", "4"]


class Query(Struct, frozen=True, kw_only=True):
    q: Annotated[str, Text(20)] = ""
    trang: PageNumber = 1


@pytest.mark.parametrize("text", ["x", "0", "-3", "1e999", "9" * 500, "\0"])
def test_invalid_query_counts_as_not_given(text: str) -> None:
    assert read_leniently(Query, Typed({"trang": [text]}), today=TODAY) == Query()
    assert read_leniently(Query, Typed({"q": ["a\0"], "trang": ["2"]}), today=TODAY) == Query(trang=2)


def test_the_declaration_is_the_json_schema() -> None:
    schema = schema_of(EveryKind)["$defs"]["EveryKind"]

    assert schema["required"] == ["name", "seats"]
    assert schema["properties"]["seats"] == {"type": "integer", "minimum": 1, "maximum": 2000}
    assert schema["properties"]["colour"]["anyOf"][0] == {"type": "string", "enum": ["red", "blue"]}
    assert schema["properties"]["from"]["anyOf"][0] == {"type": "string", "format": "partial-time"}


async def test_posted_form_shows_every_mistake_and_what_was_typed(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, WARD), email="c@example.org")
    address = f"/dia-diem/{WARD}/moi"
    async with app.client_as("c@example.org") as client:
        bad = await client.post(address, data={"name": "Nhà <b>văn hóa</b>\0", "room_seats": "1e999"})
        good = await client.post(
            address,
            data={
                "name": "Nhà văn hóa",
                "address": "12 Lê Lợi",
                "room_name": "Hội trường",
                "room_seats": "30",
            },
        )
        damaged = await client.post(
            address,
            content=b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\xfe\r\n--x--\r\n',
            headers={"content-type": "multipart/form-data; boundary=x"},
        )

    assert bad.status_code == 422
    assert 'value="Nhà &lt;b&gt;văn hóa&lt;/b&gt;"' in bad.text
    for name in ("name", "address", "room_name", "room_seats"):
        assert f'id="f-{name}-e"' in bad.text
    assert good.status_code == 303
    assert damaged.status_code == 422
