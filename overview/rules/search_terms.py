"""What was typed into the search of the header."""

import re
from dataclasses import dataclass
from datetime import date

from competency.rules import read_serial
from lopso.kernel.parsing import read_date
from lopso.kernel.person_names import tidy_name
from lopso.kernel.text import fold, half_width, nfc

LONGEST = 80  # characters; what is typed beyond is not looked at
_NUMBER = re.compile(r"\+?[\d\s.\-()]{3,}")
_FEWEST_DIGITS = 3
_DAY = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?(?!\d)", re.ASCII)
_SERIAL_BEGINS = re.compile(r"[0-9A-HJKMNP-TV-Z]{4,16}")


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What was typed, read in every way in which it may be meant.

    Attributes:
        name: a name in folded form, without a form of address before it ("bà Hoa" is "hoa").
        accented: the same in lower case as typed: hits that have it come before others.
        words: all words, folded, without the day.
        day: "24/11" or "24/11/2026", anywhere among the words.
        phone: beginning of a number in E.164.
        last_digits: the end of a number.
        serial: beginning of a certificate's serial, in the alphabet of serials.
    """

    name: str
    accented: str
    words: tuple[str, ...]
    day: date | None = None
    phone: str | None = None
    last_digits: str | None = None
    serial: str | None = None

    @property
    def given_name_first(self) -> str | None:
        """The last word before the others: "le hoa" as "hoa le"; None for a single word."""
        words = self.name.split()
        return " ".join([words[-1], *words[:-1]]) if len(words) > 1 else None


def read_terms(typed: str, *, today: date) -> SearchTerms:
    """Read what was typed; never raises.

    Args:
        today: in Huế; a day without a year is the nearest one to it.
    """
    text = " ".join(half_width(nfc(typed[:LONGEST])).split())
    day, rest = _day(text, today)
    name = tidy_name(rest).name or rest
    phone, last_digits = _number(text)
    return SearchTerms(
        name=fold(name),
        accented=name.lower(),
        words=tuple(re.findall(r"[a-z0-9]+", fold(rest))),
        day=day,
        phone=phone,
        last_digits=last_digits,
        serial=_serial(text),
    )


def _day(text: str, today: date) -> tuple[date | None, str]:
    """The day in `text`, and the rest of it."""
    whole = read_date(text)
    if whole is not None:
        return whole, ""
    found = _DAY.search(text)
    if found is None or _NUMBER.fullmatch(text.replace(found[0], "").strip() or "x"):
        return None, text
    day = _nearest(found, today)
    rest = " ".join((text[: found.start()] + " " + text[found.end() :]).split())
    return (day, rest) if day is not None else (None, text)


def _nearest(found: re.Match[str], today: date) -> date | None:
    years = [int(found[3])] if found[3] else [today.year - 1, today.year, today.year + 1]
    days: list[date] = []
    for year in years:
        try:
            days.append(date(year, int(found[2]), int(found[1])))
        except ValueError:
            continue
    return min(days, key=lambda each: abs(each - today), default=None)


def _number(text: str) -> tuple[str | None, str | None]:
    """A number as the beginning of an E.164 number and as the end of one."""
    digits = re.sub(r"\D", "", text)
    if not _NUMBER.fullmatch(text) or not _FEWEST_DIGITS <= len(digits) <= 13:
        return None, None
    if digits.startswith("84") and (text.startswith("+") or len(digits) > 9):
        national = digits[2:].removeprefix("0")
    else:
        national = digits.removeprefix("0084").removeprefix("0")
    return f"+84{national}", digits if len(digits) <= 9 else national


def _serial(text: str) -> str | None:
    """The beginning of a serial: at least four characters and a digit among them; or a whole one."""
    whole = read_serial(text)
    if whole is not None:
        return whole
    bare = re.sub(r"[\s.\-–—_]", "", text).upper()
    return bare if _SERIAL_BEGINS.fullmatch(bare) and any(map(str.isdigit, bare)) else None
