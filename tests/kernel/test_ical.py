"""Calendar texts, read back by a strict reader."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lopso.kernel.ical import Attendee, IcsEvent, Organizer, calendar, fold_line
from lopso.kernel.mail_address import is_address

STAMP = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
ENTRY = IcsEvent(
    uid="buoi-7.nguoi-3@lopso",
    sequence=2,
    stamp=STAMP,
    starts_at=datetime(2026, 11, 26, 7, 0, tzinfo=UTC),
    ends_at=datetime(2026, 11, 26, 9, 0, tzinfo=UTC),
    summary="Thanh toán không tiền mặt, buổi 3; mã QR",
    location="Hội trường, Nhà văn hóa TDP 5, 12 Đinh Tiên Hoàng, cạnh trường mầm non Hoa Sen",
    description="Người dạy.\nMang theo điện thoại \\ sạc",
    url="http://127.0.0.1:8000/viec-cua-toi",
    status="CONFIRMED",
)

INVITE = replace(ENTRY, organizer=Organizer("UBND phường Phú Xuân", "lop-so@hue.example.vn"))


def read(text: bytes) -> Any:
    return icalendar.Calendar.from_ical(text, multiple=False)


def events(text: bytes) -> list[Any]:
    return [part for part in read(text).walk() if part.name == "VEVENT"]


def test_a_strict_reader_finds_everything() -> None:
    text = calendar([ENTRY], name="Lớp Số: việc của tôi", refresh_hours=1)
    whole, [event] = read(text), events(text)

    assert text.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert (whole.get("METHOD"), whole["VERSION"], whole["CALSCALE"]) == (None, "2.0", "GREGORIAN")
    assert str(whole["X-WR-CALNAME"]) == "Lớp Số: việc của tôi"
    assert whole["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    [zone] = [part for part in whole.walk() if part.name == "VTIMEZONE"]
    assert str(zone["TZID"]) == "Asia/Ho_Chi_Minh"
    assert zone.walk("STANDARD")[0]["TZOFFSETTO"].td == timedelta(hours=7)
    assert event["DTSTART"].params["TZID"] == event["DTEND"].params["TZID"] == "Asia/Ho_Chi_Minh"
    hue = ZoneInfo("Asia/Ho_Chi_Minh")
    assert event["DTSTART"].dt == datetime(2026, 11, 26, 14, 0, tzinfo=hue)
    assert event["DTEND"].dt == datetime(2026, 11, 26, 16, 0, tzinfo=hue)
    assert event["DTSTAMP"].dt == STAMP
    assert (str(event["UID"]), event["SEQUENCE"], event["STATUS"]) == (ENTRY.uid, 2, "CONFIRMED")
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (ENTRY.summary, ENTRY.location)
    assert (str(event["DESCRIPTION"]), str(event["URL"])) == (ENTRY.description, ENTRY.url)


def test_lines_end_and_fold_as_in_rfc_5545() -> None:
    text = calendar([replace(ENTRY, location="ữ" * 200, summary="Ưỡn " * 60)], name="x" * 90)

    assert text.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in text.replace(b"\r\n", b"")
    for line in text.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no character is cut in two
    [event] = events(text)
    assert str(event["LOCATION"]) == "ữ" * 200


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\r\n"), max_size=400))
def test_folding_loses_nothing(line: str) -> None:
    folded = fold_line(line)

    assert folded.replace(b"\r\n ", b"").decode() == line
    assert all(len(part) <= 75 for part in folded.split(b"\r\n"))


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b"])
@pytest.mark.parametrize("field", ["summary", "location", "description"])
def test_typed_text_cannot_inject_a_property(field: str, break_: str) -> None:
    hostile = f"Lớp{break_}ATTENDEE:mailto:a@example.org{break_}END:VEVENT"
    text = calendar([replace(ENTRY, **{field: hostile})], name=hostile)

    [event] = events(text)
    assert "ATTENDEE" not in event
    assert text.count(b"\r\nEND:VEVENT\r\n") == 1


@pytest.mark.parametrize("uid", ["", "a b", "buoi-1\r\nX:1", "buoi-1;x=2@lopso", "ngắn", "x" * 201])
def test_uid_with_other_characters_is_refused(uid: str) -> None:
    with pytest.raises(ValueError, match="UID"):
        calendar([replace(ENTRY, uid=uid)], name="x")


def test_cancelled_event_is_marked_and_transparent() -> None:
    [event] = events(calendar([replace(INVITE, status="CANCELLED")], method="CANCEL", name="x"))

    assert (event["STATUS"], event["TRANSP"]) == ("CANCELLED", "TRANSPARENT")


def test_same_events_give_the_same_bytes() -> None:
    entries = [replace(ENTRY, uid=f"buoi-{n}.nguoi-3@lopso") for n in range(40)]
    text = calendar(entries, name="x")

    assert text == calendar(entries, name="x")
    assert [str(event["UID"]) for event in events(text)] == [entry.uid for entry in entries]


def test_invitation_has_organizer_and_attendee() -> None:
    asked = replace(
        ENTRY,
        organizer=Organizer('UBND phường "Phú Xuân"; tổ: 5', "lop-so@hue.example.vn"),
        attendee=Attendee("Ưng, Bình\r\nATTENDEE:x", "binh@example.org", "REQ-PARTICIPANT", "NEEDS-ACTION"),
    )
    text = calendar([asked], method="REQUEST")
    whole, [event] = read(text), events(text)

    assert whole["METHOD"] == "REQUEST"
    assert "X-WR-CALNAME" not in whole
    assert str(event["ORGANIZER"]) == "mailto:lop-so@hue.example.vn"
    assert event["ORGANIZER"].params["CN"] == "UBND phường 'Phú Xuân'; tổ: 5"
    assert str(event["ATTENDEE"]) == "mailto:binh@example.org"
    assert dict(event["ATTENDEE"].params) == {
        "CN": "Ưng, Bình ATTENDEE:x",
        "CUTYPE": "INDIVIDUAL",
        "PARTSTAT": "NEEDS-ACTION",
        "ROLE": "REQ-PARTICIPANT",
        "RSVP": "FALSE",
    }


@given(st.text(max_size=80))
def test_person_name_cannot_inject_a_line(name: str) -> None:
    asked = replace(INVITE, attendee=Attendee(name, "a@example.org", "REQ-PARTICIPANT", "ACCEPTED"))
    plain = replace(INVITE, attendee=Attendee("A", "a@example.org", "REQ-PARTICIPANT", "ACCEPTED"))
    [event], [other] = (events(calendar([each], method="REQUEST")) for each in (asked, plain))

    assert sorted(event) == sorted(other)
    assert str(event["ATTENDEE"]) == "mailto:a@example.org"


@pytest.mark.parametrize(
    "address",
    ["", "hoa", "a b@example.org", "a@b\r\nX:1", "a@", "á@example.org", "a,b@c.vn", "x" * 250 + "@a.vn"],
)
def test_invalid_address_is_refused(address: str) -> None:
    assert not is_address(address)
    attendee = Attendee("A", address, "REQ-PARTICIPANT", "ACCEPTED")
    with pytest.raises(ValueError, match="not an address"):
        calendar([replace(INVITE, attendee=attendee)], method="REQUEST")


def test_scheduling_message_without_organizer_is_refused() -> None:
    with pytest.raises(ValueError, match="organizer"):
        calendar([ENTRY], method="REQUEST")
