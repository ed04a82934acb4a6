"""Neighbourhoods are written in many ways; each meets its other writings."""

import pytest

from venues.rules import NeighbourhoodName, neighbourhood_name, neighbourhood_within


@pytest.mark.parametrize(
    "written",
    ["TDP 4", "TDP04", "tdp 4", "TDP004", "Tổ dân phố 4", "TỔ DÂN PHỐ SỐ 04", "Tổ 4", "4", "TDP 4, Tây Lộc"],
)
def test_writings_of_one_tdp_share_a_key(written: str) -> None:
    assert neighbourhood_name(written, rural=False) == NeighbourhoodName("TDP 4", "tdp 4")


@pytest.mark.parametrize(
    ("written", "name", "key"),
    [
        ("thôn 3", "Thôn 3", "thon 3"),
        ("3", "Thôn 3", "thon 3"),
        ("Thôn A Xăng", "Thôn A Xăng", "a xang"),
        ("A Xăng", "A Xăng", "a xang"),
        ("THÔN A XĂNG", "Thôn A Xăng", "a xang"),
        ("TDP 4 Tây Lộc", "TDP 4 Tây Lộc", "tdp 4 tay loc"),
        ("TDP 04 - Tây Lộc", "TDP 04 Tây Lộc", "tdp 4 tay loc"),
        ("khu vực 2", "Khu vực 2", "khu vuc 2"),
        ("TDP 4B", "TDP 4B", "tdp 4b"),
    ],
)
def test_neighbourhoods_with_names_are_read(written: str, name: str, key: str) -> None:
    assert neighbourhood_name(written, rural=True) == NeighbourhoodName(name, key)


@pytest.mark.parametrize("written", ["", " - ", "x", "không rõ"])
def test_empty_neighbourhood_is_none(written: str) -> None:
    assert neighbourhood_name(written, rural=False) is None


def test_neighbourhood_is_found_inside_a_longer_text() -> None:
    assert neighbourhood_within("Tổ CNSCĐ TDP 12", rural=False) == NeighbourhoodName("TDP 12", "tdp 12")
    assert neighbourhood_within("12 Lê Huân, tổ 05, P. Phú Xuân", rural=False) == NeighbourhoodName(
        "TDP 5", "tdp 5"
    )
    assert neighbourhood_within("Tổ công nghệ số thôn A Xăng", rural=True) == NeighbourhoodName(
        "Thôn A Xăng", "a xang"
    )
    assert neighbourhood_within("Đội SV tình nguyện số", rural=False) is None
