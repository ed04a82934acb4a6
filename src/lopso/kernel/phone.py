"""Vietnamese phone numbers: read what people write, store E.164, show and mask for the screen."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from lopso.kernel.i18n import _
from lopso.kernel.lost_digits import lost_digits, scientific_in_full
from lopso.kernel.text import fold, half_width, nfc

Kind = Literal["mobile", "landline", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class PhoneReading:
    """What one cell or field says.

    Attributes:
        e164: the number to store, or None.
        kind: "mobile" can be texted; "landline" can only be called; "none": the person has no phone and
            nothing is wrong; "unknown": something is written that is no usable number.
        doubt: a Vietnamese sentence when a person should look; None when the reading is sure. With `e164` it
            is a warning only: the number belongs to a block nobody is known to use yet.
        proposed: with a doubt and no `e164`, the number we would take: an 11-digit number of before 2018 with
            its new prefix, a landline with its area code.
        others: further numbers in the same cell, E.164, in the order written.
        remark: words beside the number ("con gái").
        repairs: what was mended without doubt, as Vietnamese sentences.
    """

    e164: str | None
    kind: Kind
    doubt: str | None = None
    proposed: str | None = None
    others: tuple[str, ...] = ()
    remark: str | None = None
    repairs: tuple[str, ...] = ()


NO_PHONE = PhoneReading(None, "none")

HUE_AREA_CODE = "234"

# 11-digit mobile prefixes until September 2018, and what they became.
_RENUMBERED_MOBILE = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39",
    "186": "56", "188": "58", "199": "59",
}  # fmt: skip
# Area codes until 2017 that old lists around Huế still carry.
_RENUMBERED_AREA = {"54": "234", "53": "233", "511": "236"}

_NO_PHONE = {
    "", "x", "xx", "xxx", "0", "00", "-", "--", "k", "ko", "kg", "khg", "ko co", "k co", "khong", "khong co",
    "chua", "chua co", "khong dung", "khong su dung", "khong co dt", "khong co sdt", "khong co dien thoai",
    "khong dien thoai", "none", "null", "n/a", "na", "?", "/", ".", "...", "…",
}  # fmt: skip
_SPLIT = re.compile(r"[/;,|\n&]")
_SPLIT_WORDS = re.compile(r"\b(?:hoặc|hay|và|or)\b", re.IGNORECASE)
_REMARK_EDGES = " \t\n().,:;-–/[]{}+*'\"#"
_PHONE_WORDS = re.compile(
    r"\b(?:s?đt(?:dđ)?|dđ|sđt|tel|phone|mobile|điện thoại|zalo|số)\b[.:]*", re.IGNORECASE
)


def read_phone(raw: object, *, area_code: str = HUE_AREA_CODE) -> PhoneReading:
    """Read a phone number as wards write it: text, or the number a spreadsheet made of it.

    Mended silently or with a repair: lost zero, +84/84/0084/(0), dots, spaces, the letter O for zero.
    With a mobile and a landline in one cell the mobile is taken. A number that lost digits (rounded by a
    spreadsheet, covered with asterisks) is never completed: it has a doubt and no proposal. Never raises.

    Args:
        area_code: proposed for a landline written without one, no leading zero.
    """
    text = _as_text(raw)
    if fold(text).strip(_REMARK_EDGES) in _NO_PHONE or fold(text) in _NO_PHONE:
        return PhoneReading(None, "none")
    if lost_digits(raw if isinstance(raw, float | int) else text):
        return PhoneReading(None, "unknown", doubt=_lost(text))
    numbers_text, remark = _without_remark(text)
    if not any(char.isdigit() for char in numbers_text):
        # Words only ("dùng chung với con"): no number, and worth keeping.
        return PhoneReading(None, "none", remark=remark)

    readings = [_read_one(part, area_code) for part in _parts(numbers_text, area_code)]
    best = min(readings, key=_preference)
    others = tuple(_distinct(_number(r) for r in readings if _number(r) != _number(best)))
    repairs = best.repairs
    if others:
        repairs += (_("Ô có nhiều số, lấy số %(phone)s", phone=display(_number(best) or "")),)
    return PhoneReading(best.e164, best.kind, best.doubt, best.proposed, others, remark, repairs)


def display(e164: str) -> str:
    """Return "0912 345 678" for a mobile, the national grouping for others; unreadable text as it is."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    if number.country_code != 84:
        return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    national = f"0{number.national_number}"
    if len(national) == 10:
        return f"{national[:4]} {national[4:7]} {national[7:]}"
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)


def masked(e164: str) -> str:
    """Return the number with its middle hidden, "0912 ••• 678", for lists and logs."""
    shown = display(e164)
    digits = shown.replace(" ", "")
    return f"{digits[:4]} ••• {digits[-3:]}" if len(digits) >= 9 else "•••"


def _as_text(raw: object) -> str:
    if raw is None:
        return ""
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    text = half_width(nfc(str(raw))).replace("\u00a0", " ").strip().lstrip("'`’")
    return re.sub(r"^(\d+)\.0$", r"\1", scientific_in_full(text))


def _lost(text: str) -> str:
    if re.fullmatch(r"\d+", text) and len(text) <= 12:
        return _(
            "Số điện thoại có thể đã bị bảng tính làm tròn: %(text)s (nếu đúng, ghi cả số 0 ở đầu)", text=text
        )
    return _("Số điện thoại bị mất chữ số: %(text)s", text=text[:40])


def _without_remark(text: str) -> tuple[str, str | None]:
    """Split the words off: "0972708490 (con gái)" → ("0972708490 ", "con gái")."""
    numbers = _SPLIT_WORDS.sub("/", re.sub(r"\(\s*0\s*\)", "0", text))
    # O and l typed for 0 and 1 stand against a digit; letters of a word do not.
    numbers = re.sub(r"(?<![^\W\d_])[oO](?=[\d.\s]*\d{2})|(?<=\d)[oO](?![^\W\d_])", "0", numbers)
    numbers = re.sub(r"(?<=\d)[lI](?=\d)", "1", numbers)
    words = re.findall(r"[^\W\d_][\w\s'’]*", _PHONE_WORDS.sub(" ", _SPLIT.sub(" / ", numbers)))
    remark = ", ".join(
        clean for word in words if (clean := re.sub(r"\d{6,}.*", "", word).strip(_REMARK_EDGES))
    )
    return re.sub(r"[^\W\d_]+", " ", numbers), remark or None


def _parts(text: str, area_code: str) -> list[str]:
    """Return the texts that hold one number each."""
    if _is_number(text, area_code):
        return [text]
    parts = [part for part in _SPLIT.split(text) if sum(map(str.isdigit, part)) >= 6]
    if not parts:
        return [text]
    return [piece for part in parts for piece in _pieces(part, area_code)]


def _pieces(part: str, area_code: str) -> list[str]:
    if _is_number(part, area_code):
        return [part]
    for separator in (r"\s[-–]\s|[()]", r"[-–]", r"\s+", r"\s{2,}"):
        pieces = [piece for piece in re.split(separator, part) if any(map(str.isdigit, piece))]
        if len(pieces) > 1 and all(_is_number(piece, area_code) for piece in pieces):
            return pieces
    run = re.sub(r"\D", "", part)
    if len(run) >= 18 and (glued := re.fullmatch(r"(0[235789]\d{8,9})(0[235789]\d{8,9})", run)):
        return [glued[1], glued[2]]
    return [part]


def _is_number(text: str, area_code: str) -> bool:
    return _read_one(text, area_code).kind != "unknown"


def _read_one(text: str, area_code: str) -> PhoneReading:
    digits = re.sub(r"\D", "", text)
    foreign = text.strip().startswith("+") and not digits.startswith("84")
    if foreign:
        return PhoneReading(None, "unknown", doubt=_("Số điện thoại nước ngoài, chưa gửi tin nhắn được"))
    national = _national(digits)
    lost_zero = not digits.startswith(("0", "84")) or (digits.startswith("84") and national == digits)
    repairs = (_("Đã thêm số 0 ở đầu số điện thoại"),) if lost_zero else ()

    kind = _kind(national)
    if kind != "unknown":
        return PhoneReading(f"+84{national}", kind, repairs=repairs)
    new_mobile = _RENUMBERED_MOBILE.get(national[:3])
    if new_mobile and len(national) == 10 and _kind(new_mobile + national[3:]) == "mobile":
        doubt = _("Số 11 chữ số kiểu cũ: đầu 0%(old)s nay là 0%(new)s", old=national[:3], new=new_mobile)
        return PhoneReading(None, "mobile", doubt=doubt, proposed=f"+84{new_mobile}{national[3:]}")
    for old, new in _RENUMBERED_AREA.items():
        if national.startswith(old) and _kind(new + national[len(old) :]) == "landline":
            doubt = _("Mã vùng cũ: 0%(old)s nay là 0%(new)s", old=old, new=new)
            return PhoneReading(None, "landline", doubt=doubt, proposed=f"+84{new}{national[len(old) :]}")
    if len(digits) == 7 and _kind(area_code + digits) == "landline":
        doubt = _("Số máy bàn chưa có mã vùng 0%(code)s", code=area_code)
        return PhoneReading(None, "landline", doubt=doubt, proposed=f"+84{area_code}{digits}")
    if len(national) == 9 and _block_in_use(national[:2]):
        doubt = _("Chưa thấy nhà mạng nào dùng đầu số 0%(prefix)s", prefix=national[:3])
        return PhoneReading(f"+84{national}", "mobile", doubt=doubt, repairs=repairs)
    return PhoneReading(None, "unknown", doubt=_complaint(digits, national))


def _block_in_use(prefix: str) -> bool:
    """Whether some mobile number begins so: the rest of the block may open any day."""
    return any(_kind(f"{prefix}{digit}000000") == "mobile" for digit in range(10))


def _national(digits: str) -> str:
    """Return the digits after the country code or the leading zero."""
    if digits.startswith("0084"):
        return digits[4:].removeprefix("0")
    # Nine digits beginning with 84 are a mobile 084… that lost its zero.
    if digits.startswith("84") and len(digits) >= 11:
        return digits[2:].removeprefix("0")
    return digits.removeprefix("0")


def _kind(national: str) -> Kind:
    if not 8 <= len(national) <= 11:
        return "unknown"
    number = phonenumbers.PhoneNumber(country_code=84, national_number=int(national))
    if len(str(number.national_number)) != len(national):
        return "unknown"
    match phonenumbers.number_type(number):
        case PhoneNumberType.MOBILE | PhoneNumberType.FIXED_LINE_OR_MOBILE:
            return "mobile"
        case PhoneNumberType.FIXED_LINE:
            return "landline"
        case _:
            return "unknown"


def _complaint(digits: str, national: str) -> str:
    if digits.startswith(("1800", "1900")):
        return _("Đây là số tổng đài, không phải số của một người")
    expected = 10 if national.startswith("2") else 9
    if len(national) < expected:
        return _("Số điện thoại thiếu chữ số (mới có %(n)s)", n=len(digits))
    if len(national) > expected and not national.startswith("1"):
        return _("Số điện thoại thừa chữ số (có %(n)s)", n=len(digits))
    return _("Đầu số 0%(prefix)s không có ở Việt Nam", prefix=national[:3])


def _preference(reading: PhoneReading) -> tuple[bool, bool]:
    return (reading.kind == "unknown", reading.kind != "mobile")


def _number(reading: PhoneReading) -> str | None:
    return reading.e164 or reading.proposed


def _distinct(numbers: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(number for number in numbers if number))
