"""Names of persons: as they are typed, and the form of address before them."""

import unicodedata

import pytest

from lopso.kernel.person_names import TidyName, tidy_name


@pytest.mark.parametrize(
    ("typed", "tidy"),
    [
        ("  Tôn  Nữ Thị Thuỷ ", TidyName("Tôn Nữ Thị Thuỷ", None)),
        ("ĐẶNG THỊ ỬNG", TidyName("Đặng Thị Ửng", None)),
        ("trương thị kim lành", TidyName("Trương Thị Kim Lành", None)),
        ("NGUYỄN Thị lan", TidyName("NGUYỄN Thị lan", None)),
        ("Ông Lê Văn Vinh", TidyName("Lê Văn Vinh", "Ông")),
        ("O BÙI QUANG HIẾU", TidyName("Bùi Quang Hiếu", "O")),
        ("bà: lan", TidyName("Lan", "Bà")),
        ("Mệ Tôn Nữ Hữu Phước", TidyName("Tôn Nữ Hữu Phước", "Mệ")),
        ("Anh Lê Văn Thư", TidyName("Lê Văn Thư", "Anh")),
        ("Anh Thư", TidyName("Anh Thư", None)),
        ("Bá Thành", TidyName("Bá Thành", None)),
        ("Bà", TidyName("Bà", None)),
        ("h'hen niê", TidyName("H'Hen Niê", None)),
        (unicodedata.normalize("NFD", "Lê Thị Ánh"), TidyName("Lê Thị Ánh", None)),
        ("", TidyName("", None)),
    ],
)
def test_names_as_people_type_them(typed: str, tidy: TidyName) -> None:
    assert tidy_name(typed) == tidy
