"""Vietnamese text: searching, sorting, names, and what fits into a text message."""

import random
import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lopso.kernel.text import SmsSize, fold, nfc, sms_parts, sort_key, unaccent

VIETNAMESE = st.text(alphabet="aàảãáạăằắâấbcdđeêếghiklmnoôơớpqrstuưừvxyỳ ABĐƠƯ", max_size=40)


def test_one_search_key_for_every_way_of_typing() -> None:
    ways = ["Hóa", "Hoá", "HOÁ", "hoa", unicodedata.normalize("NFD", "Hóa"), "  Ho\u200bá "]

    assert {fold(way) for way in ways} == {"hoa"}
    assert fold("Đường  số\u00a09, Ðông Ba") == "duong so 9, dong ba"


@given(VIETNAMESE)
def test_the_search_key_does_not_depend_on_composition(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(nfc(text)) == fold(fold(text))


def test_names_sort_by_given_name_in_vietnamese_order() -> None:
    in_order = [
        "Phan Văn A",
        "Lê An",
        "Nguyễn Văn An",
        "Lê Thị Anh",
        "Hồ Ánh",
        "Trần Ăn",
        "Trần Ân",
        "Võ Thị Bé",
        "Lê Dũng",
        "Lê Đức",
        "Trần Thị Hoa",
        "Lê Thị Hòa",
        "Trần Thị Hoà",
        "Lê Hỏa",
        "Lê Họa",
        "Mai On",
        "Mai Ôn",
        "Mai Ơn",
        "Vũ Tú",
        "Vũ Tư",
        "Vũ Tứ",
        "Đặng Thị Yến",
    ]
    shuffled = random.Random(4).sample(in_order, len(in_order))

    assert sorted(shuffled, key=lambda name: sort_key(name).encode()) == in_order
    assert all(sort_key(name).isascii() for name in in_order)


def test_remark_in_parentheses_is_not_the_given_name() -> None:
    assert sort_key("Lê Nguyên Ngọc (Bé)") == "ngoc5 le{0 nguye{n0 be4"
    assert sort_key("(Bé)") == "be4"
    assert sort_key("") == ""


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", SmsSize("GSM-7", 0, 0)),
        ("a" * 160, SmsSize("GSM-7", 160, 1)),
        ("a" * 161, SmsSize("GSM-7", 161, 2)),
        ("a" * 307, SmsSize("GSM-7", 307, 3)),
        ("€" * 80, SmsSize("GSM-7", 160, 1)),
        # An escaped character does not fit into the last septet of a segment: it moves on whole.
        ("a" * 152 + "€" + "a" * 152, SmsSize("GSM-7", 306, 3)),
        ("Lớp", SmsSize("UCS-2", 3, 1)),
        ("đ" * 70, SmsSize("UCS-2", 70, 1)),
        ("đ" * 71, SmsSize("UCS-2", 71, 2)),
        ("😀" * 35, SmsSize("UCS-2", 70, 1)),
        ("đ" * 66 + "😀" + "đ" * 66, SmsSize("UCS-2", 134, 3)),
    ],
)
def test_segments_of_texts(text: str, size: SmsSize) -> None:
    assert sms_parts(text) == size


# GSM 03.38, row by row; the second table is reached by an escape, which takes a septet of its own.
GSM_TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
GSM_EXTENSION = "\x0c^{}\\[~]|€"


def counted(text: str) -> tuple[str, int, int]:
    """Encoding, units and segments, by filling segments one character after another as a phone does."""
    assert len(GSM_TABLE) == 127  # 128 places, one of them the escape
    if set(text) <= set(GSM_TABLE + GSM_EXTENSION):
        encoding, alone, joined = "GSM-7", 160, 153
        sizes = [1 if char in GSM_TABLE else 2 for char in text]
    else:
        encoding, alone, joined = "UCS-2", 70, 67
        sizes = [len(char.encode("utf-16-be")) // 2 for char in text]
    total = sum(sizes)
    if total <= alone:
        return encoding, total, int(total > 0)
    filled = [0]
    for size in sizes:
        if filled[-1] + size > joined:
            filled.append(0)
        filled[-1] += size
    return encoding, total, len(filled)


pieces = st.sampled_from(
    [
        "Lớp kỹ năng số ",
        "Nguyễn Thị Ngọc Ưỡn",
        "14h00",
        "a",
        "đ",
        "ế",
        "[",
        "€",
        "~",
        "😀",
        "\n",
        "Đ",
        "x" * 50,
    ]
)
sms_texts = (
    st.lists(pieces, max_size=40).map("".join)
    | st.text(max_size=330)
    | st.text(alphabet=GSM_TABLE + GSM_EXTENSION, min_size=140, max_size=320)
)


@given(sms_texts, st.sampled_from(["NFC", "NFD"]))
def test_segments_equal_an_independent_count(text: str, form: Literal["NFC", "NFD"]) -> None:
    typed = unicodedata.normalize(form, text)
    for said in (typed, unaccent(typed)):
        size = sms_parts(said)
        assert (size.encoding, size.characters, size.segments) == counted(said)


def test_escaped_character_stays_in_one_segment() -> None:
    assert sms_parts("x" * 152 + "€" + "x" * 152) == SmsSize("GSM-7", 306, 3)
    assert sms_parts("đ" + "x" * 65 + "😀" + "x" * 66) == SmsSize("UCS-2", 134, 3)


def test_reminder_with_accents_takes_three_times_the_segments() -> None:
    reminder = (
        "14h00 thứ Năm 26/11: lớp Thanh toán QR tại Nhà sinh hoạt cộng đồng TDP 4, 12 Đinh Tiên Hoàng. "
        "Bác mang theo điện thoại đã sạc pin. Hỏi anh Hiếu 0912 345 678."
    )

    assert sms_parts(reminder).segments == 3
    assert sms_parts(unaccent(reminder)).segments == 1


def test_plain_text_keeps_case_and_drops_unsupported_characters() -> None:
    assert (
        unaccent("Lớp “Kỹ năng số” – Đường số 9…\u00a014h, 5.000₫ 😀½\nO’Neil → 漢")
        == 'Lop "Ky nang so" - Duong so 9... 14h, 5.000d 1/2\nO\'Neil -> ?'
    )


@given(st.text(max_size=60))
def test_plain_text_is_always_gsm7(text: str) -> None:
    assert sms_parts(unaccent(text)).encoding == "GSM-7"
