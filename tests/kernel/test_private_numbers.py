"""Numbers of papers and accounts in free text are found; phones, dates and amounts are not taken for them."""

import pytest

from lopso.kernel.private_numbers import LEFT_OUT, CleanText, is_private_number, without_private_numbers


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("046160012345", "#"),
        ("CCCD: 046160012345, đi với con", "CCCD: #, đi với con"),
        ("046 160 012 345", "#"),
        ("046.160.012.345", "#"),
        ("CMND 191234567", "CMND #"),
        ("191 234 567", "#"),
        ("191234567", "#"),
        ("CMND số 361234567", "CMND số #"),
        ("STK 0071001234567 VCB", "STK # VCB"),
        ("stk mb 0912345678", "stk mb #"),
        ("STK VCB 0912345678", "STK VCB #"),
        ("Vietcombank 0071001234", "Vietcombank #"),
        ("Tài khoản Vietcombank: 123456", "Tài khoản Vietcombank: #"),
        ("9704 1234 5678 9012", "#"),
        ("thẻ 9704123456789012345", "thẻ #"),
        ("BHYT DN4460123456789", "BHYT DN#"),
        ("MST 3300123456", "MST #"),
        ("3300123456", "#"),
        ("Hộ chiếu B1234567", "Hộ chiếu B#"),
        ("STK 19001234", "STK #"),
        ("STK 111222333 và CCCD 046160012345", "STK # và CCCD #"),
    ],
)
def test_number_of_a_paper_or_an_account_is_left_out(typed: str, kept: str) -> None:
    expected = kept.replace("#", LEFT_OUT)

    assert without_private_numbers(typed) == CleanText(expected, kept.count("#"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "đi với con",
        "0912345678",
        "0912 345 678 (con gái)",
        "con 0912.345.678, cháu 0935-123-456",
        "0912345678 / 0935123456",
        "+84 912 345 678",
        "912345678",
        "0234 3836 909",
        "01649063703",
        "sinh 12/05/1960, 12.05.1960, 12-05-1960, 12051960",
        "1950 - 1960",
        "2020-2025",
        "nợ 1.500.000 đ",
        "150000000 đồng",
        "gọi 19001234 hoặc 18001091",
        "tài khoản Zalo 0912345678",
        "STK đã bỏ; SĐT 0912345678",
        "làm ở ngân hàng Agribank 0912345678",
        "như thế 0912345678",
        "có CCCD rồi, gọi 0912345678",
        "lan123456789@example.org",
        "https://example.org/100012345678",
        "nhà 12/34/56 kiệt 7",
        "TDP 5, tổ 12, phòng 203",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert without_private_numbers(text) == CleanText(text, 0)


def test_cell_with_only_a_number_differs_from_a_note_with_one() -> None:
    assert is_private_number("0071001234567 VCB")
    assert not is_private_number("đi với con gái, CCCD 046160012345")
    assert not is_private_number("0912345678")
