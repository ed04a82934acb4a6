"""Old fonts: converted when that makes sense of nonsense, left alone when it is good Vietnamese."""

import pytest

from lopso.kernel.legacy_text import Decoded, Font, decode


@pytest.mark.parametrize(
    ("typed", "font", "meant"),
    [
        ("NguyÔn V¨n An", "TCVN3", "Nguyễn Văn An"),
        ("TrÇn ThÞ Hoµ", "TCVN3", "Trần Thị Hoà"),
        ("L\u00adu V¨n T\u00ad", "TCVN3", "Lưu Văn Tư"),
        ("Hä vµ tªn", "TCVN3", "Họ và tên"),
        ("Sè ®iÖn tho¹i", "TCVN3", "Số điện thoại"),
        ("Nguyeãn Vaên An", "VNI", "Nguyễn Văn An"),
        ("Ñaëng Thò Yeán", "VNI", "Đặng Thị Yến"),
        ("NGUYEÃN THÒ ÖÙNG", "VNI", "NGUYỄN THỊ ỨNG"),
        ("Soá ñieän thoaïi", "VNI", "Số điện thoại"),
        ("Nguyá»…n VÄƒn An", "UTF-8", "Nguyễn Văn An"),
    ],
)
def test_texts_in_old_fonts_are_converted(typed: str, font: Font, meant: str) -> None:
    assert decode(typed) == Decoded(meant, font, 1.0)


@pytest.mark.parametrize(
    "text",
    [
        "Nguyễn Văn An",
        "Công Tằng Tôn Nữ Thị Ngọc Nguyệt",
        "Hoà",
        "Lê Hùng",
        "ĐẶNG THỊ ƯỠN",
        "Trương Quốc Thuỷ",
        "Khuyết tật",
        "Tổ dân phố 4",
        "Cán bộ hưu trí, Người cao tuổi",
        "Samsung A05",
        "Y Moan Êban",
        "café",
        "",
    ],
)
def test_unicode_text_is_unchanged(text: str) -> None:
    decoded = decode(text)

    assert (decoded.text, decoded.font) == (text, None)


def test_ambiguous_text_is_converted_like_its_neighbours() -> None:
    column = ["NguyÔn V¨n An", "Tó", "Lª Hoµ", "Hïng"]

    assert decode("Tó").text == "Tó"
    assert [decode(text, likely="TCVN3").text for text in column] == ["Nguyễn Văn An", "Tú", "Lê Hoà", "Hùng"]
