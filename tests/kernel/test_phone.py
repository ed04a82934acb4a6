"""Phone numbers as wards write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lopso.kernel.phone import PhoneReading, display, masked, read_phone

LOST_ZERO = ("Đã thêm số 0 ở đầu số điện thoại",)


@pytest.mark.parametrize(
    "written",
    [
        "0912345678",
        "0912.345.678",
        "0912 345 678",
        "0912,345,678",
        "09 12 34 56 78",
        "84912345678",
        "+84 912-345-678",
        "+84 (0)912 345 678",
        "0084912345678",
        "'0912345678",
        "ĐT: 0912345678",
        "O912345678",
        "09l2345678",
        "0912345678; 0912 345 678",
        "０９１２３４５６７８",
        "＋８４ ９１２ ３４５ ６７８",
        "8.4912345678E+10",
        "8,4912345678e+10",
    ],
)
def test_one_number_many_spellings(written: str) -> None:
    assert read_phone(written) == PhoneReading("+84912345678", "mobile")


@pytest.mark.parametrize("written", [849854682.0, 849854682, "849854682", "8.49854682E8", "849854682.0"])
def test_lost_leading_zero_is_restored(written: object) -> None:
    # 84 here is not the country code: a number 084… lost its zero.
    assert read_phone(written) == PhoneReading("+84849854682", "mobile", repairs=LOST_ZERO)


@pytest.mark.parametrize(
    "written", ["", None, "x", "X", "-", "không có", "KHÔNG CÓ", "Ko", "chưa có", 0.0, "..."]
)
def test_words_for_no_phone_give_no_doubt(written: object) -> None:
    assert read_phone(written) == PhoneReading(None, "none")


@pytest.mark.parametrize(
    ("written", "reading"),
    [
        ("0972708490 (con gái)", PhoneReading("+84972708490", "mobile", remark="con gái")),
        ("con gái: 0972708490", PhoneReading("+84972708490", "mobile", remark="con gái")),
        ("dùng chung với con", PhoneReading(None, "none", remark="dùng chung với con")),
        (
            "0912345678 (con) 0935123456 (cháu)",
            PhoneReading(
                "+84912345678",
                "mobile",
                others=("+84935123456",),
                remark="con, cháu",
                repairs=("Ô có nhiều số, lấy số 0912 345 678",),
            ),
        ),
    ],
)
def test_words_beside_a_number_are_kept(written: str, reading: PhoneReading) -> None:
    assert read_phone(written) == reading


@pytest.mark.parametrize(
    "written",
    [
        "0912345678 / 0935123456",
        "0912.345.678-0935.123.456",
        "0912345678 0935123456",
        "09123456780935123456",
        "0912345678 hoặc 0935123456",
    ],
)
def test_two_numbers_in_one_cell(written: str) -> None:
    reading = read_phone(written)

    assert (reading.e164, reading.others) == ("+84912345678", ("+84935123456",))


def test_mobile_is_preferred_to_landline() -> None:
    reading = read_phone("0234.3836909/0912345678")

    assert (reading.e164, reading.kind, reading.others) == ("+84912345678", "mobile", ("+842343836909",))


def test_landline_is_no_mobile() -> None:
    assert read_phone("0234 3363861") == PhoneReading("+842343363861", "landline")
    assert read_phone(2343363861.0) == PhoneReading("+842343363861", "landline", repairs=LOST_ZERO)


@pytest.mark.parametrize(
    ("written", "kind", "proposed", "doubt"),
    [
        ("01649063703", "mobile", "+84349063703", "Số 11 chữ số kiểu cũ: đầu 0164 nay là 034"),
        (1649063703.0, "mobile", "+84349063703", "Số 11 chữ số kiểu cũ: đầu 0164 nay là 034"),
        ("+84 120 063 5361", "mobile", "+84700635361", "Số 11 chữ số kiểu cũ: đầu 0120 nay là 070"),
        ("054 3836909", "landline", "+842343836909", "Mã vùng cũ: 054 nay là 0234"),
        ("3836909", "landline", "+842343836909", "Số máy bàn chưa có mã vùng 0234"),
    ],
)
def test_old_number_is_doubted_with_its_new_form_proposed(
    written: object, kind: str, proposed: str, doubt: str
) -> None:
    reading = read_phone(written)

    assert (reading.e164, reading.kind, reading.proposed, reading.doubt) == (None, kind, proposed, doubt)


def test_number_of_an_unused_block_is_read_with_a_doubt() -> None:
    assert read_phone("0892745545") == PhoneReading(
        "+84892745545", "mobile", doubt="Chưa thấy nhà mạng nào dùng đầu số 0892"
    )


@pytest.mark.parametrize(
    ("written", "doubt"),
    [
        ("091234567", "Số điện thoại thiếu chữ số (mới có 9)"),
        ("12", "Số điện thoại thiếu chữ số (mới có 2)"),
        ("09123456789", "Số điện thoại thừa chữ số (có 11)"),
        ("01619909609", "Đầu số 0161 không có ở Việt Nam"),
        ("19001234", "Đây là số tổng đài, không phải số của một người"),
        ("+1 408 555 1234", "Số điện thoại nước ngoài, chưa gửi tin nhắn được"),
    ],
)
def test_invalid_number_gives_a_doubt_in_words(written: str, doubt: str) -> None:
    assert read_phone(written) == PhoneReading(None, "unknown", doubt=doubt)


@pytest.mark.parametrize(
    "written",
    [
        "8.4912E+10",
        "8,4912E+10",
        "9.12E+08",
        "9E+08",
        "8.4912345E10",
        "8.4912E+10 (con gái)",
        "0912345678 / 9.35E+08",
        84912000000.0,
        912345000.0,
        912345000,
        "912345000",
        "84912000000",
        9.12345678098765e18,
        912345678000000000,
        91234567.8,
        "91234567.8",
        "0912???678",
        "0912***678",
        "091xxxx678",
        "?912345678",
        "09123\ufffd5678",
    ],
)
def test_number_that_lost_digits_is_never_completed(written: object) -> None:
    reading = read_phone(written)

    assert (reading.e164, reading.proposed, reading.others, reading.kind) == (None, None, (), "unknown")
    assert reading.doubt is not None


@pytest.mark.parametrize(
    "written", ["0912000000", "0912 000 000", "+84912000000", 912345600.0, "0912345678?"]
)
def test_round_number_written_in_full_is_read(written: object) -> None:
    assert (read_phone(written).e164 or "").startswith("+84912")


def test_numbers_on_screen() -> None:
    assert display("+84912345678") == "0912 345 678"
    assert masked("+84912345678") == "0912 ••• 678"
    assert display("+842343836909") == "0234 3836 909"
    assert masked("+842343836909") == "0234 ••• 909"
    assert display("hỏng") == "hỏng"


@pytest.mark.parametrize("text", ["1e999", "9,9E+400", "9" * 5000, "\0", "²", "1e" + "9" * 4000])
def test_a_hostile_number_is_read_without_an_error(text: str) -> None:
    assert read_phone(text).e164 is None


@given(
    st.one_of(st.text(max_size=40), st.text("0123456789 ./-+()oO", max_size=30), st.floats(), st.integers())
)
def test_any_cell_is_read_without_an_exception(cell: object) -> None:
    reading = read_phone(cell)

    if reading.e164:
        assert read_phone(display(reading.e164)).e164 == reading.e164
    if reading.doubt is None:
        assert reading.kind != "unknown"
