"""Lines of a title end between words and names, not between the syllables of one."""

import re

import pytest
from markupsafe import Markup

from lopso.web.page_title import keep_title_whole


def _wholes(body: str) -> list[str]:
    return re.findall(r'<span class="whole">([^<]*)</span>', keep_title_whole(body))


@pytest.mark.parametrize(
    ("heading", "wholes"),
    [
        ("Phân công: Sử dụng Hue-S", ["Phân công", "Sử dụng"]),
        ("Không có địa điểm nào", ["địa điểm"]),
        ("Thẻ của Trần Ngọc Cúc", ["Trần Ngọc Cúc"]),
        ("Người hướng dẫn", ["Người hướng dẫn"]),
        ("Lớp của ĐẶNG Văn Ưỡn &amp; Út", ["ĐẶNG Văn Ưỡn"]),
        ("Buổi 12", []),
        ("Thẻ của Công Tằng Tôn Nữ Thị Nguyệt", []),  # no line of a phone holds the name
    ],
)
def test_words_and_names_of_a_heading_are_kept_whole(heading: str, wholes: list[str]) -> None:
    assert _wholes(f"<h1>{heading}</h1>") == wholes


def test_text_of_a_heading_is_the_same_without_the_marks() -> None:
    body = Markup('<h1 class="người học"><svg aria-label="kỹ năng"></svg>Kỹ năng <b>số</b></h1>')
    whole = keep_title_whole(body)
    assert re.sub(r'<span class="whole">([^<]*)</span>', r"\1", whole) == body
    assert _wholes(body) == ["Kỹ năng"]


def test_what_is_no_title_stays_as_it_is() -> None:
    body = "<h2>kỹ năng</h2><p>kỹ năng</p><hr><textarea>kỹ năng</textarea>"
    assert str(keep_title_whole(body)) == body
