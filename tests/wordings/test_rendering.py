"""Rendered texts: one segment for any name and place, no word cut, nothing a scam would say."""

import json
import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from lopso.kernel import clock
from lopso.kernel.message_safety import unsuitable
from lopso.kernel.paths import shipped
from tests.wordings.rendered_values import AN, BODIES, NGUYET, PHUONG, WORDINGS, values
from wordings.rules.addressing import Addressee, name_forms, people_forms
from wordings.rules.phrases import place_forms, reason_forms, title_forms
from wordings.rules.placeholders import PLACEHOLDERS, TO_HELPERS, placeholders_in
from wordings.rules.rendering import fill
from wordings.rules.schedule_phrases import days_forms, when_forms


def test_reminder_starts_with_time_and_place_and_ends_with_contact() -> None:
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


def test_long_message_takes_shorter_forms() -> None:
    place, room = "Nhà sinh hoạt cộng đồng tổ dân phố số 12", "Hội trường tầng 2"
    text = fill(BODIES["session_moved"], values([NGUYET, AN, PHUONG], place, room))

    assert text.accented == (
        "14h00 thứ Năm 26/11, NSHCĐ TDP số 12: lớp kỹ năng số, đổi từ 08h30 Chủ nhật 22/11."
        " Kính báo bà Nguyệt, ông An và chị Phương. Hỏi thêm: 0234 3823 456."
    )
    assert text.segments == 1


def test_place_is_cut_before_a_landmark_only() -> None:
    place = "Nhà văn hóa khu tái định cư Hương Sơ mới xây cạnh trường mầm non thuộc tổ dân phố số 123"
    text = fill(BODIES["reminder_same_day"], values(place=place))

    said = re.search(r"26/11, (.+): lớp", text.accented)
    assert said
    assert said[1] == "NVH khu tái định cư Hương Sơ mới xây cạnh trường mầm non"


@pytest.mark.parametrize(
    ("place", "shorter"),
    [
        ("Xã Chân Mây - Lăng Cô", []),
        ("Kiệt 12, Bạch Đằng", []),
        ("Đường số 9, gần cổng sau", []),
        ("Đất trống gần chợ Đông Ba", []),
        ("Sân trước nhà văn hóa", ["Sân trước NVH"]),
        ("Trung tâm học tập cộng đồng Phường Kim Long", ["TT học tập cộng đồng P. Kim Long"]),
        ("Trường tiểu học Thuận Thành (cơ sở 2)", ["Trường TH Thuận Thành (cơ sở 2)"]),
        ("Nhà bà Lan bên cạnh đình Kim Long", ["Nhà bà Lan"]),
        (
            "Nhà văn hóa thôn 3, xã Chân Mây - Lăng Cô",
            ["NVH thôn 3, xã Chân Mây - Lăng Cô", "NVH thôn 3"],
        ),
        (
            "Nhà văn hóa TDP 7 (cạnh trạm y tế), Kim Long",
            ["NVH TDP 7 (cạnh trạm y tế), Kim Long", "NVH TDP 7 (cạnh trạm y tế)", "NVH TDP 7"],
        ),
        (
            "Nhà sinh hoạt cộng đồng tổ dân phố số 12, kiệt 131, đường Trần Phú",
            ["NSHCĐ TDP số 12, kiệt 131, đường Trần Phú", "NSHCĐ TDP số 12, kiệt 131", "NSHCĐ TDP số 12"],
        ),
    ],
)
def test_place_is_never_cut_within_a_name(place: str, shorter: list[str]) -> None:
    assert place_forms(place, place) == [place, *shorter]


def test_remarks_in_a_name_are_left_out() -> None:
    remarked = Addressee("Lê Thị Bé (con bà Lan)", "Bà")

    assert name_forms([remarked], today=2026) == ["bà Lê Thị Bé", "bà Bé"]
    assert name_forms([Addressee("Lê Thị Bé, con bà Lan", "Bà")], today=2026) == ["bà Lê Thị Bé", "bà Bé"]
    assert name_forms([Addressee("(không rõ)", "Bà")], today=2026)[0] == "bà (không rõ)"


def test_child_is_addressed_as_a_child() -> None:
    child = Addressee("Lê Văn Lân", sex="male", birth_year=2012)

    assert people_forms([child], today=2026)["invited"] == ["Mời em Lê Văn Lân", "Mời em Lân"]
    assert people_forms([child], today=2026)["told"][0] == "Báo em Lê Văn Lân"
    assert people_forms([NGUYET, child], today=2026)["invited"][1] == "Kính mời bà Nguyệt và em Lân"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("Mưa lớn", "mưa lớn"),
        ("Do mưa lớn.", "mưa lớn"),
        ("Lý do: trùng lễ", "trùng lễ"),
        ("Bà Lan ốm", "bà Lan ốm"),
        ("Nguyễn Văn An ốm", "Nguyễn Văn An ốm"),
        ("Huế có bão", "Huế có bão"),
        ("UBND phường họp", "UBND phường họp"),
        ("Chợ Đông Ba đóng cửa", "chợ Đông Ba đóng cửa"),
        ("Đường 12, 14 ngập", "đường 12, 14 ngập"),
    ],
)
def test_reason_follows_because(reason: str, said: str) -> None:
    assert reason_forms(reason)[0] == said


@pytest.mark.parametrize(
    ("reason", "forms"),
    [
        ("Bão", ["bão"]),
        ("Mất điện", ["mất điện"]),
        ("Giáo viên ốm", ["giáo viên ốm", "việc gấp"]),
        ("Mưa lớn, đường ngập", ["mưa lớn, đường ngập", "mưa lớn"]),
        ("Phòng học bận cả ngày", ["phòng học bận cả ngày", "có việc đột xuất", "việc gấp"]),
        ("", ["có việc đột xuất", "việc gấp"]),
    ],
)
def test_reason_gives_way_to_shorter_words_only(reason: str, forms: list[str]) -> None:
    assert reason_forms(reason) == forms


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Chợ Đông Ba", "buổi tại Chợ Đông Ba"),
        ("Chợ số – Chợ Đông Ba", "buổi Chợ số – Chợ Đông Ba"),
        ("Lớp VNeID tối", "lớp VNeID tối"),
        ("Dùng VNeID", "buổi Dùng VNeID"),
    ],
)
def test_title_fits_within_a_sentence(title: str, said: str) -> None:
    assert title_forms(title, "market_round") == [said, "buổi hướng dẫn kỹ năng số"]


def test_long_reason_is_cut_to_its_first_clause() -> None:
    reason = "Mưa lớn, ngập đường Đinh Tiên Hoàng, nước vào nhà văn hóa; mời bà con theo dõi thông báo sau."
    text = fill(BODIES["session_cancelled"], values(reason=reason))

    assert text.accented == (
        "14h00 thứ Năm 26/11, Nhà văn hóa TDP 7: lớp kỹ năng số tạm nghỉ, không học, vì mưa lớn."
        " Kính báo bà Nguyệt. Hỏi thêm: 0234 3823 456."
    )


@pytest.mark.parametrize(
    ("person", "said"),
    [
        (Addressee("Lê Thị Lan", "O"), "o Lê Thị Lan"),
        (Addressee("Lê Thị Lan", sex="female", birth_year=1950), "bà Lê Thị Lan"),
        (Addressee("Lê Thị Lan", sex="female", birth_year=1995), "chị Lê Thị Lan"),
        (Addressee("Lê Văn Lân", sex="male", birth_year=2012), "em Lê Văn Lân"),
        (Addressee("Lê Văn Lân", sex="male"), "ông Lê Văn Lân"),
        (Addressee("Lê Lân"), "ông/bà Lê Lân"),
    ],
)
def test_people_are_addressed_as_an_office_does(person: Addressee, said: str) -> None:
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
def test_series_is_described_by_rule_and_first_day(starts: list[datetime], said: list[str]) -> None:
    assert when_forms(starts) == said


def test_span_of_closed_days_begins_a_text_with_a_capital() -> None:
    wednesday = clock.at(date(2026, 12, 2), time(8, 30))

    assert days_forms([wednesday, wednesday + timedelta(days=1)]) == [
        "08h30 thứ Tư 02/12 và 08h30 thứ Năm 03/12",
        "Thứ Tư 02/12 đến thứ Năm 03/12, 2 buổi",
    ]
    assert days_forms([wednesday, wednesday])[-1] == "Thứ Tư 02/12, 2 buổi"


def test_wordings_use_allowed_placeholders_and_required_ones() -> None:
    assert set(BODIES) == set(PLACEHOLDERS)
    for code, body in BODIES.items():
        assert placeholders_in(body) <= PLACEHOLDERS[code], code
        assert {"place", "contact"} <= placeholders_in(body), code
        assert {"names", "invited", "told"} & placeholders_in(body), code
        when = {"sign_off_reached": {"day"}, "certificate_ready": {"day"}}.get(code, {"time", "day"})
        assert when <= placeholders_in(body) or "when" in placeholders_in(body), code


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording["code"])
def test_learner_wordings_avoid_money_links_and_slogans(wording: dict[str, Any]) -> None:
    if wording["message_class"] == "service":
        assert unsuitable(fill(wording["body"], values()).accented) is None
    assert wording["body"].startswith(("{time}", "{when}", "{place}, {day}", "UBND {place}, {day}"))


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
def test_scam_language_is_recognised(text: str, refused: bool) -> None:
    assert (unsuitable(text) is not None) is refused


WARDS: list[str] = [
    ward["full_name"] for ward in json.loads((shipped("data") / "hue_wards.json").read_text())["wards"]
]
HOUSES = [
    "Nhà văn hóa thôn Phụng Chánh 2, xã Chân Mây - Lăng Cô",
    "Nhà sinh hoạt cộng đồng tổ dân phố số 12",
    "Trung tâm học tập cộng đồng Phường Kim Long",
    "Trường Tiểu học Nguyễn Tri Phương",
    "Hội trường Ủy ban nhân dân Phường Thuận Hóa",
    "Nhà Gươl thôn A Hưa",
    "Chợ Đông Ba",
]
STALLS = ["Đường số 9, Chợ Đông Ba", "Chợ Bến Ngự", "Dãy hàng vải, Chợ An Cựu"]
DOORS = ["Kiệt 12 Bạch Đằng, nhà ông tổ trưởng", "Thôn Phụng Chánh 2", "Tổ dân phố Dạ Lê Thượng"]
KIET = Addressee("Tôn Thất Tuấn Kiệt", sex="male", birth_year=2013)


@pytest.mark.parametrize(
    "people", [(NGUYET,), (NGUYET, AN), (PHUONG, KIET)], ids=["one", "two", "with a child"]
)
@pytest.mark.parametrize("code", sorted(BODIES))
def test_ordinary_values_fit_every_wording_in_one_segment(code: str, people: Sequence[Addressee]) -> None:
    if code in TO_HELPERS:
        people = people[:1]  # a helper has a phone of their own
    where = {"sign": WARDS, "certificate": WARDS, "market": STALLS, "visit": DOORS}
    for place in where.get(code.partition("_")[0], HOUSES):
        for weeks in (1, 16):
            text = fill(BODIES[code], values(people, place, reason="Mưa lớn, đường ngập", weeks=weeks))
            assert (text.encoding, text.segments) == ("gsm7", 1), text.plain
