"""Requests as a busy and a hostile day brings them, for the measure of memory."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

from benchmarks import city
from lopso.kernel.workbook.writing import workbook_of

WARD = "19753"
MIB = 1024 * 1024
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}

PAGES = (
    "/",
    "/lich/{ward}?tuan={monday}",
    "/lich?tuan={monday}",
    "/nguoi-hoc/{ward}",
    "/nguoi-day/{ward}",
    "/dia-diem/{ward}",
    "/tin-nhan/{ward}",
    "/tin-nhan",
    "/lich/{ward}/noi-dung",
    "/lich/{ward}/lop-moi",
    "/tai-khoan",
    "/mau-tin",
    "/kiem-tra/{noise}",
    "/khong-co/{noise}",
    "/nguoi-hoc/{ward}?q={noise}",
    "/dang-nhap?tiep=/{noise}",
)


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])


def calls(chance: random.Random) -> Call:
    """Eight pages to one form and one hostile body, each different from all before."""
    kind = chance.random()
    if kind < 0.8:
        path = chance.choice(PAGES).format(ward=WARD, monday=city.MONDAY, noise=_noise(chance, 40))
        return Call("GET", path)
    return chance.choice(_FORMS if kind < 0.9 else _HOSTILE)(chance)


def _noise(chance: random.Random, length: int) -> str:
    return chance.randbytes(length // 2).hex()


def _search(chance: random.Random) -> Call:
    return Call("POST", f"/nguoi-hoc/{WARD}/tim", f"q={_noise(chance, 20)}".encode(), FORM)


def _wrong_log_in(chance: random.Random) -> Call:
    return Call("POST", "/dang-nhap", f"identifier={_noise(chance, 20)}&password=x".encode(), FORM)


def _refused_learner(chance: random.Random) -> Call:
    note = _noise(chance, 1000)
    return Call("POST", f"/nguoi-hoc/{WARD}/moi", f"full_name=&note={note}&phone=abc".encode(), FORM)


def _large_field(chance: random.Random) -> Call:
    return Call("POST", "/dang-nhap", b"identifier=" + _text(chance, MIB), FORM)


def _escaped_field(chance: random.Random) -> Call:
    return Call("POST", "/dang-nhap", _noise(chance, 8).encode() + b"=" + b"%41" * (MIB // 3), FORM)


def _many_fields(chance: random.Random) -> Call:
    body = b"&".join(b"%s=1" % _noise(chance, 8).encode() for _n in range(15_000))
    return Call("POST", "/dang-nhap", body, FORM)


def _beyond_the_limit(chance: random.Random) -> Call:
    return Call("POST", "/dang-nhap", b"identifier=" + _text(chance, 3 * MIB), FORM)


def _large_json(chance: random.Random) -> Call:
    path = f"/buoi/{chance.randint(1, 9)}/diem-danh/danh-sach"
    return Call("POST", path, b"[" + b"[]," * (MIB // 3) + b"[]]", JSON)


def _part(chance: random.Random) -> Call:
    boundary = _noise(chance, 20)
    disposition = b'Content-Disposition: form-data; name="file"; filename="x.xlsx"\r\n\r\n'
    body = b"--%s\r\n" % boundary.encode() + disposition + _text(chance, 2 * MIB)
    headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
    return Call("POST", f"/nguoi-hoc/{WARD}/nhap", body + b"\r\n--%s--\r\n" % boundary.encode(), headers)


def _long_query(chance: random.Random) -> Call:
    return Call("GET", f"/dang-nhap?tiep={_noise(chance, 6000)}&{'a=1&' * 500}")


def _cookies(chance: random.Random) -> Call:
    cookies = f"a={_noise(chance, 3900)}; flash={_noise(chance, 900)}"
    return Call("GET", "/dang-nhap", headers={"cookie": cookies})


def _text(chance: random.Random, length: int) -> bytes:
    return chance.randbytes(length // 2).hex().encode()


_FORMS: tuple[Callable[[random.Random], Call], ...] = (_search, _search, _refused_learner, _wrong_log_in)
_HOSTILE: tuple[Callable[[random.Random], Call], ...] = (
    _large_field, _escaped_field, _many_fields, _beyond_the_limit, _large_json, _part, _long_query, _cookies
)  # fmt: skip


def learners_list(chance: random.Random, rows: int = 400) -> bytes:
    """A workbook of people nobody else has."""
    people = [
        (
            f"{chance.choice(city.FAMILY)} {chance.choice(city.GIVEN)}",
            str(chance.randint(1940, 1965)),
            f"09{chance.randint(10_000_000, 99_999_999)}",
            _noise(chance, 60),
        )
        for _n in range(rows)
    ]
    header = ("Họ và tên", "Năm sinh", "Số điện thoại", "Ghi chú")
    return workbook_of(sheet="Danh sách", header=header, rows=people)


def upload(content: bytes) -> aiohttp.FormData:
    """The form of the page that takes a list."""
    form = aiohttp.FormData()
    form.add_field("file", content, filename="danh-sach.xlsx")
    return form
