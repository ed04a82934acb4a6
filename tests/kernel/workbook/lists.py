"""Lists of invented people in as many forms as wards keep them."""

import unicodedata

from lopso.kernel.legacy_text import _TCVN3, _VNI_BASES, _VNI_MARKS  # pyright: ignore[reportPrivateUsage]  (to write what we must read)
from lopso.kernel.workbook.fields import ListField, ListLayout
from lopso.kernel.workbook.reading import Cell, Sheet
from people.columns import NAMES, PERSON

LAYOUT = ListLayout(
    fields=(*PERSON, ListField("place", ("Tổ dân phố", "TDP", "Thôn", "Địa bàn"), by_content=False)),
    required=NAMES,
    identity=NAMES | {"phone", "birth"},
    section=lambda text: text.upper().startswith(("TỔ DÂN PHỐ", "THÔN")),
)

PEOPLE: list[dict[str, Cell]] = [
    {"full_name": "Lê Thị Ánh", "birth": 1962, "sex": "Nữ", "phone": "0348990608", "place": "TDP 5"},
    {
        "full_name": "Trần Văn Bình",
        "birth": "26/5/69",
        "sex": "Nam",
        "phone": "84796559047",
        "place": "TDP 8",
    },
    {
        "full_name": "Tôn Nữ Thị Thuỷ",
        "birth": "06/1987",
        "sex": "Nữ",
        "phone": 983488867.0,
        "place": "TDP 11",
    },
    {"full_name": "Hoàng Phủ Đức Lộc", "birth": 1953.0, "sex": "Nam", "phone": "x", "place": "TDP 3"},
    {"full_name": "Đặng Thị Yến", "birth": "1971", "sex": "Nữ", "phone": "0234 3363861", "place": "TDP 1"},
]


def sheet(*rows: list[Cell], name: str = "DS", merged: tuple[tuple[int, int, int, int], ...] = ()) -> Sheet:
    """A sheet as `reading` gives it."""
    return Sheet(name, True, 1, 1, [list(row) for row in rows], merged)


def in_tcvn3(text: str) -> str:
    """`text` as the TCVN3 fonts store it; capitals that have a mark and a tone become small, as there."""
    letters = {letter: code for code, letter in _TCVN3.items()}
    return "".join(
        letters.get(char) or letters.get(char.lower()) or char for char in unicodedata.normalize("NFC", text)
    )


def in_vni(text: str) -> str:
    """`text` as the VNI fonts store it."""
    marks = {"".join(sorted(marks)): code for code, marks in _VNI_MARKS.items()}
    bases = {letter: code for code, letter in _VNI_BASES.items()}
    return "".join(_vni_letter(char, marks, bases) for char in unicodedata.normalize("NFC", text))


def _vni_letter(char: str, marks: dict[str, str], bases: dict[str, str]) -> str:
    small = char.lower()
    if small in bases:
        code = bases[small]
    else:
        horned = unicodedata.normalize("NFD", small)
        base, rest = horned[0], horned[1:]
        if "\u031b" in rest:
            base, rest = bases["ơ" if base == "o" else "ư"], rest.replace("\u031b", "")
        code = base + (marks["".join(sorted(rest))] if rest else "")
    return code.upper() if char.isupper() else code
