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


@pytest.mark.parametrize(
    ("typed", "name", "title"),
    [
        ("Ông Thị Hạnh", "Ông Thị Hạnh", None),
        ("ÔNG ÍCH KHÔI", "Ông Ích Khôi", None),
        ("Ông Văn Bền", "Ông Văn Bền", None),
        ("Ông Thị Ngọc Anh", "Ông Thị Ngọc Anh", None),
        ("Ôn Thị Lựu", "Ôn Thị Lựu", None),
        ("Cô Thị Mít", "Cô Thị Mít", None),
        ("Cô Văn Sung", "Cô Văn Sung", None),
        ("Ông Lê Văn Vững", "Lê Văn Vững", "Ông"),
        ("Ông Lê Vững", "Lê Vững", "Ông"),
        ("Ông Văn Công Bảy", "Văn Công Bảy", "Ông"),
        ("Ông Nhữ Đình Nâu", "Nhữ Đình Nâu", "Ông"),
        ("Ông Blúp Văn Hờ", "Blúp Văn Hờ", "Ông"),
        ("Ông Ông Văn Bền", "Ông Văn Bền", "Ông"),
        ("ÔNG: THUẬN", "Thuận", "Ông"),
        ("Cô Trần Thị Na", "Trần Thị Na", "Cô"),
        ("Cô Văn Thị Na", "Văn Thị Na", "Cô"),
        ("Cô Minh Châu", "Minh Châu", "Cô"),
        ("Cô Lan", "Lan", "Cô"),
        ("Bà Thị Nở", "Thị Nở", "Bà"),
        ("Cao Thị Ổi", "Cao Thị Ổi", None),
    ],
)
def test_form_of_address_is_told_from_a_surname(typed: str, name: str, title: str | None) -> None:
    assert tidy_name(typed) == TidyName(name, title)
