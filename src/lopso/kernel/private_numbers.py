"""Numbers of identity papers, bank accounts, cards and insurance in free text: found, to be left out.

Luật 91/2025/QH15 on personal data: no more than the purpose needs (docs/domain/learners.md). Phone numbers,
dates, years, amounts of money and service numbers (1900…) are no such numbers. Which numbers count is our
judgement: those called by a word for a paper or an account, and others of nine digits and more.
"""

import re
from dataclasses import dataclass
from typing import Literal

from lopso.kernel.phone import read_phone
from lopso.kernel.text import fold

LEFT_OUT = "[đã bỏ số]"
"""Stands where a number was; Vietnamese, like the notes around it."""

_RUN = re.compile(r"(?<![\d.,])(?:\d{1,6}(?:[ .\u00a0-]\d{1,6})+|\d{6,})(?!\d)")
_WORDS_OF_PAPERS = re.compile(
    r"(?<!\w)(?:cccd|cmnd|cmtnd|cmt|can cuoc(?: cong dan)?|chung minh(?: nhan dan| thu)?"
    r"|(?:so |ma )?dinh danh|giay to|ho chieu|passport|stk|so tk|tk|tai khoan|the:|so the|atm|visa|mst"
    r"|ma so thue|bhyt|bhxh|bao hiem(?: y te| xa hoi)?)(?!\w)"
)
_WORDS_OF_BANKS = re.compile(
    r"(?<!\w)(?:ngan hang|(?:vietcom|agri|vietin|techcom|sacom|vp|tp|mb|sea|nam a|lien viet) ?bank"
    r"|vcb|bidv|acb|vib|shb|hdb|ctg|lpb)(?!\w)"
)
_WORDS_OF_PHONES = re.compile(
    r"(?<!\w)(?:s?dt|dtdd|dien thoai|di dong|zalo|tel|phone|goi|lien he|lh|viber)(?!\w)"
)
_DATE = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])[ .-]?(?:0?[1-9]|1[0-2])[ .-]?(?:19|20)\d\d"
    r"|(?:19|20)\d\d[ .-]?(?:0[1-9]|1[0-2])[ .-]?(?:0[1-9]|[12]\d|3[01])|(?:19|20)\d\d[ -](?:19|20)\d\d"
)
_AMOUNT = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_CURRENCY = re.compile(r"\s?(?:đ|₫|đồng|vnđ|vnd|k\b|nghìn|ngàn|triệu)", re.IGNORECASE)
_SHORTEST = 9  # digits of a number that nothing calls by name
_SHORTEST_CALLED = 6
_CALLED_WITHIN = 30  # characters before the number


@dataclass(frozen=True, slots=True)
class CleanText:
    """A text without such numbers, and how many there were."""

    text: str
    count: int


def without_private_numbers(text: str) -> CleanText:
    """Return the text with `LEFT_OUT` in place of each number of a paper or an account."""
    if sum(map(str.isdigit, text)) < _SHORTEST_CALLED:
        return CleanText(text, 0)
    count = 0

    def judged(found: re.Match[str]) -> str:
        nonlocal count
        if not _is_private(found):
            return found[0]
        count += 1
        return LEFT_OUT

    clean = _RUN.sub(judged, text)
    return CleanText(clean, count)


def is_private_number(text: str) -> bool:
    """Whether a cell holds little but such a number."""
    clean = without_private_numbers(text)
    return clean.count > 0 and len(clean.text.replace(LEFT_OUT, "").strip()) <= 12


def _is_private(found: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", found[0])
    called = _called(found.string[max(0, found.start() - _CALLED_WITHIN) : found.start()])
    if called == "paper":
        return len(digits) >= _SHORTEST_CALLED and not _DATE.fullmatch(found[0])
    return len(digits) >= (_SHORTEST_CALLED if called == "bank" else _SHORTEST) and not (
        _DATE.fullmatch(found[0])
        or _is_amount(found)
        or _within_address(found)
        or digits.startswith(("1800", "1900"))
        or read_phone(found[0]).kind in ("mobile", "landline")
    )


def _called(before: str) -> Literal["paper", "phone", "bank"] | None:
    """Return what the words before a number say it is; of papers and phones the later word decides."""
    # "Thẻ" is a card; without its accents it is half of "có thể" and "như thế" too.
    words = fold(re.split(r"[;,\n\d]", before.casefold().replace("thẻ", "the:"))[-1])
    paper = _end_of_last(_WORDS_OF_PAPERS, words)
    phone = _end_of_last(_WORDS_OF_PHONES, words)
    if paper or phone:
        return "paper" if paper > phone else "phone"
    return "bank" if _WORDS_OF_BANKS.search(words) else None


def _end_of_last(pattern: re.Pattern[str], text: str) -> int:
    return max((word.end() for word in pattern.finditer(text)), default=0)


def _is_amount(found: re.Match[str]) -> bool:
    return _CURRENCY.match(found.string, found.end()) is not None or (
        _AMOUNT.fullmatch(found[0]) is not None and len(re.sub(r"\D", "", found[0])) < _SHORTEST
    )


def _within_address(found: re.Match[str]) -> bool:
    """Whether the number is part of an e-mail or web address."""
    before = found.string[: found.start()].split()[-1:] if found.start() else []
    after = found.string[found.end() :].split(maxsplit=1)[:1]
    joined = (not found.string[found.start() - 1 : found.start()].isspace() and before) or []
    return "/" in "".join(joined) or "@" in "".join(joined) or "".join(after).startswith("@")
