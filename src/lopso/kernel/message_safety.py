"""Content that texts to learners must not have, as scams do: links, money, identity papers, slogans.

Text is checked where it is typed (the name of a place, a reason) and once more where a message is composed;
that is why this stands below all rooms. Texts are sent without accents, so both ways of writing are
recognised; but a word without accents may be many words ("thanh toan" is a payment and a bridge), and a
capitalised word may be a name.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import fold, word_key

UnsafeContent = Literal["link", "money", "papers", "slogan"]


def unsuitable(text: str) -> str | None:
    """Why `text` must not go to a learner, as a sentence; None when it may."""
    match unsafe_content(text):
        case "link":
            return _("Tin gửi người học không được có đường dẫn.")
        case "money":
            return _("Tin gửi người học không được nói đến tiền, quà, tài khoản hay mật khẩu.")
        case "papers":
            return _("Tin gửi người học không được nhắc đến giấy tờ tùy thân hay mã xác nhận.")
        case "slogan":
            return _("Tin gửi người học không được có khẩu hiệu hay dấu chấm than.")
        case None:
            return None


@lru_cache(maxsize=4096)  # a ward's texts name the same few places over and over
def unsafe_content(text: str) -> UnsafeContent | None:
    """What `text`, with or without accents, has in it that texts must not have."""
    seen = _as_read(text)
    if _has_link(seen):
        return "link"
    words = _words(seen)
    marked = any(not word.bare for word in words)
    innocent = {at for start, length in _found(words, _INNOCENT) for at in range(start, start + length)}
    judged = [word for at, word in enumerate(words) if at not in innocent]
    if _AMOUNT.search(seen) or _says(judged, _MONEY, _MONEY_OR_NAME, _MONEY_WORDS, marked=marked):
        return "money"
    if _says(judged, _PAPERS, _PAPERS_OR_NAME, (), marked=marked):
        return "papers"
    bare = fold(seen)
    return "slogan" if "!" in seen or any(slogan in bare for slogan in _SLOGANS) else None


def _as_read(text: str) -> str:
    """`text` as an eye sees it: wide and fancy letters plain, nothing that is not seen."""
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf" and char not in _UNSEEN)
    seen = unicodedata.normalize("NFKC", seen).replace("。", ".")
    return "".join(" " if char.isspace() else char for char in seen if char.isprintable() or char.isspace())


_UNSEEN = frozenset("\u034f\u115f\u1160\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10))))


# --- Links: by their shape ---

_ADDRESS = re.compile(r"(?<![\w.-])((?:[\w-]+\.)+)([^\W\d_]{2,24})(?!\w)(/\S)?")
_IP = re.compile(r"(?<![\d.])[1-9]\d{0,2}(?:\.\d{1,3}){3}(?!\.?\d)")
_ENDINGS = (
    "vn|com|net|org|info|edu|gov|app|xyz|link|click|shop|online|site|store|club|biz|asia|vip|live|page|web"
)
_WRITTEN_APART = re.compile(
    rf"\b(?:https?|ftp|hxxps?)\s*:|://|\bwww\b|\bbit\W{{0,3}}ly\b|\bgoo\W{{0,3}}gl\b|\btinyurl\b"
    rf"|\w\s+\.\s*(?:{_ENDINGS}|ly|gl|io|me)\b|\w\.\s+(?:vn|com|net|org)\b"
    r"|\b(?:chấm|cham|dot)\s+(?:vn|com|net|org)\b|\b(?:com|net|org|gov|edu)\s+vn\b",
    re.IGNORECASE,
)
_ENDING = re.compile(_ENDINGS, re.IGNORECASE)
# What people write with a full stop and no space: "TT.GDTX", "P.Kim Long", "ThS.Lan".
_SHORT = re.compile(
    "p|x|q|h|k|tp|tt|tx|tdp|kp|kdc|ubnd|hdnd|mttq|nvh|nshcd|ht|th|thcs|thpt|gdtx|gdnn|htcd|tthtcd|mn|ktx|bv|tyt|cs|"
    "ts|ths|gs|pgs|bs|ds|ks|cn|ct|pct|bt|bch|clb|d|dg|ng|kqh|dt"
)
_NUMBER_OR_TIME = re.compile(r"\d+(?:h|g)?\d*", re.IGNORECASE)


def _has_link(text: str) -> bool:
    if _WRITTEN_APART.search(text):
        return True
    if any(all(int(part) < 256 for part in ip[0].split(".")) for ip in _IP.finditer(text)):
        return True
    return any(_is_address(each[1].split(".")[-2], each[2], each[3]) for each in _ADDRESS.finditer(text))


def _is_address(before: str, ending: str, path: str | None) -> bool:
    """Whether "before.ending" leads somewhere, rather than being a short form or two sentences."""
    if not ending.isascii():
        return False
    if _ENDING.fullmatch(ending):
        return True
    if _SHORT.fullmatch(fold(before)) or _NUMBER_OR_TIME.fullmatch(before):
        return False
    if path is not None:
        return True
    return before.isascii() and (ending.islower() or (ending.isupper() and before.upper() == before))


# --- Words ---


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    key: str  # letters and tone, wherever the tone is written
    plain: str
    joined: bool  # to the word before, by a space or a hyphen
    opens: bool  # the text, or a sentence

    @property
    def bare(self) -> bool:
        """Typed without accents; perhaps it has none."""
        return self.plain == self.text.casefold()

    @property
    def like_a_name(self) -> bool:
        return self.text[:1].isupper() and not self.text.isupper()


_WORD = re.compile(r"\w+")


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    end = 0
    for each in _WORD.finditer(text):
        between = text[end : each.start()]
        words.append(
            _Word(
                each[0],
                word_key(each[0].casefold()),
                fold(each[0]),
                bool(words) and not between.strip(" -_/"),
                not words or between.strip()[-1:] in (".", "?", "!", ":"),
            )
        )
        end = each.end()
    return words


_Phrases = dict[str, list[Sequence[tuple[str, str]]]]  # by the plain form of the first word


def _phrases(text: str) -> _Phrases:
    found: _Phrases = {}
    for phrase in re.split(r"[,\n]", text):
        if words := phrase.split():
            keys = [(word_key(word), fold(word)) for word in words]
            found.setdefault(keys[0][1], []).append(keys)
    return found


def _found(words: Sequence[_Word], phrases: _Phrases) -> Iterator[tuple[int, int]]:
    """Where phrases stand, and how many words they have; each word right with its accents, or bare."""
    for start, first in enumerate(words):
        for phrase in phrases.get(first.plain, ()):
            said = words[start : start + len(phrase)]
            if (
                len(said) == len(phrase)
                and all(word.joined for word in said[1:])
                and all(
                    word.key == key or (word.bare and word.plain == plain)
                    for word, (key, plain) in zip(said, phrase, strict=True)
                )
            ):
                yield start, len(phrase)


def _says(
    words: Sequence[_Word],
    sure: _Phrases,
    or_name: _Phrases,
    alone: Iterable[str],
    *,
    marked: bool,
) -> bool:
    """Whether any of these stands there.

    Args:
        sure: phrases that are nothing else, in any case, with accents or without.
        or_name: phrases that without accents may be a name: "thu tien", but not "Thu Tien".
        alone: words that say it by themselves, in lower case and in a text with accents only.
    """
    if any(True for _found_one in _found(words, sure)):
        return True
    for start, length in _found(words, or_name):
        said = words[start : start + length]
        if not (all(word.bare for word in said) and all(word.like_a_name for word in said)):
            return True
    if not marked:
        return False
    keys = set(alone)
    return any(
        word.key in keys
        and (word.text.islower() or (word.opens and word.key in _NO_NAMES and _goes_on(words, at)))
        for at, word in enumerate(words)
    )


def _goes_on(words: Sequence[_Word], at: int) -> bool:
    """Whether a sentence begins here, rather than a name: "Quà cho bà con", "Phí Thị Lan"."""
    return at + 1 < len(words) and words[at + 1].joined and words[at + 1].text.islower()


def _keys(text: str) -> frozenset[str]:
    return frozenset(word_key(word) for word in text.split())


_MONEY_WORDS = _keys("tiền thưởng quà trúng phí vay nợ thẻ tặng")
_NO_NAMES = _keys("tiền quà phí thẻ tặng nợ")
_MONEY = _phrases("""
    chuyển khoản, tài khoản, số tài khoản, stk, ngân hàng, ví điện tử, momo, zalopay, vnpay, paypal, bitcoin
    chuyenkhoan, taikhoan, nganhang, khuyenmai, matkhau, mật khẩu, mã pin, otp, password, vnđ, vnd, usd
    nhận tiền, gửi tiền, gởi tiền, nộp tiền, nạp tiền, rút tiền, chuyển tiền, trả tiền, vay tiền, số tiền
    tiền mặt, tiền thưởng, tiền cọc, đặt cọc, hoàn tiền, hoàn thuế, nộp thuế, trợ cấp, nộp phạt, phạt nguội
    trúng thưởng, trúng giải, lãi suất, nhận thưởng, giải thưởng, nhận quà, tặng quà, phát quà, trao quà
    phần quà, khuyến mãi, khuyến mại, ưu đãi, lì xì, lỳ xì, giảm giá, voucher, coupon, vay vốn, cho vay
    trả nợ, học phí, miễn phí, nộp phí, mất phí, phí dịch vụ, thẻ ngân hàng, thẻ tín dụng, thẻ cào
    thẻ atm
""")
_MONEY_OR_NAME = _phrases("thanh toán, thu tiền, phần thưởng, thưởng nóng, đóng phí, thu phí, lệ phí")
_PAPERS = _phrases("""
    cccd, cmnd, căn cước, chứng minh thư, chứng minh nhân dân, sổ hộ khẩu, giấy tờ tùy thân
    mã xác nhận, mã xác thực, mã bảo mật, mã số thuế
""")
_PAPERS_OR_NAME = _phrases("hộ chiếu")
# Our own paper, parts of houses, and what has only a word in common with money.
_INNOCENT = _phrases("""
    thẻ học viên, mặt tiền, tiền sảnh, tiền đường, tiền đình, tiền phương, tiền tuyến, tiền thân, tiền lệ
    tiền sử, tiền nhiệm, tiền bối, tiền đạo, lãng phí, hàng quà, quà vặt, quà sáng, trúng ngày, trúng lịch
    trúng giờ, trúng buổi, trúng vào, trúng dịp, trúng lễ, trúng tết, trúng mùa, trúng bão
    cầu ngói thanh toàn, chợ thanh toàn, làng thanh toàn, thôn thanh toàn
""")
_SLOGANS = ("khong ai bi bo lai", "binh dan hoc vu so", "chung tay", "huong ung", "quyet tam", "nhiet liet")

_COUNTED = r"(?:chí|nghiệp|bào|đội|môn|hương|hao|niên|hồ|phục)"
# In lower case only: "35 Triệu Quang Phục", "tổ 5 Đồng Di", "12K Lê Lợi" are addresses. Without accents
# "dong" and "d" are money only after thousands.
_AMOUNT = re.compile(
    rf"\d\s?(?:đồng(?!\s+{_COUNTED}\b)|đ|nghìn|ngàn|triệu|tỷ|tỉ|k|nghin|ngan|trieu)\b"
    r"|\d{1,3}(?:[.,]\d{3})+\s?(?:dong|d)\b|\d{4,}\s?(?:dong|d)\b|\d\s?ty\s+dong\b|\d0\s?[kK]\b"
    r"|\b(?:mươi|muoi|chục|chuc|trăm|tram|một|mot|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười|vài|mấy)"
    r"\s+(?:nghìn|nghin|ngàn|triệu|trieu|tỷ|tỉ)\b"
    r"|\d\s?(?:(?i:vn[dđ]|usd))\b|[$€£₫¥]"
)
