"""Lists of invented people as wards might write them, with the truth they were made from."""

import random
from dataclasses import dataclass, field

from lopso.kernel.workbook.reading import Cell, Sheet

_SURNAMES = ["Nguyễn", "Trần", "Lê", "Hồ", "Nhâm", "Ngụy", "Lã", "Ông", "Tôn", "Bùi", "Blúp", "Kăn", "Văn"]
_MIDDLE = ["Văn", "Thị", "Thị Ngọc", "Đình", "Khánh", "Hữu", "Minh"]
_GIVEN = ["An", "Bé", "Cúc", "Dũng", "Đào", "Hạnh", "Khôi", "Lựu", "Mận", "Na", "Phượng", "Quý", "Tú", "Yến"]
_COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("Họ và tên", "HỌ TÊN", "Họ tên học viên", "Họ và tên thành viên"),
    "year": ("Năm sinh", "Ngày sinh", "Sinh năm", "NĂM SINH"),
    "phone": ("Số điện thoại", "ĐT", "SĐT liên hệ", "Điện thoại"),
    "place": ("Tổ dân phố", "TDP", "Thôn/TDP"),
    "note": ("Ghi chú", "Ghi chú thêm"),
    "ordinal": ("STT", "TT", "Số TT"),
}
_HEADINGS = (
    "Hội Nông dân", "ĐOÀN THANH NIÊN", "Đoàn thanh niên", "Chi hội Phụ nữ", "TỔ 5", "TDP 3",
    "I. Cán bộ", "CAO TUỔI", "Khối tiểu thương chợ", "Nhóm sáng thứ Hai", "Người lập biểu", "Cộng trang",
)  # fmt: skip
_DAMAGED_PHONES: tuple[Cell, ...] = (
    "8.4976E+10", "9.76E+08", 84976000000.0, 976000000.0, "#N/A", "#REF!", "Err:502", "0976???123",
    "976***123", 9.76123456789e17, "########",
)  # fmt: skip
_LOST = ("?", "\ufffd")


@dataclass(slots=True)
class GeneratedList:
    """A sheet, and what is true of it.

    Attributes:
        truth: phone by name, of the people whose rows are sound.
        damaged: what is damaged of the others, by name.
        hidden: names of those in hidden rows. body: how many rows there are below the header.
    """

    sheet: Sheet
    truth: dict[str, str]
    damaged: dict[str, str] = field(default_factory=dict[str, str])
    hidden: set[str] = field(default_factory=set[str])
    body: int = 0


def generated(seed: int) -> GeneratedList:
    """Make the list of a seed."""
    rnd = random.Random(seed)
    order = rnd.sample(list(_COLUMNS), len(_COLUMNS))
    header = _header(rnd, order)
    above: list[list[Cell]] = [["DANH SÁCH ĐĂNG KÝ"], []]
    titles = above[: rnd.randrange(3)]
    made = GeneratedList(Sheet("DS", True, 1, 1, []), {})
    body: list[list[Cell]] = []
    hidden: set[int] = set()
    for n, name in enumerate(_names(rnd), start=1):
        if rnd.random() < 0.2:
            body.append(_heading(rnd, order))
        if rnd.random() < 0.1:
            hidden.add(len(titles) + 1 + len(body))
            made.hidden.add(name)
        body.append(_person(rnd, made, n, name, order))
    made.body = len(body)
    made.sheet = Sheet("DS", True, 1, 1, [*titles, header, *body], hidden_rows=frozenset(hidden))
    return made


def _header(rnd: random.Random, order: list[str]) -> list[Cell]:
    names = [rnd.choice(_COLUMNS[column]) for column in order]
    numbered = rnd.choice(["{name}", "{n}. {name}", "({n}) {name}"])
    return [numbered.format(n=n, name=name) for n, name in enumerate(names, start=1)]


def _names(rnd: random.Random) -> list[str]:
    people = {
        f"{rnd.choice(_SURNAMES)} {rnd.choice(_MIDDLE)} {rnd.choice(_GIVEN)}"
        for _ in range(rnd.randint(5, 14))
    }
    return sorted(people, key=lambda name: rnd.random())


def _heading(rnd: random.Random, order: list[str]) -> list[Cell]:
    row: list[Cell] = [None] * len(order)
    row[order.index(rnd.choice(["name", "name", "ordinal"]))] = rnd.choice(_HEADINGS)
    return row


def _person(rnd: random.Random, made: GeneratedList, n: int, name: str, order: list[str]) -> list[Cell]:
    # Not rounded by chance, and nobody else's.
    national = f"976{n:02}{rnd.randint(0, 999):03}{rnd.randint(1, 9)}"
    cells: dict[str, Cell] = {
        "ordinal": float(n),
        "name": rnd.choice([name, name.upper()]),
        "year": rnd.choice([float(year := rnd.randint(1940, 2005)), str(year), f"12/5/{year}"]),
        "phone": rnd.choice(
            [f"0{national}", float(national), f"84{national}", f"0{national[:3]} {national[3:]}"]
        ),
        "place": rnd.choice([f"TDP {rnd.randint(1, 9)}", None]),
        "note": rnd.choice([None, "đi với con", "CCCD 046160012345", "STK 0071001234567"]),
    }
    if rnd.random() < 0.25:
        what = _damage(rnd, cells, name)
        made.damaged[name] = what
    else:
        made.truth[name] = f"+84{national}"
    return [cells[column] for column in order]


def _damage(rnd: random.Random, cells: dict[str, Cell], name: str) -> str:
    what = rnd.choice(["phone", "name", "year"])
    match what:
        case "phone":
            cells["phone"] = rnd.choice(_DAMAGED_PHONES)
        case "name":
            at = rnd.choice([at for at, char in enumerate(name) if char.isalpha()])
            cells["name"] = rnd.choice(["#VALUE!", name[:at] + rnd.choice(_LOST) + name[at + 1 :]])
        case _:
            cells["year"] = rnd.choice(["#VALUE!", "1.96E+03", "19?0", "#N/A"])
    return what
