"""What texts say: one segment for any name and place, never a word cut, nothing that swindlers say."""

import json
import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lopso.kernel import clock
from lopso.kernel.caution import unsuitable
from lopso.kernel.paths import shipped
from lopso.kernel.text import sms_parts, unaccent
from notifications.rules.wording import (
    PLACES,
    Person,
    calendar_day,
    clock_time,
    fill,
    name_forms,
    place_forms,
    places_in,
    reason_forms,
    title_forms,
    when_forms,
)

WORDINGS: list[dict[str, Any]] = json.loads((shipped("data") / "message_templates.json").read_text())
BODIES = {wording["code"]: wording["body"] for wording in WORDINGS}

THURSDAY = clock.at(date(2026, 11, 26), time(14))
NGUYET = Person("Công Tằng Tôn Nữ Thị Nguyệt", "Bà")
AN = Person("Hoàng Phủ Quang An", sex="male", birth_year=1979)
PHUONG = Person("Nguyễn Khoa Diệu Uyên Phương", "Chị")


def values(
    people: Sequence[Person] = (NGUYET,),
    place: str = "Nhà văn hóa TDP 7",
    room: str = "",
    reason: str = "mưa lớn",
    contact: str = "0234 3823 456",
    weeks: int = 1,
) -> dict[str, list[str]]:
    """Values for every place there is."""
    return {
        "time": [clock_time(THURSDAY)],
        "day": [calendar_day(THURSDAY)],
        "old_time": ["08h30"],
        "old_day": ["Chủ nhật 22/11"],
        "what": ["lớp kỹ năng số"],
        "names": name_forms(people, today=2026),
        "place": place_forms(f"{room}, {place}" if room else place, place),
        "reason": reason_forms(reason),
        "title": title_forms("Thanh toán không dùng tiền mặt cho tiểu thương", "ward_class"),
        "when": when_forms([THURSDAY + timedelta(weeks=week) for week in range(weeks)]),
        "role": ["người hỗ trợ"],
        "number": ["12"],
        "contact": [contact],
    }


def test_a_reminder_says_when_and_where_first_and_whom_to_call() -> None:
    text = fill(BODIES["reminder_day_before"], values())

    assert text.accented == (
        "14h00 thứ Năm 26/11, Nhà văn hóa TDP 7: lớp kỹ năng số. Kính mời bà Công Tằng Tôn Nữ Thị Nguyệt"
        " đến dự. Hỏi thêm: 0234 3823 456."
    )
    assert text.plain == (
        "14h00 thu Nam 26/11, Nha van hoa TDP 7: lop ky nang so. Kinh moi ba Cong Tang Ton Nu Thi Nguyet"
        " den du. Hoi them: 0234 3823 456."
    )
    assert (text.encoding, text.segments) == ("gsm7", 1)


def test_what_is_too_long_is_said_shorter() -> None:
    place, room = "Nhà sinh hoạt cộng đồng tổ dân phố số 12", "Hội trường tầng 2"
    text = fill(BODIES["session_moved"], values([NGUYET, AN, PHUONG], place, room))

    assert text.accented == (
        "14h00 thứ Năm 26/11, NSHCĐ TDP số 12: lớp kỹ năng số, đổi từ 08h30 Chủ nhật 22/11."
        " Xin báo bà Nguyệt, ông An và chị Phương. Hỏi thêm: 0234 3823 456."
    )
    assert text.segments == 1


def test_a_number_is_never_parted_from_what_it_counts() -> None:
    place = "Nhà văn hóa khu tái định cư Hương Sơ mới xây cạnh trường mầm non thuộc tổ dân phố số 123"
    text = fill(BODIES["reminder_same_day"], values(place=place))

    said = re.search(r"26/11, (.+): lớp", text.accented)
    assert said
    assert said[1] == "NVH khu tái định cư Hương Sơ mới xây cạnh trường mầm non"


def test_a_long_reason_is_said_by_its_first_clause() -> None:
    reason = "Mưa lớn, ngập đường Đinh Tiên Hoàng, nước vào nhà văn hóa; mời bà con theo dõi thông báo sau."
    text = fill(BODIES["session_cancelled"], values(reason=reason))

    assert text.accented == (
        "14h00 thứ Năm 26/11, Nhà văn hóa TDP 7: lớp kỹ năng số xin nghỉ, lý do: Mưa lớn."
        " Xin báo bà Nguyệt. Hỏi thêm: 0234 3823 456."
    )


@pytest.mark.parametrize(
    ("person", "said"),
    [
        (Person("Lê Thị Lan", "O"), "o Lê Thị Lan"),
        (Person("Lê Thị Lan", sex="female", birth_year=1950), "bà Lê Thị Lan"),
        (Person("Lê Thị Lan", sex="female", birth_year=1995), "chị Lê Thị Lan"),
        (Person("Lê Văn Lân", sex="male", birth_year=2012), "em Lê Văn Lân"),
        (Person("Lê Văn Lân", sex="male"), "ông Lê Văn Lân"),
        (Person("Lê Lân"), "ông/bà Lê Lân"),
    ],
)
def test_people_are_addressed_as_an_office_does(person: Person, said: str) -> None:
    assert name_forms([person], today=2026)[0] == said


THURSDAYS = ("14h00 thứ Năm hằng tuần từ 26/11", "14h00 thứ Năm từ 26/11")


def at(days: int, hour: int = 14) -> datetime:
    """So many days after Thursday 26 November, at that hour in Huế."""
    return clock.at(date(2026, 11, 26) + timedelta(days=days), time(hour))


@pytest.mark.parametrize(
    ("starts", "said"),
    [
        ([at(0)], ["14h00 thứ Năm 26/11"]),
        (
            [at(7 * week) for week in range(8)],
            [
                "14h00 thứ Năm hằng tuần từ 26/11, 8 buổi",
                "14h00 thứ Năm hằng tuần từ 26/11",
                "14h00 thứ Năm từ 26/11",
            ],
        ),
        (
            [at(7 * week) for week in range(8) if week not in (2, 3)],  # Tết left out
            [
                "14h00 thứ Năm hằng tuần từ 26/11, 6 buổi",
                "14h00 thứ Năm hằng tuần từ 26/11",
                "14h00 thứ Năm từ 26/11",
            ],
        ),
        (
            [at(5), at(7), at(12), at(14)],
            [
                "14h00 thứ Ba và thứ Năm hằng tuần từ 01/12, 4 buổi",
                "14h00 thứ Ba và thứ Năm hằng tuần từ 01/12",
                "14h00 thứ Ba và thứ Năm từ 01/12",
            ],
        ),
        ([at(0), at(30), at(61)], ["14h00 thứ Năm 26/11 và 2 buổi sau"]),
        ([at(0), at(7, hour=8)], ["14h00 thứ Năm 26/11 và 1 buổi sau"]),
        ([at(0), at(1)], ["14h00 thứ Năm 26/11 và 1 buổi sau"]),
    ],
)
def test_a_series_is_said_by_its_rule_and_first_day(starts: list[datetime], said: list[str]) -> None:
    assert when_forms(starts) == said


def test_every_wording_uses_only_its_places_and_none_is_missing() -> None:
    assert set(BODIES) == set(PLACES)
    for code, body in BODIES.items():
        assert places_in(body) <= PLACES[code], code
        assert {"place", "contact", "names"} <= places_in(body), code
        when = {"sign_off_reached": {"day"}, "certificate_ready": {"day"}}.get(code, {"time", "day"})
        assert when <= places_in(body) or "when" in places_in(body), code


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording["code"])
def test_no_wording_for_learners_speaks_of_money_links_or_slogans(wording: dict[str, Any]) -> None:
    if wording["message_class"] == "service":
        assert unsuitable(fill(wording["body"], values()).accented) is None
    assert wording["body"].startswith(("{time}", "{when}", "{place}, {day}"))


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("Lớp ở Nhà sinh hoạt cộng đồng tổ dân phố số 12, chợ Đông Ba", False),
        ("Hội trường phường Phú Xuân lúc 14h00, mời o Lan", False),
        ("Xem tại lopso.vn/a", True),
        ("Vào https://example.org", True),
        ("Nhận quà 50k", True),
        ("Học 2 buổi được 50.000 đồng", True),
        ("Chuyển khoản học phí", True),
        ("Mang theo mật khẩu", True),
        ("Bình dân học vụ số, không ai bị bỏ lại phía sau", True),
        ("Mời bà con hưởng ứng", True),
        ("Nhớ đến nhé!", True),
    ],
)
def test_the_language_of_swindlers_is_recognised(text: str, refused: bool) -> None:
    assert (unsuitable(text) is not None) is refused


SYLLABLES = """
    Nguyễn Thị Ngọc Ưỡn Đặng Khánh Nghiêng Trường Phường Thượng Chướng Nghị Quỳnh H'Hen Y-Moan số 12 tổ TDP
    Nhà văn hóa trung tâm học tập cộng đồng phường Thuỷ Xuân cũ cạnh trường tiểu học Huyền Trân
"""
words = st.sampled_from(SYLLABLES.split())
names = st.lists(words, min_size=1, max_size=7).map(" ".join)
persons = st.builds(
    Person,
    full_name=names,
    title=st.sampled_from(["", "Bà", "Ông/Bà", "O", "Mệ"]),
    sex=st.sampled_from([None, "female", "male"]),
    birth_year=st.none() | st.integers(1930, 2018),
)


@given(
    st.sampled_from(sorted(BODIES)),
    st.lists(persons, min_size=1, max_size=9),
    st.lists(words, min_size=1, max_size=25).map(" ".join),
    st.sampled_from(["", "Phòng 2", "Hội trường tầng 2"]),
    st.lists(words, min_size=1, max_size=40).map(" ".join),
    st.sampled_from(["0234 3823 456", "UBND Xã Chân Mây - Lăng Cô"]),
    st.integers(1, 30),
)
def test_any_names_and_places_fit_one_segment_without_a_word_cut(
    code: str, people: list[Person], place: str, room: str, reason: str, contact: str, weeks: int
) -> None:
    given_values = values(people, place, room, reason, contact, weeks)
    text = fill(BODIES[code], given_values)

    assert text.segments == 1
    assert text.plain == unaccent(text.accented)
    assert sms_parts(text.plain).encoding == "GSM-7"
    assert text.plain.startswith("14h00 ") or code in ("sign_off_reached", "certificate_ready")
    assert contact in text.accented
    known = set(re.findall(r"[\w'-]+", BODIES[code]))
    for forms in given_values.values():
        known |= {word for form in forms for word in re.findall(r"[\w'-]+", form)}
    assert set(re.findall(r"[\w'-]+", text.accented)) <= known
